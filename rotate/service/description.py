"""How an adapter describes its service, and one request to it.

`Service` says where the service is and which credential it takes, both read from the environment; `Service.lacks` is
what `System.lacks` gives. `Client` (`rotate.service.client`) asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from rotate.errors import ConfigurationError, RotateError
from rotate.ports import Hindered
from rotate.problems import Problems
from rotate.secret import Secret
from rotate.service.pace import Pace
from rotate.settings.parse import secret, url
from rotate.wire.http import BEARER, Style


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `doing`: what it is for, behind "Could not". `takes`: statuses beside 2xx that the adapter judges.

    `again`: to repeat it does no harm. `hindered`: asked before each try. `value`: the secret that the body holds,
    which is never quoted. A request with the verb GET only reads, and so does one that `looks` in another way. `style`:
    how it goes out, where that is not as the service's others. `anonymous`: without the credential, as a login is.
    """

    verb: str
    path: str
    doing: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: object = field(default=None, repr=False)
    takes: frozenset[int] = frozenset()
    again: bool = True
    hindered: Hindered | None = None
    value: Secret | None = None
    looks: bool = False
    style: Style | None = None
    anonymous: bool = False

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.looks or self.verb == "GET"

    @property
    def target(self) -> str:
        """Give path and query as they are sent. No value ever stands in either."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Service:
    """One service, as its adapter describes it.

    `title`: its name for people. `tokens`: the variables of the environment that may hold the credential, the usual
    first. `needs` and `make`: which right it needs, and where to create one, as sentences. `urls`: the vendor's
    variables for the base URL, after `NEON_ROTATE_<KIND>_URL`; `usual`: where it is if none is set; without one, a
    variable must be. `root`: the path of the API behind the base URL, whose own path is kept before it. `says`: the
    fields of an answer that may be quoted, such as `error.message`. `pace`: its documented limit of requests, where it
    has one; `asks`: so many requests does one destination take in a rotation.
    """

    kind: str
    title: str
    tokens: tuple[str, ...]
    needs: str
    make: str
    urls: tuple[str, ...] = ()
    usual: str = ""
    root: str = ""
    style: Style = BEARER
    says: tuple[str, ...] = ("message", "error")
    pace: Pace | None = None
    asks: int = 6

    @property
    def give(self) -> str:
        """Say which credential is needed, where to make it, and how to pass it."""
        name = self.tokens[0]
        lines = f"    env:\n      {name}: ${{{{ secrets.{name} }}}}"
        return f"{self.needs} {self.make} Store it as a secret and pass it:\n\n{lines}"

    def lasting(self, places: int) -> float:
        """Give how many seconds the service's own limit makes a rotation of so many destinations last."""
        return places * self.asks / self.pace.most * self.pace.seconds if self.pace else 0.0

    def url(self, environment: Mapping[str, str], problems: Problems) -> str:
        """Give the URL of the API."""
        names = (f"NEON_ROTATE_{self.kind.upper().replace('-', '_')}_URL", *self.urls)
        name = next((one for one in names if environment.get(one, "").strip()), "")
        if not name and not self.usual:
            message = f"Nothing says where {self.title} is: {' and '.join(names[::-1])} are not set."
            problems.say("destination-url-missing", message, f"    env:\n      {[*self.urls, *names][0]}: https://…")
        found = url(environment[name].strip(), name, problems) if name else self.usual
        return found if self.root and found.endswith(self.root) else found + self.root

    def token(self, environment: Mapping[str, str], problems: Problems) -> Secret:
        """Give the credential, which must be there and able to stand in a header."""
        name = next((one for one in self.tokens if environment.get(one, "").strip()), "")
        found = secret({name: environment[name].strip()}, name, problems) if name else None
        if found is None:
            said = " and ".join(f"`{one}`" for one in self.tokens)
            said += " is not set or is empty" if len(self.tokens) == 1 else " are not set or are empty"
            message = f"There is no token for {self.title}: {said}."
            problems.add(ConfigurationError("destination-token-missing", message, self.give))
        return found or Secret("")

    def lacks(self, environment: Mapping[str, str]) -> tuple[RotateError, ...]:
        """Say all that the environment lacks, for `System.lacks`: nothing is contacted."""
        problems = Problems()
        self.url(environment, problems)
        self.token(environment, problems)
        return tuple(problem for _, problem in problems.found)
