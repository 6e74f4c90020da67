"""What GitHub makes of the expressions of a workflow, as far as ours uses them (docs: *Expressions*).

`&&` and `||` give one of their operands, as in JavaScript; what is not there is an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

Value: TypeAlias = "str | bool"
Look: TypeAlias = Callable[[str], Value]

WHOLE = re.compile(r"\$\{\{(.*)\}\}", re.DOTALL)
TOKENS = re.compile(r"&&|\|\||==|!=|!|\(|\)|,|'[^']*'|[\w.]+")
FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "cancelled": lambda: False,
    "contains": lambda text, part: str(part) in str(text),
}


def value_of(text: object, look: Look) -> Value:
    """Give what a field of a workflow means. `look` gives what a name such as `needs.plan.result` stands for."""
    found = WHOLE.fullmatch(str(text).strip())
    if not found:
        return str(text).lower() if isinstance(text, bool) else str(text)
    reader = _Reader(TOKENS.findall(found[1]), look)
    value = reader.either()
    assert not reader.left, f"what follows is not understood: {reader.left}"
    return value


class _Reader:
    """Reads an expression from left to right; each method one level of precedence, loosest first."""

    def __init__(self, left: list[str], look: Look) -> None:
        self.left, self._look = left, look

    def either(self) -> Value:
        value = self._both()
        while self._next("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Value:
        value = self._compared()
        while self._next("&&"):
            other = self._compared()
            value = value and other
        return value

    def _compared(self) -> Value:
        value = self._one()
        for sign in ("==", "!="):
            if self._next(sign):
                return (value == self._one()) is (sign == "==")
        return value

    def _one(self) -> Value:
        if self._next("!"):
            return not self._one()
        if self._next("("):
            value = self.either()
            assert self._next(")")
            return value
        word = self.left.pop(0)
        if word.startswith("'"):
            return word[1:-1]
        return FUNCTIONS[word](*self._given()) if self._next("(") else self._look(word)

    def _given(self) -> list[Value]:
        given: list[Value] = []
        while not self._next(")"):
            given.append(self.either())
            self._next(",")
        return given

    def _next(self, token: str) -> bool:
        found = self.left[:1] == [token]
        if found:
            self.left.pop(0)
        return found
