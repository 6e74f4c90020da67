"""What the action's container starts."""

import sys

from rotate.frontends.action import main

if __name__ == "__main__":
    sys.exit(main())
