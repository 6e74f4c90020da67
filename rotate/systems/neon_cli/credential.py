"""What the credential of a profile says, and how its key is replaced so that every other byte stays.

Sources: npm `neon` 6.2.3, `credentials.ts` and `retire_credential.ts`. An object without `type`, or of the type
`oauth`, is a browser login. One of the type `api_key` holds the key, which the CLI trims, and may hold `key_id`: where
that is a number, `neon profile rotate-key`, `remove` and `create` revoke the key of this id. So the old key's id must
not stay beside the new key: the CLI would try to revoke the dead one, and leave the new one alive. Without an id the
CLI revokes nothing and says so: one that was not there is not added.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from rotate.edit.formats import replaced, slots
from rotate.edit.slot import Slot
from rotate.errors import Refused
from rotate.secret import Secret
from rotate.systems.neon_cli.words import parsed, unreadable

_ID = re.compile(rb'(?<="key_id")(\s*:\s*)(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)')


class Credential(NamedTuple):
    """What it says. `key_id`: as it stands beside the key; `None` where the CLI would take none. `line`: of the key.
    `beside`: all but the key and its id."""

    key: Secret
    key_id: int | float | None
    line: int
    beside: dict[str, Any]

    @property
    def shown_id(self) -> str:
        """Give the id as a text; empty where there is none."""
        return "" if self.key_id is None else str(self.key_id)


def judged(data: bytes, profile: str, what: str) -> Credential:
    """Read a credential.

    Raises:
        Refused: it is a browser login, or the CLI itself would not take it.
    """
    found = parsed(data, what)
    kind = found.pop("type", "oauth")
    if kind == "oauth":
        raise _login(profile, what)
    if kind != "api_key":
        raise unreadable(what, "it has a `type` other than `api_key` and `oauth`")
    value = found.pop("api_key", None)
    if not (isinstance(value, str) and value.strip()):
        raise unreadable(what, "it has no text `api_key`")
    key_id = found.pop("key_id", None) if _number(found.get("key_id")) else None
    return Credential(Secret(value.strip()), key_id, _slot(data, what).line, found)


def renewed(data: bytes, secret: Secret, key_id: int | None, profile: str, what: str) -> bytes:
    """Give the credential with another key, and with its id where it had one. All else is as it was, byte for byte.

    Raises:
        Refused: as `judged`; or an id stands beside the key, and that of the new key is not known.
    """
    before = judged(data, profile, what)
    after = replaced(data, "json", _slot(data, what), secret.reveal())
    if before.key_id is None:
        return after
    if key_id is None:
        raise _nameless(what)
    wanted = Credential(secret, key_id, before.line, before.beside)
    numbers = [after[: one.start(2)] + b"%d" % key_id + after[one.end(2) :] for one in _ID.finditer(after)]
    for text in numbers:  # a neighbour may have an object with an id of its own
        if judged(text, profile, what) == wanted:
            return text
    raise unreadable(what, "its `key_id` cannot be told from what stands around it")


def _slot(data: bytes, what: str) -> Slot:
    """Give the place of the key: of one name that stands there twice, readers disagree which counts."""
    found = [one for one in slots(data, "json") if one.path == ("api_key",)]
    if len(found) != 1:
        raise unreadable(what, "`api_key` stands in it twice")
    return found[0]


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _login(profile: str, what: str) -> Refused:
    return Refused(
        "neon-profile-of-login",
        f"{what} holds a browser login (OAuth), and no API key. It was left alone: the Neon CLI renews such a login "
        "itself.",
        f"Take neon-cli://{profile} out of the destinations. If the profile is to hold the key, sign it over once:\n\n"
        f"    neon profile create {profile} --api-key -\n\nIf the login itself is exposed, end it by `neon profile "
        f"remove {profile}`, which revokes it, and sign in again.",
    )


def _nameless(what: str) -> Refused:
    return Refused(
        "neon-profile-key-id-unknown",
        f"{what} holds the key's id beside the key, and the id of the key that is to be written is not known. The id "
        "of another key beside it would make the Neon CLI revoke that one. Nothing was changed there.",
        "Say which key the value is, by its id at Neon (`neon api-keys list`):\n\n    old_key_id: …",
    )
