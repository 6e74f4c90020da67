"""How large this process, or the largest that it started, has been, in kB."""

from __future__ import annotations

import resource
from pathlib import Path


def own() -> int:
    """Read the kernel's high-water mark; what wait4(2) tells of a process may be its parent's, before exec."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0])


def of_children() -> int:
    """Give what wait4(2) told of the children. A child counts as large as this process was when it was started."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
