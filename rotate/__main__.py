"""`python -m rotate`: the command line."""

import sys

from rotate.frontends.cli import main

sys.exit(main())
