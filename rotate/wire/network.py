"""How this machine reaches others: which proxy, past it to whom, and whose certificates are trusted.

Read once from the inputs and the environment (`settings.network`), then used for Neon and for GitHub alike: two client
libraries that each read the environment for themselves disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from rotate.secret import Secret

EVERYWHERE = "*"
Direct: TypeAlias = "str | IPv4Network | IPv6Network"


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy. `url` has no credentials; `name` is host and port, for people; `variable` is where it was found."""

    url: str
    name: str
    variable: str
    user: str = ""
    password: Secret | None = None

    @property
    def login(self) -> tuple[str, str] | None:
        """Give what it asks for, if it was given."""
        return (self.user, self.password.reveal() if self.password else "") if self.user else None


class Identity(NamedTuple):
    """What shows a server who asks: a certificate in PEM, with those above it, and its key."""

    certificate: str
    key: Secret


@dataclass(frozen=True, slots=True)
class Network:
    """`direct`: hosts, domains and ranges that no proxy is asked for; `*` is every one. `authorities`: certificates in
    PEM, and `folders` of such, that are trusted beside the system's. `pinned`: certificates in PEM that are trusted
    instead of all these. `identity`: what this program shows of itself."""

    proxy: Proxy | None = None
    direct: tuple[Direct, ...] = ()
    authorities: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    pinned: str = ""
    identity: Identity | None = None

    def way_to(self, url: str) -> Proxy | None:
        """Give the proxy through which a URL is reached; `None`: none. Plain http goes to this machine alone."""
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        past = parts.scheme != "https" or any(_covers(one, host) for one in self.direct)
        return None if past else self.proxy


def _covers(direct: Direct, host: str) -> bool:
    if isinstance(direct, str):
        return direct in (EVERYWHERE, host) or host.endswith(f".{direct}")
    try:
        return ip_address(host) in direct
    except ValueError:
        return False
