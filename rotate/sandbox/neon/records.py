"""What the pretend Neon remembers, and the JSON shapes in which it tells it."""

from __future__ import annotations

import secrets
import string
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from rotate.sandbox.clock import stamp
from rotate.sandbox.exchange import Json

NEVER = datetime.fromtimestamp(0, UTC)
MOST_USES = 1000
_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class User:
    """A person with a Neon account. `account_id` is the uuid that `/auth` and `created_by` give."""

    name: str
    account_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    deactivated: bool = False

    @property
    def email(self) -> str:
        """An address in a domain reserved for examples."""
        return f"{self.name}@example.com"


@dataclass(slots=True)
class Organization:
    """An organization; only its admins may create keys for it."""

    org_id: str
    admins: list[User]
    members: list[User]
    created_at: datetime

    def role_of(self, user: User) -> Literal["admin", "member"] | None:
        """Say what a user is here; `None` for an outsider."""
        if user in self.admins:
            return "admin"
        return "member" if user in self.members else None


@dataclass(slots=True)
class Project:
    """A project: of an organization, or of one user."""

    project_id: str
    owner_id: str
    org_id: str | None
    created_at: datetime


@dataclass(eq=False, slots=True)
class StoredKey:
    """A key as Neon holds it, revoked or not. Times are UTC."""

    key_id: int
    value: str = field(repr=False)
    name: str
    user: User
    created_at: datetime
    org_id: str | None = None
    project_id: str | None = None
    last_used_at: datetime | None = None
    last_used_from_addr: str = ""
    revoked_at: datetime | None = None
    uses: deque[tuple[datetime, str]] = field(default_factory=partial(deque[tuple[datetime, str]], maxlen=MOST_USES))

    def settle(self, horizon: datetime, grain: float) -> None:
        """Tell of the uses until then, in steps of so many seconds; in the finest, if none are given."""
        at, whence = max((one for one in list(self.uses) if one[0] <= horizon), default=(NEVER, ""))
        told = datetime.fromtimestamp(at.timestamp() // grain * grain, UTC) if grain else at
        if told > (self.last_used_at or NEVER):
            self.last_used_at, self.last_used_from_addr = told, whence

    @property
    def revoked(self) -> bool:
        """Whether it is dead."""
        return self.revoked_at is not None

    @property
    def scope(self) -> Literal["personal", "organization", "project"]:
        """What it acts for."""
        if self.org_id is None:
            return "personal"
        return "organization" if self.project_id is None else "project"

    def created(self) -> dict[str, Json]:
        """The create reply: the value, shown this once, and the creator as a bare id. Neon OpenAPI /api_keys."""
        return {**self._head(), "key": self.value, "created_by": self.user.account_id}

    def listed(self) -> dict[str, Json]:
        """The list item: no value, and the creator as an object. Neon OpenAPI /api_keys."""
        creator: Json = {"id": self.user.account_id, "name": self.user.name, "image": ""}
        return {**self._head(), "created_by": creator, **self._use()}

    def ended(self) -> dict[str, Json]:
        """The revoke reply: the creator as a bare id again. Neon OpenAPI /api_keys/{key_id}."""
        return {**self._head(), "created_by": self.user.account_id, **self._use(), "revoked": self.revoked}

    def _head(self) -> dict[str, Json]:
        head: dict[str, Json] = {"id": self.key_id, "name": self.name, "created_at": stamp(self.created_at)}
        # Absent rather than null for an organization-wide key: the OpenAPI file does not allow null.
        return head if self.project_id is None else {**head, "project_id": self.project_id}

    def _use(self) -> dict[str, Json]:
        used = None if self.last_used_at is None else _told(self.last_used_at)
        return {"last_used_at": used, "last_used_from_addr": self.last_used_from_addr}


def _told(moment: datetime) -> str:
    return moment.isoformat() if moment.microsecond else stamp(moment)


def new_value() -> str:
    """Make a key value of today's shape, `napi_` and 64 of `[a-z0-9]` (facts: Neon §5), that says it is pretence."""
    return "napi_sandbox" + "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(57))


def user_shape(user: User) -> dict[str, Json]:
    """The body of `/users/me`. Neon OpenAPI CurrentUserInfoResponse."""
    return {
        "id": user.account_id,
        "email": user.email,
        "login": user.email,
        "name": user.name,
        "last_name": "",
        "image": "",
        "plan": "free_v3",
        "active_seconds_limit": 0,
        "projects_limit": 10,
        "branches_limit": 10,
        "max_autoscaling_limit": 2,
        "auth_accounts": [],
    }


def organization_shape(organization: Organization) -> dict[str, Json]:
    """One organization. Neon OpenAPI Organization."""
    created = stamp(organization.created_at)
    return {
        "id": organization.org_id,
        "name": organization.org_id,
        "handle": organization.org_id,
        "plan": "launch_v3",
        "created_at": created,
        "updated_at": created,
        "managed_by": "console",
    }


def member_shape(organization: Organization, user: User) -> dict[str, Json]:
    """One who belongs to an organization. Neon OpenAPI MemberWithUser."""
    member: Json = {
        "id": str(uuid.uuid5(uuid.UUID(user.account_id), organization.org_id)),
        "user_id": user.account_id,
        "org_id": organization.org_id,
        "role": organization.role_of(user) or "member",
        "joined_at": stamp(organization.created_at),
    }
    gone: dict[str, Json] = {"deactivated_at": stamp(organization.created_at)} if user.deactivated else {}
    return {"member": member, "user": {"email": user.email, **gone}}


def project_shape(project: Project, *, detailed: bool) -> dict[str, Json]:
    """One project, as an item of a list or in full. Neon OpenAPI ProjectListItem, Project."""
    created = stamp(project.created_at)
    common: dict[str, Json] = {
        "id": project.project_id,
        "name": project.project_id,
        "platform_id": "aws",
        "region_id": "aws-us-east-2",
        "pg_version": 17,
        "proxy_host": "us-east-2.aws.example.com",
        "branch_logical_size_limit": 512,
        "branch_logical_size_limit_bytes": 512 * 2**20,
        "store_passwords": True,
        "cpu_used_sec": 0,
        "provisioner": "k8s-neonvm",
        "creation_source": "console",
        "active_time": 0,
        "created_at": created,
        "updated_at": created,
        "owner_id": project.owner_id,
        **({} if project.org_id is None else {"org_id": project.org_id}),
    }
    if not detailed:
        return common
    counters = ("active_time_seconds", "compute_time_seconds", "written_data_bytes", "data_transfer_bytes")
    return {
        **{key: value for key, value in common.items() if key != "active_time"},
        **dict.fromkeys((*counters, "data_storage_bytes_hour"), 0),
        "consumption_period_start": created,
        "consumption_period_end": created,
        "history_retention_seconds": 86400,
    }
