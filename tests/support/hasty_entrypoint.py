"""The entry point, whose threads take turns at every step."""

from __future__ import annotations

import sys

from rotate.frontends.action import main

if __name__ == "__main__":
    sys.setswitchinterval(1e-6)
    sys.exit(main())
