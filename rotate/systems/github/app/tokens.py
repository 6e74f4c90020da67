"""A GitHub App: it signs that it is itself, and is given a token of one hour by each installation.

GitHub OpenAPI `/repos/{owner}/{repo}/installation`, `/orgs/{org}/installation`, `/users/{username}/installation`,
`/app/installations/{installation_id}/access_tokens` and `/installation/token`. What a token looks like is nobody's
promise: it is taken as it comes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rotate.errors import Refused, RotateError
from rotate.ports import Clock, Hide
from rotate.secret import Secret
from rotate.systems.github.app import refused
from rotate.systems.github.app.installations import Found, described
from rotate.systems.github.app.needs import Needs
from rotate.systems.github.settings.model import App
from rotate.systems.github.wire import words
from rotate.systems.github.wire.client import GitHub
from rotate.wire.outcome import SUCCESS, Answer, NoAnswerError

# GitHub takes ten minutes at most, by its own clock, and advises to say a minute less than now (docs: JSON web tokens).
EARLIER, LATER = timedelta(seconds=60), timedelta(minutes=5)
SIGN_AGAIN = timedelta(minutes=4)
SET = timedelta(seconds=1)
AHEAD = timedelta(minutes=5)
UNPROCESSABLE = 422
GONE = frozenset({204, 401})


class Signed:
    """Implements `client.Bearer` for the App itself."""

    signed = True

    def __init__(self, app: App, clock: Clock, hide: Hide) -> None:
        self._app = app
        self._clock = clock
        self._hide = hide
        self._lock = threading.Lock()
        self._last: tuple[Secret, datetime, float] | None = None

    def token(self) -> Secret:
        """Sign that it is this App which asks, now. Raises `Refused` for a key that cannot sign."""
        with self._lock:
            now, seconds = self._clock.now(), self._clock.monotonic()
            if self._last is None or _is_old(self._last, now, seconds):
                self._last = self._sign(now), now, seconds
            return self._last[0]

    def renews(self, refused: Secret) -> bool:
        """Another signature says the same, unless this machine's clock was off."""
        return refused != self.token()

    def learn(self, answer: Answer) -> Answer:
        """Nothing is to be known beside it."""
        return answer

    def _sign(self, now: datetime) -> Secret:
        from cryptography.exceptions import UnsupportedAlgorithm
        from github.Auth import AppAuth
        from jwt import PyJWTError

        claims = {
            "iat": int((now - EARLIER).timestamp()),
            "exp": int((now + LATER).timestamp()),
            "iss": self._app.app_id,
        }
        try:
            signature = AppAuth.create_jwt_sign(self._app.private_key.reveal(), "RS256")(claims)
        except (PyJWTError, UnsupportedAlgorithm, ValueError, TypeError) as error:
            raise refused.key_unusable(self._app.app_id, type(error).__name__) from None
        made = Secret(str(signature))
        self._hide(made)
        return made


@dataclass(frozen=True, slots=True)
class _Given:
    """A token that was given, when another is to be asked for, and when it ends."""

    secret: Secret
    due: datetime
    ends: datetime


