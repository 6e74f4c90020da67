"""Secrets Manager's actions (botocore's model secretsmanager 2017-10-17, with its documentation)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from rotate.sandbox.aws.state import CURRENT, AWSState, StoredSecret
from rotate.sandbox.aws.words import CodedError, page, text
from rotate.sandbox.exchange import Json

WRITTEN = 1_790_000_000.0
SHORTEST_TOKEN, LONGEST_TOKEN = 32, 64


class Secrets:
    """Acts on the secrets of an account."""

    def __init__(self, state: AWSState) -> None:
        self._state = state
        self.actions: dict[str, Callable[[dict[str, Json]], dict[str, Json]]] = {
            "ListSecrets": self._list,
            "DescribeSecret": self._describe,
            "GetSecretValue": self._get,
            "PutSecretValue": self._put,
            "CreateSecret": self._create,
        }

    def _find(self, body: dict[str, Json], *, deleted: Literal["told", "refused"] = "refused") -> StoredSecret:
        found = self._state.secret(text(body, "SecretId"))
        if found is None:
            raise CodedError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        if deleted == "refused" and "DeletedDate" in found.about:
            said = "You can't perform this operation on the secret because it was marked for deletion."
            raise CodedError("InvalidRequestException", said)
        return found

    def _list(self, body: dict[str, Json]) -> dict[str, Json]:
        rows: list[Json] = [
            {"ARN": one.arn, "Name": one.name, **one.about}
            for one in self._state.secrets.values()
            if "DeletedDate" not in one.about
        ]
        return page(body, "SecretList", rows)

    def _describe(self, body: dict[str, Json]) -> dict[str, Json]:
        found = self._find(body, deleted="told")
        shown: dict[str, Json] = {"ARN": found.arn, "Name": found.name, **found.about}
        return {**shown, "CreatedDate": WRITTEN, "VersionIdsToStages": found.labels()}

    def _get(self, body: dict[str, Json]) -> dict[str, Json]:
        found = self._find(body)
        version = found.stages.get(CURRENT, "")
        if version not in found.versions:
            said = f"Secrets Manager can't find the specified secret value for staging label: {CURRENT}"
            raise CodedError("ResourceNotFoundException", said)
        value: dict[str, Json] = {"SecretString": found.versions[version]}
        if found.about.get("Description") == "binary":
            value = {"SecretBinary": "bmFwaQ=="}
        told: dict[str, Json] = {"ARN": found.arn, "Name": found.name, "VersionId": version, "VersionStages": [CURRENT]}
        return {**told, **value, "CreatedDate": WRITTEN}

    def _put(self, body: dict[str, Json]) -> dict[str, Json]:
        found, value, token = self._find(body), text(body, "SecretString"), _token(body)
        if token in found.versions and found.versions[token] != value:
            raise CodedError("ResourceExistsException", "A resource with the ID you requested already exists.")
        if token not in found.versions:
            found.put(value, token)
        return {"ARN": found.arn, "Name": found.name, "VersionId": token, "VersionStages": [CURRENT]}

    def _create(self, body: dict[str, Json]) -> dict[str, Json]:
        name, value, token = text(body, "Name"), text(body, "SecretString"), _token(body)
        old = self._state.secret(name)
        if old and old.versions.get(token) != value:
            said = f"The operation failed because the secret {name} already exists."
            raise CodedError("ResourceExistsException", said)
        made = old or StoredSecret(name)
        made.put(value, token)
        self._state.secrets[name] = made
        return {"ARN": made.arn, "Name": name, "VersionId": token}


def _token(body: dict[str, Json]) -> str:
    token = text(body, "ClientRequestToken")
    if not SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN:
        raise CodedError("InvalidParameterException", "ClientRequestToken must be 32 to 64 characters long.")
    return token
