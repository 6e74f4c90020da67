"""A repository's Actions secret: sealed for its public key, overwritten in place, confirmed by its write time."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from rotate.errors import DestinationError, InvariantViolated, Outcome
from rotate.github_api.client import GitHub
from rotate.github_api.secrets import PublicKey, RepositorySecrets
from rotate.ports import Clock, Receipt
from rotate.protocol.model import DestinationFacts
from rotate.secret import Secret
from rotate.wire.sealed_box import seal
from rotate.wire.together import begin, value_of

WRITE_TIME_SLACK = timedelta(seconds=1)
CONFIRM_WAITS = (0.0, 0.5, 1.0, 2.0, 4.0)


class GitHubSecret:
    """Implements `ports.Destination` for one secret of one repository."""

    def __init__(self, github: GitHub, repository: str, secret_name: str, clock: Clock) -> None:
        self._secrets = RepositorySecrets(github, repository)
        self._secret_name = secret_name
        self._clock = clock
        self._public_key: PublicKey | None = None
        self.name = f"{repository} · actions · {secret_name}"

    def observe(self) -> DestinationFacts:
        """Fetch the public key (which proves access) and the last write time, at once."""
        asked = begin(self._secrets.public_key), begin(partial(self._secrets.updated_at, self._secret_name))
        # Both are waited for before either is judged: nothing goes on behind the run's back.
        key, written = asked[0](), asked[1]()
        self._public_key = value_of(key)
        return DestinationFacts(value_of(written))

    def put(self, secret: Secret) -> Receipt:
        """Seal and overwrite. An empty value is never written: it would delete the secret in effect.

        Raises:
            DestinationError: refused (no effect), or no usable answer (unknown).
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
        return Receipt(self._secrets.put(self._secret_name, self._public_key.key_id, sealed))

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> None:
        """Read `updated_at` until it has moved: reads may lag behind writes (facts: GitHub §2.1).

        It must not be earlier than before, and later than before or not earlier than GitHub's own time of the
        accepted write; times have whole seconds. A missing time is a failure (failure modes: F16).

        Raises:
            DestinationError: it did not move in time (unknown outcome), or could not be read.
        """
        for wait in CONFIRM_WAITS:
            self._clock.sleep(wait)
            moment = self._secrets.updated_at(self._secret_name)
            if moment is not None and _moved(moment, before.written_at, receipt):
                return
        raise DestinationError(
            "write-not-confirmed",
            f"GitHub accepted the write of {self.name}, but its write time did not move.",
            "Run it again: it writes the secret once more before anything is revoked.",
            outcome=Outcome.UNKNOWN,
        )


def _moved(moment: datetime, before: datetime | None, receipt: Receipt | None) -> bool:
    if before is None or moment > before:
        return True
    accepted = receipt.accepted_at if receipt else None
    return moment == before and accepted is not None and moment >= accepted - WRITE_TIME_SLACK