class Installation:
    """Implements `client.Bearer` for one account that has installed the App. Nothing is asked before the first use."""

    signed = False

    def __init__(self, app: App, owner: str, asks: GitHub, clock: Clock, hide: Hide) -> None:
        """`asks`: the connection of the App itself."""
        self._app = app
        self._owner = owner
        self._asks = asks
        self._clock = clock
        self._hide = hide
        self._lock = threading.Lock()
        self._needs = Needs()
        self.found: Found | None = None
        self._given: list[_Given] = []
        self._stale = True
        self._proven = False
        self._refusal: Refused | None = None

    def need(self, needs: Needs) -> None:
        """Hear what is asked of it. What goes beyond the token at hand is given with the next one."""
        joined = self._needs.and_also(needs)
        self._stale, self._needs = self._stale or joined != self._needs, joined

    def at(self, found: Found) -> None:
        """Hear what a list told of it. Where repositories are named, whether it includes them is asked all the same."""
        if not self._needs.repositories:
            self.found = self.found or found

    def token(self) -> Secret:
        """Give a token that has some minutes left. A refusal is remembered: it is one for the whole run."""
        with self._lock:
            if self._refusal:
                raise self._refusal
            if self._stale or self._clock.now() >= self._given[-1].due:
                try:
                    self._given.append(self._ask())
                except Refused as error:
                    self._refusal = error
                    raise
                self._stale = self._proven = False
            return self._given[-1].secret

    def renews(self, refused: Secret) -> bool:
        """Ask another token in place of one that has worked before, or that another call has replaced meanwhile."""
        with self._lock:
            if refused == self._given[-1].secret:
                self._stale = self._proven
            return self._stale or refused != self._given[-1].secret

    def learn(self, answer: Answer) -> Answer:
        """Hear that the token works; a refusal is to be worded for the App."""
        self._proven = self._proven or answer.status in SUCCESS
        return replace(answer, app=self._app.app_id)

    def leave(self, ends: Callable[[Secret], Answer]) -> list[RotateError]:
        """Give every token back. `ends` asks GitHub to revoke the one that it is called with."""
        left: list[RotateError] = []
        for given in [one for one in self._given if one.ends > self._clock.now()]:
            try:
                answer = ends(given.secret)
                why = "" if answer.status in GONE else words.quote(answer)
            except NoAnswerError as error:
                why = error.said
            if why:
                left.append(refused.not_revoked(self._app.app_id, self._owner, given.ends, why))
        self._given, self._stale = [], True
        return left

    def _ask(self) -> _Given:
        doing = f"have a token for {self._owner}"
        self.found = found = self.found or self._look_up()
        bodies = deque(self._needs.bodies(found.granted))
        while True:
            answer = self._asks.call("POST", f"/app/installations/{found.number}/access_tokens", bodies.popleft())
            missing = self._needs.lacking(found.granted) if answer.status == UNPROCESSABLE else []
            if missing:
                raise refused.lacks(self._app.app_id, self._owner, missing, found.page)
            if answer.status != UNPROCESSABLE or not bodies:
                return self._taken(doing, answer)

    def _taken(self, doing: str, answer: Answer) -> _Given:
        row = answer.json()
        if answer.status not in SUCCESS or not isinstance(row, dict):
            raise self._refused(doing, answer)
        text, ends = row.get("token"), row.get("expires_at")
        if not isinstance(text, str) or not text:
            raise words.unlike(doing)
        secret = Secret(text)
        self._hide(secret)
        now = self._clock.now()
        try:
            moment = datetime.fromisoformat(str(ends))
            return _Given(secret, moment - min(AHEAD, (moment - now) / 2), moment)
        except (ValueError, TypeError):
            raise words.unlike(doing) from None

    def _look_up(self) -> Found:
        doing = f"find the installation for {self._owner}"
        named = sorted(self._needs.repositories)
        paths = [f"/repos/{named[0]}"] if named else [f"/orgs/{self._owner}", f"/users/{self._owner}"]
        answer = self._asks.call("GET", f"{paths[0]}/installation")
        if answer.status == words.NOT_FOUND and len(paths) > 1:
            answer = self._asks.call("GET", f"{paths[1]}/installation")
        row = answer.json()
        if answer.status not in SUCCESS or not isinstance(row, dict):
            raise self._refused(doing, answer)
        return described(row, self._app.app_id, self._owner)

    def _refused(self, doing: str, answer: Answer) -> RotateError:
        if answer.status == words.NOT_FOUND:
            named = sorted(self._needs.repositories)
            return refused.not_installed(self._app.app_id, named[0] if named else self._owner, answer)
        if answer.status == words.FORBIDDEN and self.found and "suspended" in answer.text:
            return refused.suspended(self._app.app_id, self._owner, self.found.page)
        here = self._clock.now() + (self._clock.ahead() or timedelta())
        return refused.not_let_in(self._app.app_id, doing, answer, here)


def _is_old(signed: tuple[Secret, datetime, float], now: datetime, seconds: float) -> bool:
    """Say whether it is time to sign again: some minutes passed, or GitHub told another time than was signed."""
    passed = now - signed[1]
    return abs(passed) > SIGN_AGAIN or abs(passed - timedelta(seconds=seconds - signed[2])) > SET
