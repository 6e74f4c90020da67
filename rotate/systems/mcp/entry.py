"""The key in one server of one client: replaced in its file, every other byte left as it was, read back, compared.

The client's settings are read as they are (JSON with comments whatever the file is called). What does not parse, what
git keeps, a server without a key, two that may be meant, and a reference in place of a key are refused before a key is
issued. Claude Code and others write their file themselves while they run: what they wrote since is read again, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from typing import NamedTuple

from rotate.address import Address
from rotate.edit import disk
from rotate.edit.disk import Original
from rotate.edit.formats import format_of, replaced, slots
from rotate.edit.slot import Slot
from rotate.edit.tracked import refuse_tracked
from rotate.edit.trouble import Absent, Changed, shown
from rotate.errors import DestinationError, Refused, RotateError, listed, one_line
from rotate.machine import Machine, this_machine
from rotate.means import Means
from rotate.ports import Hindered
from rotate.protocol.facts.destination import DestinationFacts
from rotate.secret import Secret
from rotate.service.readable import Readable, Stored
from rotate.systems.mcp.address import FOLDER, of_project
from rotate.systems.mcp.clients import BY_KIND
from rotate.systems.mcp.servers import PACKAGE, Held, Server, servers

URL = "https://mcp.neon.tech/mcp"
# Of the shape of a key: whether one fits is tried in memory before any is issued.
SAMPLE = Secret("napi_" + "a" * 64)


class Spot(NamedTuple):
    """A server in a file, as it was read."""

    original: Original
    server: Server


class Entry(Readable):
    """Implements `ports.Destination`. `machine`: where the files are."""

    waits = (0.0,)

    def __init__(self, address: Address, means: Means, machine: Machine | None = None) -> None:
        super().__init__(str(address), means)
        self.client, self._server = BY_KIND[address.where], address.name
        self._project = of_project(address)
        self._container = self.client.servers(project=self._project, folder=address.options.get(FOLDER, ""))
        self._machine = machine or this_machine(means.environment)
        self._lock = means.once("file", Lock)
        self._spot: Spot | None = None
        self._others: list[str] = []
        self._shown, self._wrote = "", False

    def observe(self) -> DestinationFacts:
        """Read it, and see that the file may be replaced, that git does not keep it, and that a key fits there.

        Raises:
            Refused: the server is not there (a client is told of one by hand, or by `neon mcp`), or one of these fails.
        """
        facts = super().observe()
        if self._spot is None:
            raise self._absent(Refused)
        original = self._spot.original
        disk.require(original)
        refuse_tracked(self.name, original.real)
        self._edited(self._spot, SAMPLE)
        if original.shown and self._machine.platform != "win32":
            self._shown = f"{original.mode:04o}"
        return facts

    def read(self) -> Stored | None:
        """Read it. Raises `Refused` where the file cannot be read, or nothing tells which key is meant."""
        self._spot = self._find()
        if self._spot is None:
            return None
        held = self._held(self._spot)
        user, group = self._spot.original.owner
        mode = f"{self._spot.original.mode:04o}"
        flags = {"the text around the key": held.around, "mode": mode, "owner": user, "group": group}
        return Stored(None if held.refers else held.secret, flags, held.refers)

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Replace the key; once more where the file was written by somebody else meanwhile."""
        with self._lock:
            try:
                self._replace(secret, over, hindered)
            except Changed:
                self._replace(secret, over, hindered)
        self._wrote = True

    def cautions(self) -> Iterator[RotateError]:
        """Say what a person should know of the file, and how the client takes its new key, once it was used."""
        if self._shown and self._spot:
            yield shown(self.name, self._spot.original.path, self._shown)
        if self._wrote:
            yield Refused(
                "restart-by-hand",
                f"{self.name} has the new key. {self.client.title}, where it runs, goes on with the key before.",
                self.client.restart,
            )

    def _replace(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        spot = self._find()
        if spot is None:
            raise self._absent(DestinationError)
        if over is None or self._held(spot).secret != over.value:
            raise DestinationError(
                "destination-changed",
                f"Somebody else wrote {self.name} after this run read it. That was not overwritten.",
                "Find out who writes there, then run this again.",
            )
        data = self._edited(spot, secret)
        if why := hindered and hindered():
            raise why
        disk.replace(spot.original, data)

    def _edited(self, spot: Spot, secret: Secret) -> bytes:
        """Give the file with another key."""
        held, original = self._held(spot), spot.original
        return replaced(original.data, format_of(original.path), held.slot, held.text(secret))

    def _find(self) -> Spot | None:
        """Find the server, whichever of the client's files it is in. Raises `Refused`."""
        found, self._others = list[Spot](), []
        for path in self.client.files(self._machine, project=self._project):
            try:
                original = disk.read(path)
            except Absent:
                continue
            every = servers(_slots(original, self.name), self._container)
            self._others += every
            found += [Spot(original, one) for one in every.values() if self._means_it(one)]
        if len(found) > 1:
            named = [f"`#{one_line(spot.server.name)}` in {one_line(str(spot.original.path))}" for spot in found]
            raise Refused(
                "destination-ambiguous",
                f"{self.name} may mean either of several servers: {listed(named)}. Nothing was changed there.",
                "Name the server behind `#`, each as an address of its own. Of one name in two files, remove one.",
            )
        return found[0] if found else None

    def _means_it(self, server: Server) -> bool:
        return server.name == self._server if self._server else server.neons

    def _held(self, spot: Spot) -> Held:
        """Give where the server holds its key. Raises `Refused` where that is nowhere, or in several places."""
        held, path = spot.server.held, one_line(str(spot.original.path))
        if not held:
            where = ".".join((*self._container, spot.server.name, self.client.headers, "Authorization"))
            raise Refused(
                "mcp-no-key",
                f"{self.name} holds no key: the server `{one_line(spot.server.name)}` in {path} logs in by itself "
                "(OAuth), or the key lies somewhere else. It was left as it is.",
                f"Remove this destination. If the client is to use a key, give it one, as `Bearer <key>` at\n\n"
                f"    {one_line(where)}",
            )
        if len(held) > 1 and not held[0].refers:
            named = [f"line {one.slot.line} ({_path(one.slot)})" for one in held]
            raise Refused(
                "destination-ambiguous",
                f"{self.name} holds a key in {len(held)} places of {path}: {listed(named)}. Nothing was changed there.",
                "Leave one of them: the client uses one key for a server.",
            )
        if not held[0].refers and not spot.server.neons and not held[0].shaped:
            raise Refused(
                "mcp-not-neons",
                f"{self.name} is no server of Neon's, as far as {path} tells: its URL is not on mcp.neon.tech, it does "
                f"not run {PACKAGE}, and what it logs in with has not the shape of a key. Nothing was changed there.",
                "Name Neon's server behind `#`, or none: it is then found by its URL.",
            )
        return held[0]

    def _absent(self, kind: type[RotateError]) -> RotateError:
        files = [one_line(str(path)) for path in self.client.files(self._machine, project=self._project)]
        what = f"no server `{one_line(self._server)}`" if self._server else f"no server of {URL}"
        others = f" It has {listed([f'`{one_line(name)}`' for name in self._others])}." if self._others else ""
        return kind(
            "destination-absent",
            f"{self.name} is not there: {self.client.title} has {what} in {' or '.join(files)}.{others} None is "
            "created by this program. Nothing was changed there.",
            "Correct the name behind `#`, or remove this destination. Neon's CLI adds a server (`neon mcp`); by hand "
            f"it has `{self.client.url}: {URL}` and the key in `{self.client.headers}.Authorization`.",
        )


def _path(slot: Slot) -> str:
    return one_line(".".join(map(str, slot.path)))


def _slots(original: Original, name: str) -> tuple[Slot, ...]:
    """Find the texts of a file. Raises `Refused` where it does not parse: its client reads none of it either."""
    try:
        return slots(original.data, format_of(original.path))
    except RotateError as error:
        raise Refused(
            error.reason,
            f"{name} lies in {one_line(str(original.path))}. {error.message}",
            "Mend the file, which its client cannot read either, and run this again.",
        ) from None
