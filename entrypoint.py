"""What the action's container starts."""

import sys

from rotate.frontends.action import main

sys.exit(main())
