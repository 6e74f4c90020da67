"""Neon is asked whether found values live. Reads only; a value is sent to Neon and to nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.model import Dead, Identity, Liveness, Scope
from rotate.secret import Secret
from rotate.settings.model import Settings
from rotate.systems.neon import api_key
from rotate.systems.neon.api_key import NeonApiKeys
from rotate.wire.together import together


@contextmanager
def neon(settings: Settings, means: Means) -> Iterator[NeonApiKeys]:
    """Open the way to Neon, to identify values of any scope."""
    source = api_key.build(settings.api_host, means.clock, Scope.PERSONAL, None, None, means.network)
    try:
        yield source
    finally:
        source.close()


def liveness(source: NeonApiKeys, values: Iterable[Secret]) -> Mapping[str, Liveness]:
    """Ask for each value once; by fingerprint. What Neon did not answer is unknown."""
    each = list({value.fingerprint: value for value in values}.values())
    answers = together(*(partial(source.identify, value) for value in each))
    return {value.fingerprint: _of(answer) for value, answer in zip(each, answers, strict=True)}


def names(settings: Settings, means: Means) -> Mapping[int, str]:
    """Give what Neon calls the live keys that the value at hand may list; nothing where it may not."""
    if not settings.api_key:
        return {}
    reach = settings.scope, settings.org_id, settings.project_id
    source = api_key.build(settings.api_host, means.clock, *reach, means.network)
    try:
        return {key.key_id: key.name for key in source.list_keys(settings.api_key)}
    except RotateError:
        return {}
    finally:
        source.close()


def _of(answer: Identity | Dead | RotateError) -> Liveness:
    if isinstance(answer, RotateError):
        return Liveness.UNKNOWN
    return Liveness.DEAD if isinstance(answer, Dead) else Liveness.ALIVE
