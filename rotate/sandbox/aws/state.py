"""What the pretend AWS holds: secrets with their versions, parameters with theirs, logins; to seed and to inspect."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field

from rotate.sandbox.exchange import Json

ACCOUNT, REGION = "123456789012", "eu-central-1"
CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/rotate"


@dataclass(slots=True)
class Login:
    """One access key. `actions`: what it may do, as `secretsmanager:GetSecretValue`; `*` is all. `session`: the token
    that goes with it, of a role alone."""

    key_id: str
    key: str = field(repr=False)
    actions: set[str] = field(default_factory=lambda: {"*"})
    session: str = field(default="", repr=False)


@dataclass(slots=True)
class StoredSecret:
    """One secret. `versions`: their texts by their ids; `about`: what DescribeSecret tells beside its versions."""

    name: str
    versions: dict[str, str] = field(default_factory=dict, repr=False)
    stages: dict[str, str] = field(default_factory=dict)
    about: dict[str, Json] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Give its ARN, with the six letters that AWS adds."""
        return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{self.name}-AbCdEf"

    @property
    def text(self) -> str | None:
        """Give the current text."""
        return self.versions.get(self.stages.get(CURRENT, ""))

    def put(self, text: str, version: str = "") -> str:
        """Make a version the current one, and the one before the previous."""
        version = version or str(uuid.uuid4())
        self.versions[version] = text
        if self.stages.get(CURRENT, version) != version:
            self.stages[PREVIOUS] = self.stages[CURRENT]
        self.stages[CURRENT] = version
        return version

    def labels(self) -> dict[str, Json]:
        """Give the labels of each version that has one."""
        found: dict[str, Json] = {}
        for version in self.versions:
            held: list[Json] = [label for label, one in self.stages.items() if one == version]
            if held:
                found[version] = held
        return found


@dataclass(slots=True)
class StoredParameter:
    """One parameter: the values of its versions, the first is 1; `about`: its type and what else describes it."""

    name: str
    values: list[str] = field(default_factory=list, repr=False)
    about: dict[str, Json] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)

    @property
    def version(self) -> int:
        """Give the number of the latest version."""
        return len(self.values)


class AWSState:
    """AWS's memory: one account, one region. Seed and inspect it from any thread."""

    def __init__(self) -> None:
        """Start empty, without a login."""
        self.url = ""
        self.public_key = ""
        self.secrets: dict[str, StoredSecret] = {}
        self.parameters: dict[str, StoredParameter] = {}
        self.logins: dict[str, Login] = {}

    def add_login(self, *, session: str = "") -> Login:
        """Give somebody an access key that may do all."""
        kind = "ASIA" if session else "AKIA"
        made = Login(kind + secrets.token_hex(8).upper(), secrets.token_urlsafe(30), session=session)
        self.logins[made.key_id] = made
        return made

    def add_secret(self, name: str, text: str, **about: Json) -> StoredSecret:
        """Write a secret without a request."""
        made = StoredSecret(name, about=dict(about))
        made.put(text)
        self.secrets[name] = made
        return made

    def secret(self, name_or_arn: str) -> StoredSecret | None:
        """Find a secret by its name or ARN."""
        found = (one for one in self.secrets.values() if name_or_arn in (one.name, one.arn))
        return next(found, None)

    def add_parameter(self, name: str, value: str, **about: Json) -> StoredParameter:
        """Write a parameter without a request."""
        usual: dict[str, Json] = {"Type": "SecureString", "Tier": "Standard", "DataType": "text"}
        if about.get("Type", "SecureString") == "SecureString":
            usual["KeyId"] = "alias/aws/ssm"
        made = StoredParameter(name, [value], {**usual, **about})
        self.parameters[name] = made
        return made
