"""A GitHub secret, wherever it lies: sealed for its owner, overwritten in place, confirmed by its write time.

An organization secret keeps its visibility and its selected repositories: both are read just before the write, sent
back, and compared after it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from rotate.errors import DestinationError, InvariantViolated, Outcome, Refused, RotateError, counted
from rotate.ports import Clock, Hindered, Receipt
from rotate.protocol.facts.destination import Access, DestinationFacts
from rotate.secret import Secret
from rotate.systems.github.address import Address
from rotate.systems.github.stores import SELECTED, Metadata, PublicKey, Secrets
from rotate.systems.github.wire import words
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import SIZE
from rotate.wire.sealed_box import seal
from rotate.wire.together import begin, value_of

if TYPE_CHECKING:
    from rotate.systems.github.repositories.directory import Directory
    from rotate.systems.github.repositories.discovery import Repository

# GitHub tells both times in whole seconds, and two of its machines may disagree by less than one.
WRITE_TIME_SLACK = timedelta(seconds=1)
CONFIRM_WAITS = (0.0, 0.5, 1.0, 2.0, 4.0)


class GitHubSecret:
    """Implements `ports.Destination` for one secret of one place.

    `visibility`: what an organization secret that does not exist yet is created with; empty, it is not created;
    `selected`, no repository may read it at first.
    `directory`: who tells how the repository stands, where many of one owner are destinations.
    """

    def __init__(
        self,
        github: GitHub,
        address: Address,
        secret_name: str,
        clock: Clock,
        *,
        visibility: str = "",
        directory: Directory | None = None,
    ) -> None:
        self._github = github
        self._secrets = Secrets(github, address)
        self._address = address
        self._secret_name = secret_name
        self._clock = clock
        self._visibility = visibility
        self._directory = directory
        self._public_key: PublicKey | None = None
        self._access: Access | None = None
        self.name = address.label_of(secret_name)

    def observe(self) -> DestinationFacts:
        """Fetch the public key (which proves access), what is told of the secret, and how its owner stands, at once."""
        calls = begin(self._secrets.public_key), begin(partial(self._secrets.metadata, self._secret_name))
        owner = None if self._address.of_organization else begin(self._owner)
        # Every answer is waited for before the first refusal is raised: nothing goes on behind the run's back.
        key, told, found = calls[0](), calls[1](), owner() if owner else None
        absent = isinstance(key, RotateError) and key.reason == words.ABSENT
        if self._address.environment and absent and found is not None and not isinstance(found, RotateError):
            raise self._no_environment(found)
        self._public_key, metadata = value_of(key), value_of(told)
        number = 0
        if found is None:
            self._access = self._kept(metadata)
        else:
            number = self._follow(value_of(found))
        return DestinationFacts(metadata.updated_at if metadata else None, self._access, number)

    def _no_environment(self, found: Repository) -> Refused:
        plan = (
            " Private repositories have environments on GitHub Pro, Team and Enterprise alone." if found.private else ""
        )
        return Refused(
            "environment-missing",
            f"{found.full_name} has no environment {self._address.environment}, as far as the token sees.",
            f"Check the spelling, or create it: {found.full_name} → Settings → Environments.{plan}",
        )

    def _owner(self) -> Repository:
        if self._directory:
            return self._directory.repository(self._address.owner)
        from rotate.systems.github.repositories.discovery import repository

        return repository(self._github, self._address.owner)

    def _follow(self, found: Repository) -> int:
        """Write to a renamed repository under its new name: a write to the old one is answered with a redirect. Give
        its number, which tells it from another one that took its name."""
        from rotate.systems.github.repositories.discovery import writable

        if writable(found).full_name.lower() != self._address.owner.lower():
            self._secrets = Secrets(self._github, replace(self._address, owner=found.full_name))
        return found.repository_id

    def _kept(self, metadata: Metadata | None) -> Access:
        if metadata is not None:
            return self._secrets.access(self._secret_name, metadata.visibility)
        if not self._visibility:
            raise Refused(
                "organization-secret-missing",
                f"{self.name} does not exist, and nothing says which repositories may read it.",
                "Check `secret_name` and `organization`: what reads the key reads it somewhere, and that place must be "
                "written. If this is a new place, create it once by hand (Organization → Settings → Secrets and "
                "variables), with the repositories that need it. Or let every private repository read it:\n\n"
                "    visibility: private",
            )
        return Access(self._visibility)

    def put(self, secret: Secret, hindered: Hindered | None = None) -> Receipt:
        """Seal and overwrite. An empty value is never written: it would delete the secret in effect.

        Who may read an organization's secret is read once more, right before each try: between the first look and this
        write lie the writes of all other places and what GitHub's limits ask to wait, and a repository that was
        selected meanwhile must not lose it.

        Raises:
            RotateError: `hindered` said why not (no effect), refused (no effect), or no usable answer (unknown).
            InvariantViolated: there is no public key yet, or the value is empty.
        """
        if self._public_key is None or not secret:
            raise InvariantViolated("put-too-early", f"{self.name} was to be written before it was observed.")
        try:
            sealed = seal(self._public_key.key, secret)
        except ValueError:
            raise DestinationError(
                "public-key-unusable",
                f"The public key of {self.name} is not one that a value can be sealed for.",
                "Run it again; if it goes on, tell GitHub support.",
            ) from None
        access = partial(self._access_now, self._access) if self._access else None
        return self._secrets.put(self._secret_name, self._public_key.key_id, sealed, access, hindered)

    def _access_now(self, known: Access) -> Access:
        """Give who may read it now. While a list of several pages is read, a repository may slip from one to the next
        and be missed: it counts where it is read twice alike.

        Raises:
            DestinationError: it cannot be read, without effect: nothing was written yet.
        """
        try:
            self._access = self._access_read(known)
            if len(self._access.repository_ids) >= SIZE:
                self._same_access(self._access, self._access_read(known))
        except RotateError as error:
            raise DestinationError(error.reason, error.message, error.remedy) from None
        return self._access

    def _access_read(self, known: Access) -> Access:
        metadata = self._secrets.metadata(self._secret_name)
        return self._secrets.access(self._secret_name, metadata.visibility) if metadata else known

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> datetime:
        """Read the metadata until the write time is one that can be ours: reads may lag behind writes (facts: GitHub
        §2.1).

        It is later than before, or not earlier than GitHub's own time of the accepted write; and not later than that:
        then somebody else wrote. Times have whole seconds. Without GitHub's time of the write (its reply was lost, and
        so were those of the tries after it) nothing shows whose write moved it, and the next run writes once more. A
        missing time is a failure (failure modes: F16).

        Raises:
            DestinationError: it did not move in time (unknown outcome), somebody wrote after us, nothing shows who
                wrote, who may read it changed, or it could not be read.
        """
        accepted = receipt.accepted_at if receipt else None
        if accepted is None:
            raise self._not_confirmed("no reply of GitHub's told when it took it, so nothing shows whose stands")
        for wait in CONFIRM_WAITS:
            self._clock.sleep(wait)
            found = self._secrets.metadata(self._secret_name)
            if found is None or not _moved(found.updated_at, before.written_at, accepted):
                continue
            if found.updated_at > accepted + WRITE_TIME_SLACK:
                raise self._overwritten()
            if kept := self._access or before.access:
                self._same_access(kept, self._secrets.access(self._secret_name, found.visibility))
            return found.updated_at
        raise self._not_confirmed("its write time did not move")

    def written(self) -> datetime | None:
        """Say when the secret was last written, by one read."""
        found = self._secrets.metadata(self._secret_name)
        return found.updated_at if found else None

    def _not_confirmed(self, why: str) -> DestinationError:
        return DestinationError(
            "write-not-confirmed",
            f"The write of {self.name} is not confirmed: {why}.",
            "Run it again: it writes the secret once more before anything is revoked.",
            outcome=Outcome.UNKNOWN,
        )

    def _overwritten(self) -> DestinationError:
        return DestinationError(
            "destination-overwritten",
            f"{self.name} was written once more after this run had written it, and nothing shows by whom: what stands "
            "there may be another value.",
            "Find out who writes there, then run it again: it writes the secret once more before anything is revoked.",
            outcome=Outcome.UNKNOWN,
        )

    def _same_access(self, before: Access, now: Access) -> None:
        if now != before:
            raise DestinationError(
                "secret-access-changed",
                f"Who may read {self.name} is not what it was: {_said(before)} before, {_said(now)} now.",
                "Look at Organization → Settings → Secrets and variables whether somebody else changed it meanwhile, "
                "set it right, and run it again. Nothing is revoked until then.",
                outcome=Outcome.UNKNOWN,
            )


def _said(access: Access) -> str:
    chosen = f", {counted(len(access.repository_ids), 'repository')}" if access.visibility == SELECTED else ""
    return f"{access.visibility}{chosen}"


def _moved(moment: datetime, before: datetime | None, accepted: datetime) -> bool:
    return before is None or moment > before or (moment == before and moment >= accepted - WRITE_TIME_SLACK)
