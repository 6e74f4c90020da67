"""`python -m rotate.sandbox`: the pretend world by itself."""

import sys

from rotate.sandbox.command import main

sys.exit(main(None, sys.stdout))
