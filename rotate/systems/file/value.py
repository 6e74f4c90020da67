"""One value of a text file: found by a scanner of its format, replaced so that every other byte stays, read back.

A file that somebody else wrote while ours was prepared is read again once (`rotate.edit.disk`). A value that is not the
one which was read right before is somebody's, and is not overwritten. Two values of one file that are written at once
wait for each other.

Sources: dotenvx/dotenvx, src/cli/actions/set.js: without a value among its arguments `dotenvx set` asks for it, and
shows nothing; docs.ansible.com, *Ansible Vault*: `ansible-vault edit`, and `encrypt_string`, which asks too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from shlex import quote
from threading import Lock

from rotate.address import Address
from rotate.edit import disk
from rotate.edit.disk import Original
from rotate.edit.encrypted import DOTENVX, SOPS, VAULT, encrypted_by
from rotate.edit.formats import added, format_of, replaced, slots
from rotate.edit.slot import Slot
from rotate.edit.tracked import refuse_tracked
from rotate.edit.trouble import Changed, shown
from rotate.edit.where import path_of
from rotate.errors import DestinationError, Refused, RotateError
from rotate.machine import this_machine
from rotate.means import Means
from rotate.ports import Hindered
from rotate.protocol.facts.destination import DestinationFacts
from rotate.secret import Secret
from rotate.service.readable import Readable, Stored
from rotate.systems.file.address import FORMAT, located
from rotate.systems.file.sops import SEALED, Sops

# Of the shape of a key: whether one fits is tried in memory before any is issued.
SAMPLE = Secret("napi_" + "a" * 64)
ALLOW = "If it is meant to be there, say so in the policy file, beside `to:`\n\n    allow_tracked: true\n\n"


class FileValue(Readable):
    """Implements `ports.Destination`. `allow_tracked`: git may keep the file. `creates`: a missing name is added."""

    waits = (0.0,)

    def __init__(self, address: Address, means: Means, *, allow_tracked: bool = False, creates: bool = False) -> None:
        super().__init__(str(address), means)
        machine = this_machine(means.environment)
        self.path, self._platform = located(address, machine), machine.platform
        self._at = path_of(address.name)
        self._form = address.options.get(FORMAT) or format_of(self.path)
        self._sops = Sops(self.name, self._form, means.environment)
        self._lock = means.once("file", Lock)
        self._allow_tracked, self._creates = allow_tracked, creates
        self._shown, self._wrote = "", False

    def observe(self) -> DestinationFacts:
        """Read it, and see that the file may be replaced, that git does not keep it, and that a key fits there."""
        original = disk.read(self.path)
        facts = super().observe()
        disk.require(original)
        slot, by = self._slot(original)
        if not self._allow_tracked and not (by == SOPS and (slot is None or slot.value.startswith(SEALED))):
            refuse_tracked(self.name, original.real, ALLOW)
        if slot or self._creates:
            self._edited(original, SAMPLE)
        if original.shown and self._platform != "win32":
            self._shown = f"{original.mode:04o}"
        return facts

    def read(self) -> Stored | None:
        """Read the file; `None` where the name is not in it."""
        return self._stored(disk.read(self.path))

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Replace the value, or add the name; once more where the file was written by somebody else meanwhile."""
        with self._lock:
            try:
                self._write(secret, over, hindered)
            except Changed:
                self._write(secret, over, hindered)
        self._wrote = True

    def cautions(self) -> Iterator[RotateError]:
        """Say what a person should know of the file, once it was used."""
        file = quote(str(self.path))
        if self._shown:
            yield shown(self.name, self.path, self._shown)
        if self._wrote:
            yield Refused(
                "restart-by-hand",
                f"{self.name} has the new key. A program that read it when it started goes on with the key before.",
                f"Start whatever uses {file} anew before the key before is revoked, or soon where it was.",
            )

    def _write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        original = disk.read(self.path)
        stored = self._stored(original)
        if (stored.value if stored else None) != (over.value if over else None):
            raise DestinationError(
                "destination-changed",
                f"Somebody else wrote {self.name} after this run read it. That was not overwritten.",
                "Find out who writes there, then run this again.",
            )
        if stored and stored.value == secret:
            return
        data = self._edited(original, secret)
        if why := hindered and hindered():
            raise why
        disk.replace(original, data)

    def _edited(self, original: Original, secret: Secret) -> bytes:
        """Give the file with the new value."""
        slot, by = self._slot(original)
        if by == SOPS:
            return self._sops.sealed(original, self._at, secret)
        with self._named():
            if slot is None:
                return added(original.data, self._form, self._at, secret.reveal())
            return replaced(original.data, self._form, slot, secret.reveal())

    def _stored(self, original: Original) -> Stored | None:
        slot, by = self._slot(original)
        if slot is None:
            return None
        sealed = by == SOPS and slot.value.startswith(SEALED)
        value = self._sops.opened(original.real, self._at) if sealed else Secret(slot.value)
        user, group = original.owner
        flags = {"mode": f"{original.mode:04o}", "owner": user, "group": group}
        return Stored(value, flags, "" if sealed else slot.refers)

    def _slot(self, original: Original) -> tuple[Slot | None, str]:
        """Find the value, and what encrypts the file; refuse two of one name, and what only its own program writes."""
        with self._named():
            by = encrypted_by(original.data, self._form)
            if by in (DOTENVX, VAULT):
                raise self._foreign(original, by)
            found = [one for one in slots(original.data, self._form) if one.path == self._at]
        if len(found) > 1:
            lines = ", ".join(str(one.line) for one in found)
            raise Refused(
                "destination-ambiguous",
                f"{self.name} stands there {len(found)} times (lines {lines}). Nothing was changed there.",
                "Remove all but the one that counts.",
            )
        return (found[0] if found else None), by

    def _foreign(self, original: Original, by: str) -> Refused:
        file, last = quote(str(original.path)), quote(str(self._at[-1]))
        whole = original.data.lstrip(b"\xef\xbb\xbf").startswith(b"$ANSIBLE_VAULT;")
        how = {
            DOTENVX: f"dotenvx set {last} -f {file}",
            VAULT: f"ansible-vault edit {file}" if whole else f"ansible-vault encrypt_string --prompt --name {last}",
        }[by]
        return Refused(
            "file-encrypted",
            f"{by} encrypts the file of {self.name}, and alone can write there. Nothing was changed.",
            "Take this place out of the destinations, and keep the key where this program can write it. By hand (it "
            f"asks for the value, which must never be an argument: those stand in the shell's history):\n\n    {how}",
        )

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Say of which place it is told what is wrong with a text."""
        try:
            yield
        except Refused as error:
            if self.name in error.message:
                raise
            raise Refused(error.reason, f"{self.name}: {error.message}", error.remedy) from None
