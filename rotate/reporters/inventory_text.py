"""The inventory as a table of text, for a terminal or a log, which shows at most so many keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from rotate.protocol.story.holdings import Holdings

HEAD = ("id", "name", "kind", "account", "age", "last used", "made", "covered by", "findings")
MOST_ROWS = 200


def lines(holdings: Holdings) -> Iterator[str]:
    """Give the findings with how often each was made, then each key, the riskiest first."""
    for finding in holdings.finding_rows():
        yield f"  {'  '.join(finding)}"
    rows = [HEAD, *islice(holdings.rows(), MOST_ROWS)]
    # The last column is as wide as it is.
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD) - 1)]
    for row in rows if len(rows) > 1 else ():
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield f"  {'  '.join([*cells, row[-1]])}"
    left = len(holdings.keys) - MOST_ROWS
    if left > 0:
        yield f"  … and {left:,} more, which the JSON report has."
