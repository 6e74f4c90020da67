"""One profile of the Neon CLI: the key in its credential is overwritten in place, with the key's id, and read back.

The CLI reads the credential anew with every command, and writes one of an API key only where a person says so.
"""

from __future__ import annotations

from rotate.address import Address
from rotate.edit.trouble import Changed
from rotate.errors import Refused
from rotate.machine import Machine, this_machine
from rotate.means import Means
from rotate.ports import Hindered
from rotate.protocol.facts.destination import DestinationFacts
from rotate.secret import Secret
from rotate.service.readable import Readable, Stored
from rotate.systems.neon_cli.credential import judged, renewed
from rotate.systems.neon_cli.folders import folders, spot
from rotate.systems.neon_cli.kept import Kept, kept, place


class Profile(Readable):
    """Implements `ports.Destination` and `ports.TakesKeyId`."""

    def __init__(self, address: Address, means: Means, machine: Machine | None = None) -> None:
        super().__init__(str(address), means)
        self._profile, self._asked = address.where, address.options.get("dir", "")
        self._machine = machine or this_machine(means.environment)
        self._key_id: int | None = None
        self._beside = ""

    def take_key_id(self, key_id: int) -> None:
        """Remember which key the next value is of."""
        self._key_id = key_id

    def observe(self) -> DestinationFacts:
        """Read it, and see that it could be replaced. Raises `Refused` where there is none, since it is the CLI's."""
        facts = super().observe()
        found, what = self._now()
        if found is None:
            raise self._absent(what)
        found.require()
        return facts

    def read(self) -> Stored | None:
        """Read the key, and what stands beside it."""
        found, what = self._now()
        if found is None:
            return None
        held = judged(found.data, self._profile, what)
        return Stored(held.key, held.beside, version=held.shown_id)

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Replace the key and its id at once; where somebody writes meanwhile, once more over what they wrote."""
        del over  # it is read again with what its file is compared with
        try:
            self._replace(secret, hindered)
        except Changed:
            self._replace(secret, hindered)

    def _replace(self, secret: Secret, hindered: Hindered | None) -> None:
        found, what = self._now()
        if found is None:
            raise self._absent(what)
        data = renewed(found.data, secret, self._key_id, self._profile, what)
        if why := hindered and hindered():
            raise why
        self._beside = judged(data, self._profile, what).shown_id
        found.replace(data)

    def _ours(self, found: Stored, *, taken: bool) -> bool:
        """The id beside the key must be the new key's too."""
        return super()._ours(found, taken=taken) and found.version == self._beside

    def _now(self) -> tuple[Kept | None, str]:
        """Read the credential, wherever it is now, and name the place."""
        where = spot(self._profile, folders(self._machine, self._asked))
        return kept(where, self._machine), place(where)

    def _absent(self, what: str) -> Refused:
        return Refused(
            "destination-absent",
            f"{what} does not exist, and only the Neon CLI creates one: it notes there what the key reaches. Nothing "
            "was written.",
            "Let it create the profile with the key that is in use, then run this again:\n\n"
            f"    neon profile create {self._profile} --api-key -",
        )
