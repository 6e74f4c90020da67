"""What `bench.scale` starts: the entry point, with time SPEED times as fast since SINCE."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench import peak
from bench.haste import Haste
from rotate.frontends import action
from rotate.run import drawing

if __name__ == "__main__":
    Haste(float(os.environ["SPEED"]), float(os.environ["SINCE"])).become()
    vars(drawing)["drawn"] = tuple  # a knock comes once in a lineage's life; this is to be a routine rotation
    code = action.main()
    Path(os.environ["PEAK"]).write_text(str(peak.own()))
    sys.exit(code)
