"""The entry point without a knock, which comes once in a lineage's life: `bench` measures a routine rotation."""

from __future__ import annotations

import sys

from rotate.frontends import action
from rotate.run import drawing

if __name__ == "__main__":
    vars(drawing)["drawn"] = tuple
    sys.exit(action.main())
