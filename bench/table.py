"""The rows of `bench.scale`: what one run took, how it is told, and which of it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OURS = "neon-rotate"
DRAWN = {"least": OURS, OURS: OURS, "PyGithub's loop": "PyGithub", "a loop over gh secret set": "gh"}
# 10,000 repositories are for an installation in an Enterprise Cloud organization; 1,000 for any installation there.
HOURLY = {1000: 12_500, 10_000: 15_000}
MEMORY = {1000: 90.0, 10_000: 150.0}
NEAR = 1.05
HEAD = (
    "who           repositories  written  speed     wall s    least s  ratio  "
    "refused  requests each  peak MB  server ms"
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `written`: so many places hold another value than before."""

    who: str
    size: int
    speed: float
    written: int
    megabytes: float


@dataclass(frozen=True, slots=True)
class Row(Run):
    """What one run took, in seconds of the pretend world's; `server` in real milliseconds."""

    wall: float
    least: float
    refused: int
    requests: float
    server: float

    @property
    def over(self) -> bool:
        """Whether the program missed a goal. Below a minute its own start outweighs every limit."""
        whole = self.written == self.size and not self.refused
        near = self.wall <= NEAR * self.least or self.size not in HOURLY
        return self.who == OURS and not (whole and near and self.megabytes <= MEMORY.get(self.size, 90.0))

    def __str__(self) -> str:
        """Tell it below the head."""
        return (
            f"{self.who:<12}  {self.size:>12,}  {self.written:>7,}  {self.speed:>4g}x  {self.wall:>9,.1f}  "
            f"{self.least:>9,.1f}  {self.wall / self.least:>5.2f}  {self.refused:>7,}  {self.requests:>13.2f}  "
            f"{self.megabytes:>7.1f}  {self.server:>9.1f}{'  OVER' if self.over else ''}"
        )


def lines(rows: Sequence[Row]) -> Mapping[str, Sequence[tuple[float, float]]]:
    """Give what is drawn. A loop that left places as they were has no time in which it did the work."""
    found = {
        name: [
            (row.size, row.least if name == "least" else row.wall)
            for row in rows
            if row.who == who and row.written == row.size
        ]
        for name, who in DRAWN.items()
    }
    return {name: points for name, points in found.items() if points}
