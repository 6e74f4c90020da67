"""What the pretend Infisical holds: folders, secrets, imports, tokens and identities, to seed and to inspect."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from rotate.sandbox.exchange import Json
from rotate.sandbox.rate import Rate

Place = tuple[str, str, str]
"""The id of a project, the slug of an environment, and a folder such as `/` or `/apps`."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret. `rotated`: a rotation of Infisical's own writes it."""

    value: str = field(repr=False)
    comment: str = ""
    tags: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    skip_multiline_encoding: bool | None = None
    reminder_note: str | None = None
    reminder_days: int | None = None
    rotated: bool = False
    version: int = 1

    def shape(self, place: Place, name: str) -> dict[str, Json]:
        """Give its JSON."""
        tags: list[Json] = [{"id": f"id-{one}", "slug": one, "name": one, "color": None} for one in self.tags]
        metadata: list[Json] = [{"key": key, "value": value, "isEncrypted": False} for key, value in self.metadata]
        project, environment, path = place
        return {
            "id": f"id-{name}",
            "_id": f"id-{name}",
            "workspace": project,
            "environment": environment,
            "secretPath": path,
            "version": self.version,
            "type": "shared",
            "secretKey": name,
            "secretValue": self.value,
            "secretValueHidden": False,
            "secretComment": self.comment,
            "secretReminderNote": self.reminder_note,
            "secretReminderRepeatDays": self.reminder_days,
            "skipMultilineEncoding": self.skip_multiline_encoding,
            "createdAt": "2026-11-01T00:00:00.000Z",
            "updatedAt": "2026-11-01T00:00:00.000Z",
            "isRotatedSecret": self.rotated,
            "secretMetadata": metadata,
            "tags": tags,
        }


class InfisicalState:
    """Infisical's memory. `approvals`: a policy makes every write a change request, which `requests` counts.
    `clients`: the secrets of Universal Auth by client id, and `identities`: whom a job may log in as; each with the
    token that it gets."""

    def __init__(self) -> None:
        """Start without folders."""
        self.url = ""
        self.rate = Rate()
        self.folders: dict[Place, dict[str, Secret]] = {}
        self.imports: dict[Place, list[Place]] = {}
        self.clients: dict[str, tuple[str, str]] = {}
        self.identities: dict[str, str] = {}
        self.approvals = False
        self.requests = 0
        self._tokens: dict[str, dict[str, str]] = {}

    def add_token(self) -> str:
        """Give somebody a token that is a member of no project yet; see `let`."""
        value = f"identity.{secrets.token_hex(20)}"
        self._tokens[value] = {}
        return value

    def let(self, token: str, project: str, access: str) -> None:
        """Give a token `describe`, `read` or `edit` access to a project; with any other it is no member."""
        self._tokens[token][project] = access

    def access(self, token: str) -> dict[str, str] | None:
        """Give what a token may; `None` where there is none."""
        return self._tokens.get(token)

    def imported(self, place: Place, name: str) -> Place | None:
        """Say which folder a folder has a secret from that it has not itself: the last import counts."""
        return next((one for one in reversed(self.imports.get(place, [])) if name in self.folders[one]), None)
