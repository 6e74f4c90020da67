"""The toy without all that a system may lack: it keeps no note, and lists nothing."""

from __future__ import annotations

from dataclasses import replace

from tests.toy import system

SYSTEM = replace(system.SYSTEM, kind="bare", options=("side", "colour"), notebook=None, find=None)
