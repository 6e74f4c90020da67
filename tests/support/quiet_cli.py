"""The command line, which does not knock."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from rotate.frontends.cli import main
    from rotate.run import drawing

    vars(drawing)["drawn"] = tuple
    sys.exit(main())
