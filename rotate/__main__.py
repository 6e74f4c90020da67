"""`python -m rotate`: the command line."""

import sys

from rotate.frontends.cli import main

if __name__ == "__main__":
    sys.exit(main())
