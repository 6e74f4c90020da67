"""Search a home folder of 200,000 files for keys, and tell how long that takes beside `grep -r` over the same files.

Both are started as processes of their own, in turns, with all files in the memory of the system; the least of the
rounds counts, since whatever else the machine does only adds to it. The program's time has its start and its report in
it.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import ROOT

FILES, IN_A_FOLDER, ROUNDS = 200_000, 50, 3
# Half of the files are below 2 KB, few are large, as in a home folder with checkouts; 1.1 GB in all.
MEDIAN, SPREAD, LARGEST = 1_800, 1.2, 60_000
MOST_TIMES, MOST_MEGABYTES = 2.0, 90.0
VALUE = "napi_sandbox" + "k" * 57
PEAK = (
    "import resource, sys\nfrom rotate.frontends.cli import main\ncode = main(['local', 'find'])\n"
    "print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\nsys.exit(code)"
)


def fill(home: Path, files: int) -> None:
    """Write the files, and a key into ten of them."""
    draw = random.Random(1)
    text = bytes(draw.choices(b"abcdefghijklmnopqrstuvwxyz     \n", k=1_000_000))
    for number in range(files):
        folder = home / f"project{number // 10_000}" / f"part{number // IN_A_FOLDER}"
        if number % IN_A_FOLDER == 0:
            folder.mkdir(parents=True)
        size, begin = min(int(draw.lognormvariate(0, SPREAD) * MEDIAN), LARGEST), draw.randrange(len(text) - LARGEST)
        (folder / f"file{number}.txt").write_bytes(text[begin : begin + size])
    for number in range(10):
        (home / f"project{number % max(files // 10_000, 1)}" / ".env").write_text(f"NEON_API_KEY={VALUE}\n")


def seconds(command: list[str], home: Path) -> tuple[float, str, str]:
    """Run a command, and give how long it took and what it told."""
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    return time.perf_counter() - began, done.stdout, done.stderr


def main(files: int = FILES) -> int:
    """Measure, print a line, and fail over the limits."""
    with tempfile.TemporaryDirectory(prefix="neon-rotate-home-") as folder:
        home = Path(folder)
        fill(home, files)
        ours, greps, megabytes = list[float](), list[float](), 0.0
        for _ in range(ROUNDS):
            took, found, _ = seconds(["grep", "-rl", "napi_", str(home)], home)
            greps.append(took)
            took, told, peak = seconds([sys.executable, "-c", PEAK], home)
            ours.append(took)
            megabytes = max(megabytes, int(peak.split()[-1]) / 1024)
            assert told.count("an environment file") == found.count(".env")
            assert VALUE not in told
    ratio = min(ours) / min(greps)
    print(f"{files:,} files  local find {min(ours):.2f} s  grep -r {min(greps):.2f} s  ratio {ratio:.2f} (at most 2)")
    print(f"peak memory {megabytes:.0f} MB (at most {MOST_MEGABYTES:g})")
    return int(ratio > MOST_TIMES or megabytes > MOST_MEGABYTES)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
