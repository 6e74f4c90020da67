"""The entry point, which does not knock, with two settings of a policy file, given here as if they were inputs."""

from __future__ import annotations

import sys

from rotate.frontends.action import main
from rotate.run import drawing
from rotate.settings import action_inputs

if __name__ == "__main__":
    vars(drawing)["drawn"] = tuple
    vars(action_inputs)["INPUTS"] = (*action_inputs.INPUTS, "audit", "alert_issue")
    sys.exit(main())
