"""The entry point with two settings that come from a policy file, given here as if they were inputs."""

from __future__ import annotations

import sys

from rotate.frontends.action import main
from rotate.settings import action_inputs

if __name__ == "__main__":
    vars(action_inputs)["INPUTS"] = (*action_inputs.INPUTS, "audit", "alert_issue")
    sys.exit(main())
