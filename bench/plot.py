"""Draw lines over two logarithmic axes, as SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, EDGE = 640, 400, 60
COLOURS = ("#888888", "#1a7f37", "#0969da", "#bf3989")
Points = Sequence[tuple[float, float]]


def draw(lines: Mapping[str, Points], across: str = "repositories", up: str = "seconds") -> str:
    """Give a picture of named lines; both axes count powers of ten."""
    every = [point for points in lines.values() for point in points]
    (left, right), (low, high) = (_powers([point[axis] for point in every]) for axis in (0, 1))

    def at(point: tuple[float, float]) -> tuple[float, float]:
        x = EDGE + (math.log10(point[0]) - left) / (right - left) * (WIDTH - 2 * EDGE)
        y = HEIGHT - EDGE - (math.log10(point[1]) - low) / (high - low) * (HEIGHT - 2 * EDGE)
        return round(x, 1), round(y, 1)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">']
    parts.append('<rect width="100%" height="100%" fill="white"/>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle" font-size="13">{across}</text>')
    parts.append(f'<text x="12" y="{EDGE - 24}" font-size="13">{up}</text>')
    for power in range(left, right + 1):
        x, y = at((10.0**power, 10.0**low))
        parts.append(f'<path d="M{x} {y}V{EDGE}" stroke="#dddddd"/>')
        parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle" font-size="11">{10**power:,}</text>')
    for power in range(low, high + 1):
        x, y = at((10.0**left, 10.0**power))
        parts.append(f'<path d="M{x} {y}H{WIDTH - EDGE}" stroke="#dddddd"/>')
        parts.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end" font-size="11">{10.0**power:g}</text>')
    for number, (name, points) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x},{y}" for x, y in map(at, points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(
            f'<text x="{EDGE + 12}" y="{EDGE + 16 + 18 * number}" fill="{colour}" font-size="13">{name}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _powers(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)
