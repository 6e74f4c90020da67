"""Print one table of what was measured and what the limit is; fail over any limit."""

from __future__ import annotations

import os
import sys

from bench import container, keys, measure

ROUNDS = 25
CONTAINERS = 15


def main() -> int:
    """Measure everything and judge it."""
    product, yardstick = measure.start_up(ROUNDS)
    rows = [
        ("round trips in sequence to the old key dead", float(measure.round_trips()), 9.0, ""),
        ("CPU to the first request", product, 0.35, "s"),
        ("the same, over importing httpx alone", product / yardstick, 1.3, "x"),
        ("peak memory of a rotation", measure.peak_memory(), 80.0, "MB"),
        (f"CPU among {keys.MANY:,} keys, beyond that of one", keys.cpu_more(), 0.6, "s"),
    ]
    if container.available():
        rows.append(("container to the first request, beyond a bare one", container.beyond_bare(CONTAINERS), 0.5, "s"))
    elif os.environ.get("REQUIRE_DOCKER") == "1":
        print("no engine has the image: make container-test builds it")
        return 1
    worst = max(len(name) for name, *_ in rows)
    for name, value, limit, unit in rows:
        verdict = "ok" if value <= limit else "OVER"
        print(f"{name:<{worst}}  {value:7.2f} {unit:<2}  at most {limit:g} {unit:<2}  {verdict}")
    return int(any(value > limit for _, value, limit, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
