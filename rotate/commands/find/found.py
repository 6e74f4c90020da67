"""What `find` found: every secret of a name, whoever owns it, and every workflow file that mentions it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from rotate.errors import counted
from rotate.protocol.facts.found import FoundSecret, Generation, Mention, Wanted, entries
from rotate.protocol.story.report import Inventory

ACTIONS = "actions"
TOLD = (Generation.CURRENT, Generation.PREVIOUS)


@dataclass(frozen=True, slots=True)
class Found:
    """Everything in reach. `repositories`: how many were looked at. `missing`: destinations where it was not seen."""

    wanted: Wanted
    repositories: int
    secrets: tuple[FoundSecret, ...]
    mentions: tuple[Mention, ...]
    missing: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Give the names that were looked for."""
        return self.wanted.names

    def generation(self, one: FoundSecret) -> Generation:
        """Say which key of the lineage a secret holds, as far as its value could be read."""
        return self.wanted.known.get(one.fingerprint, Generation.UNKNOWN)

    @property
    def sentence(self) -> str:
        """Say how much there is."""
        stray = sum(not one.configured for one in self.secrets)
        seen = counted(len(self.secrets), "secret")
        where = f"{seen} named {' or '.join(self.names)} in reach, {stray} of them no destination"
        where += f", not seen in {counted(len(self.missing), 'destination')}" if self.missing else ""
        lines = counted(len(self.mentions), "line")
        say = "mentions" if len(self.mentions) == 1 else "mention"
        return f"{where}; {lines} of workflow files {say} it, in {counted(self.repositories, 'repository')}"

    def shadowed_by(self, wider: FoundSecret) -> tuple[FoundSecret, ...]:
        """Give the narrower secrets that are read in place of this one, as far as its access reaches."""
        if wider.store != ACTIONS or wider.environment:
            return ()
        return tuple(one for one in self.secrets if _narrower(one, wider))

    def told(self) -> Inventory:
        """Give the same in the words and columns of a report."""
        return Inventory(
            secrets=(*map(self._row, self.secrets), *((label, "not seen", "a destination") for label in self.missing)),
            mentions=tuple((f"{one.repository}/{one.path}:{one.line}", one.name) for one in self.mentions),
            policy=self.policy if self.secrets else "",
            record=self._record(),
        )

    def _row(self, one: FoundSecret) -> tuple[str, str, str]:
        hidden = self.shadowed_by(one)
        shadows = f", hidden by {len(hidden)} narrower" if hidden else ""
        written = f"{one.written_at:%F %T} UTC" if one.written_at else "not told"
        holds = self.generation(one)
        return one.address, written, one.state + shadows + (f", holds the {holds} key" if holds in TOLD else "")

    def _record(self) -> dict[str, object]:
        return {
            "names": list(self.names),
            "repositories": self.repositories,
            "secrets": [
                {
                    **{name: told for name, told in asdict(one).items() if name != "fingerprint"},
                    "written_at": one.written_at.isoformat() if one.written_at else None,
                    "generation": self.generation(one),
                    "shadowed_by": [narrower.address for narrower in self.shadowed_by(one)],
                }
                for one in self.secrets
            ],
            "missing": list(self.missing),
            "mentions": [asdict(one) for one in self.mentions],
            "policy": self.policy,
        }

    @property
    def policy(self) -> str:
        """Give a policy file with all of them as destinations. A stranger's is none: it would be given the new key."""
        lines = ["version: 1", "credentials:", *(line for name in self.names for line in self._lines(name))]
        owners = dict.fromkeys(one.account for one in self.secrets if one.foreign)
        lines += [
            f"# Left out: those of {owner}, who has installed the App. Add them if they are yours." for owner in owners
        ]
        return "\n".join(lines)

    def _lines(self, name: str) -> Iterator[str]:
        # What holds a key under another name belongs to the first.
        others = {one.name for one in self.secrets} - {*self.names} if name == self.names[0] else set()
        mine = [one for one in self.secrets if one.name in {name, *others}]
        usable = [one for one in mine if not (one.archived or one.foreign)]
        if usable:
            yield f"  - name: {name}"
            yield f"    current_key: ${{{name}}}"
            yield "    destinations:"
            yield from entries(usable)


def _narrower(one: FoundSecret, wider: FoundSecret) -> bool:
    if one.name != wider.name or one.store != ACTIONS or one is wider:
        return False
    if "/" in wider.owner:
        return one.owner.lower() == wider.owner.lower() and bool(one.environment)
    return one.owner.lower().startswith(f"{wider.owner.lower()}/")
