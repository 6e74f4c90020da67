"""Repository Actions secrets: public key, metadata, overwrite in place. There is no delete here, on purpose (S8).

GitHub OpenAPI: `/repos/{owner}/{repo}/actions/secrets/public-key` and `…/{secret_name}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from rotate.github_api import wording
from rotate.github_api.client import GitHub
from rotate.wire.outcome import SUCCESS, Answer, NoAnswerError

NOT_FOUND = 404
CREATED_OR_UPDATED = frozenset({201, 204})
PERMISSION = "Secrets: read and write"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What a value is sealed for: `key_id` names it, `key` is 32 bytes in base64."""

    key_id: str
    key: str


class RepositorySecrets:
    """The Actions secrets of one repository (`owner/name`)."""

    def __init__(self, github: GitHub, repository: str) -> None:
        self._github = github
        self._repository = repository
        self._path = f"/repos/{repository}/actions/secrets"

    def public_key(self) -> PublicKey:
        """Fetch the key to seal for; it proves read access.

        Raises:
            Refused: the token may not. DestinationError: no usable answer.
        """
        doing = f"read the public key of {self._repository}"
        answer = self._call("GET", f"{self._path}/public-key", doing)
        row = answer.json()
        if answer.status not in SUCCESS or not isinstance(row, dict):
            raise wording.refusal(doing, self._repository, PERMISSION, answer)
        key_id, key = row.get("key_id"), row.get("key")
        if not isinstance(key_id, str) or not isinstance(key, str):
            raise wording.refusal(doing, self._repository, PERMISSION, answer)
        return PublicKey(key_id, key)

    def updated_at(self, name: str) -> datetime | None:
        """Say when a secret was last written; `None` when it does not exist.

        A 404 also stands for a repository that the token may not see: `public_key` tells the two apart.

        Raises:
            Refused: the token may not. DestinationError: no usable answer.
        """
        doing = f"read when {name} of {self._repository} was written"
        answer = self._call("GET", f"{self._path}/{name}", doing)
        if answer.status == NOT_FOUND:
            return None
        row = answer.json()
        if answer.status not in SUCCESS or not isinstance(row, dict):
            raise wording.refusal(doing, self._repository, PERMISSION, answer)
        try:
            return datetime.fromisoformat(row["updated_at"])
        except (KeyError, TypeError, ValueError):
            raise wording.refusal(doing, self._repository, PERMISSION, answer) from None

    def put(self, name: str, key_id: str, encrypted_value: str) -> datetime | None:
        """Create or overwrite a secret; give the time of the answer by GitHub's own clock.

        Raises:
            DestinationError: refused (no effect), or no usable answer (unknown).
        """
        doing = f"write {name} of {self._repository}"
        body: dict[str, object] = {"encrypted_value": encrypted_value, "key_id": key_id}
        answer = self._call("PUT", f"{self._path}/{name}", doing, body)
        if answer.status not in CREATED_OR_UPDATED:
            raise wording.write_refusal(doing, self._repository, PERMISSION, answer)
        return _date(answer)

    def _call(self, verb: str, path: str, doing: str, body: dict[str, object] | None = None) -> Answer:
        try:
            return self._github.call(verb, path, body)
        except NoAnswerError as error:
            raise wording.unreachable(doing, error) from None


def _date(answer: Answer) -> datetime | None:
    """Read the `Date` header (RFC 9110)."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
