"""GitHub Apps of the pretend GitHub, known by their public keys, and the accounts that have installed them.

What an App signs is really checked: signature (RS256), issuer, and both times by the world's clock.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jwt.types import Options

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import RefusalError

LONGEST = timedelta(minutes=10)
UNREADABLE = "A JSON web token could not be decoded"
NOT_NUMERIC = (
    "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion "
    "expires"
)
TOO_FAR = "'Expiration time' claim ('exp') is too far in the future"
NOT_YET = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
_FIRST_INSTALLATION = 50_000_001
_UNREAD: Options = {"verify_signature": False}
# The world's clock judges the times, not that of this machine.
_UNTIMED: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}


@dataclass(eq=False, slots=True)
class Installation:
    """An App in one account. `repositories` (full names) of `None`: all that the account has."""

    number: int
    account: str
    permissions: Mapping[str, str]
    repositories: tuple[str, ...] | None
    created_at: datetime
    suspended: bool = False


@dataclass(eq=False, slots=True)
class App:
    """An App. Its private key is its owner's alone."""

    app_id: str
    public_key: str = field(repr=False)
    installations: list[Installation] = field(default_factory=list)


class Apps:
    """Every App, to seed and to inspect."""

    def __init__(self, clock: Clock) -> None:
        """Start without any."""
        self._clock = clock
        self._apps: dict[str, App] = {}
        self._numbers = itertools.count(_FIRST_INSTALLATION)

    def add(self, app_id: str) -> str:
        """Register an App; give the private key as the .pem file that GitHub hands out once."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self.know(App(app_id, public))
        return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

    def know(self, app: App) -> None:
        """Register an App whose key pair exists already."""
        self._apps[app.app_id] = app

    def public_key(self, app_id: str) -> str:
        """Give what an App's signatures are checked with. Raises `KeyError` when there is none."""
        return self._apps[app_id].public_key

    def install(
        self, app_id: str, account: str, permissions: Mapping[str, str], repositories: tuple[str, ...] | None = None
    ) -> Installation:
        """Install an App in an account, for all its repositories or for these."""
        made = Installation(next(self._numbers), account, permissions, repositories, self._clock.now())
        self._apps[app_id].installations.append(made)
        return made

    def uninstall(self, installation: Installation) -> None:
        """Take an App from an account."""
        for app in self._apps.values():
            app.installations = [one for one in app.installations if one is not installation]

    def signer(self, token: str) -> App:
        """Give the App that signed a token. Raises `RefusalError` 401 or 404."""
        try:
            app = self._apps[str(jwt.decode(token, options=_UNREAD)["iss"])]
            claims = jwt.decode(token, app.public_key, algorithms=["RS256"], options=_UNTIMED)
        except jwt.PyJWTError:
            raise RefusalError(401, UNREADABLE) from None
        except KeyError:
            raise RefusalError(404, "Integration not found") from None
        now, ends, began = self._clock.now().timestamp(), claims.get("exp"), claims.get("iat")
        if not isinstance(ends, int) or ends <= now:
            raise RefusalError(401, NOT_NUMERIC)
        if ends > now + LONGEST.total_seconds():
            raise RefusalError(401, TOO_FAR)
        if not isinstance(began, int) or began > now:
            raise RefusalError(401, NOT_YET)
        return app
