"""Neon API keys: personal, organization and project-scoped.

One file for three scopes, because the API has two collections only: `/api_keys` and
`/organizations/{org_id}/api_keys`; a project-scoped key is an organization key with `project_id` (Neon OpenAPI).
A 2xx is not enough anywhere: bodies are checked as Neon's own CLI does (facts: Neon §4).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from rotate.errors import Outcome, RotateError, SourceError
from rotate.ports import Clock, Hide, Issued
from rotate.protocol.facts.model import Dead, Identity, LiveKey, Scope, Standing
from rotate.secret import Secret
from rotate.systems.neon import words
from rotate.wire.http import Api
from rotate.wire.network import Network
from rotate.wire.outcome import Answer, NoAnswerError, is_page
from rotate.wire.together import begin
from rotate.wire.trouble import dressed

OK = 200
PERSONAL_KEYS = "/api_keys"
ORGANIZATION_METHOD = "api_key_org"
# A new key that is refused is asked again after so many seconds. Other issuers' keys are known everywhere within some
# seconds; nobody says it of Neon's (facts: Neon §12).
YOUNG_WAITS = (0.5, 1.0, 2.0, 4.0)
YOUNG_DEAD = f"The new key still answers 401, {sum(YOUNG_WAITS):g} seconds after it was first asked."
# Neon's advice is to stay below ten thousand keys; a row that is used is another row.
MOST_DESCRIBED = 20_000


class NeonApiKeys:
    """Implements `ports.Source` for one scope of one account or organization."""

    def __init__(
        self,
        api: Api,
        clock: Clock,
        scope: Scope,
        org_id: str | None,
        project_id: str | None,
        from_scope: Scope | None = None,
    ) -> None:
        self._api = api
        self._clock = clock
        self._young: Issued | None = None
        self._scope = scope
        self._org_id = org_id
        self._project_id = project_id
        self._from_scope = from_scope
        self._personal = frozenset[int]()
        self._keys = PERSONAL_KEYS if scope is Scope.PERSONAL else f"/organizations/{org_id}/api_keys"

    def identify(self, secret: Secret) -> Standing:
        """Ask `GET /auth` whom the value acts for; beside it, for an organization, whether it is bound to a project.

        Raises:
            SourceError: neither 200 nor 401 came back: nothing is known.
        """
        if self._scope is Scope.PERSONAL:
            return self._auth(secret)
        auth, bound = begin(partial(self._auth, secret)), begin(partial(self._project_bound, secret))
        standing, is_bound = auth(), bound()
        if isinstance(standing, RotateError):
            raise standing
        if isinstance(standing, Dead) or not standing.organization or isinstance(is_bound, RotateError):
            return standing
        return replace(standing, project_bound=is_bound)

    def list_keys(self, authority: Secret) -> tuple[LiveKey, ...]:
        """Give every live key of the account or organization. Lists are complete and unpaginated (Neon OpenAPI).

        Where a narrower key is to take the place of a personal one, also the keys of the minter's own account.

        Raises:
            Refused: the key may not list. SourceError: no usable answer.
        """
        if self._from_scope is not Scope.PERSONAL:
            return self._listed(self._keys, authority)
        others = begin(partial(self._listed, PERSONAL_KEYS, authority))
        keys, personal = self._listed(self._keys, authority), others()
        if isinstance(personal, RotateError):
            raise personal
        self._personal = frozenset(key.key_id for key in personal)
        if both := self._personal & {key.key_id for key in keys}:
            message = f"Neon lists a personal key and one of the organization under the same id, {min(both)}."
            raise SourceError("neon-unexpected-answer", message, words.WITHOUT)
        return (*keys, *personal)

    def _listed(self, path: str, authority: Secret) -> tuple[LiveKey, ...]:
        answer = self._call("GET", path, authority, idempotent=True)
        if answer.status in words.DENIED:
            raise words.may_not_list(self._org_id, answer)
        rows = answer.json()
        if answer.status != OK or not isinstance(rows, list):
            raise words.unexpected("list the keys", answer)
        found = tuple(live_key(row, answer) for row in rows)
        if self._from_scope is None:
            return found
        personal, organization = path == PERSONAL_KEYS, self._from_scope is Scope.ORGANIZATION
        wider = (personal or (organization and key.project_id is None) for key in found)
        return tuple(replace(key, wider=one) for key, one in zip(found, wider, strict=True))

    def issue(self, authority: Secret, name: str, hide: Hide) -> Issued:
        """Create a key. A failure whose `outcome` is unknown may have left a live key under `name`.

        Raises:
            SourceError: refused (no effect), or no usable reply (unknown).
        """
        body = {"key_name": name} | ({"project_id": self._project_id} if self._project_id else {})
        answer = self._call("POST", self._keys, authority, body)
        if answer.outcome is Outcome.NO_EFFECT:
            raise words.issue_refused(answer)
        row = answer.json()
        value = row.get("key") if isinstance(row, dict) else None
        if isinstance(value, str) and value:
            hide(Secret(value))
        if answer.outcome is not Outcome.APPLIED or not isinstance(value, str) or not value:
            raise words.unexpected("issue a key", answer, Outcome.UNKNOWN)
        key = live_key(row, answer)
        if key.project_id != self._project_id or key.name != name:
            message = f"Neon issued key {key.key_id} with another name or project than was asked for."
            raise SourceError("issue-mismatch", message, words.TELL_NEON, outcome=Outcome.UNKNOWN)
        self._young = Issued(key, Secret(value))
        return self._young

    def verify(self, issued: Secret, account_id: str) -> None:
        """Prove that a new value answers, acts for `account_id`, and reaches no further than asked.

        Raises:
            SourceError: it does not, or that could not be established.
        """
        standing = self.identify(issued)
        if isinstance(standing, Dead):
            raise SourceError("verify-failed", YOUNG_DEAD, words.TELL_NEON)
        organization = self._scope is not Scope.PERSONAL
        if standing.organization != organization or standing.account_id != account_id:
            raise SourceError(
                "verify-failed", "The new key acts for another principal than the one asked for.", words.TELL_NEON
            )
        if self._scope is Scope.PROJECT and standing.project_bound is not True:
            message = "The new key should be bound to one project, but that could not be shown: it may reach further."
            raise SourceError("verify-failed", message, words.TELL_NEON)

    def revoke(self, authority: Secret, key_id: int) -> None:
        """End a key; return only if the reply says `revoked: true` for the same id (facts: Neon §4).

        Raises:
            SourceError: refused (no effect), or no usable reply (unknown).
        """
        keys = PERSONAL_KEYS if key_id in self._personal else self._keys
        answer = self._call("DELETE", f"{keys}/{key_id}", authority)
        if answer.outcome is Outcome.NO_EFFECT:
            raise words.revoke_refused(key_id, answer)
        row = answer.json()
        said = isinstance(row, dict) and row.get("revoked") is True and row.get("id") == key_id
        if answer.outcome is Outcome.APPLIED and said:
            self._young = None if self._young and self._young.key.key_id == key_id else self._young
            return
        raise words.unexpected(f"revoke key {key_id}", answer, Outcome.UNKNOWN)

    def ahead(self) -> timedelta:
        """Give by how much Neon's clock is ahead of the run's, as far as the `Date` of its answers tells."""
        told = self._api.time()
        return told - self._clock.now() if told else timedelta()

    def close(self) -> None:
        self._api.close()

    def _auth(self, secret: Secret) -> Standing:
        answer = self._call("GET", "/auth", secret, idempotent=True)
        row = answer.json()
        if answer.status == words.UNAUTHORIZED and words.is_neons(row):
            return Dead()
        if answer.status == OK and isinstance(row, dict) and isinstance(row.get("account_id"), str):
            return Identity(row["account_id"], organization=row.get("auth_method") == ORGANIZATION_METHOD)
        raise words.unexpected("say whom the key acts for", answer)

    def _project_bound(self, secret: Secret) -> bool | None:
        """Ask for the organization: a project-scoped key is refused it (facts: Neon §3)."""
        answer = self._call("GET", f"/organizations/{self._org_id}", secret, idempotent=True)
        if answer.status in words.DENIED:
            return True
        row = answer.json()
        shown = answer.status == OK and isinstance(row, dict) and row.get("id") == self._org_id
        return False if shown else None

    def _call(self, verb: str, path: str, bearer: Secret, body: object = None, *, idempotent: bool = False) -> Answer:
        """Ask. Where a key is known that was issued a moment ago may not be everywhere at once: its 401 is looked at
        again, which is safe, since what answered so did nothing."""
        waits = YOUNG_WAITS if self._young and self._young.secret == bearer else ()
        try:
            answer = self._api.call(verb, path, bearer, body, idempotent=idempotent)
            for wait in waits:
                if answer.status != words.UNAUTHORIZED:
                    break
                self._clock.sleep(wait)
                answer = self._api.call(verb, path, bearer, body, idempotent=idempotent)
        except NoAnswerError as error:
            message = f"Neon did not answer ({error.said})."
            usual = SourceError("neon-unreachable", message, words.TRY_AGAIN, outcome=error.outcome)
            raise dressed(usual, error) from None
        if is_page(answer):
            raise words.not_neon(answer)
        return answer


def live_key(row: Any, answer: Answer) -> LiveKey:
    """Read one key. `created_by` is an object in lists and a string elsewhere (Neon OpenAPI); we need neither.

    Raises:
        SourceError: it is no row that tells of a key.
    """
    try:
        used, whence = row.get("last_used_at"), row.get("last_used_from_addr")
        return _described(row["id"], row["name"], row["created_at"], used, whence, row.get("project_id"))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise words.unexpected("describe a key", answer, Outcome.UNKNOWN) from None


@lru_cache(maxsize=MOST_DESCRIBED)
def _described(number: Any, name: Any, created: str, used: str | None, whence: Any, project: str | None) -> LiveKey:
    """Describe a key. A run reads the list many times, and of ten thousand rows few have changed since."""
    return LiveKey(
        key_id=int(number),
        name=str(name),
        created_at=datetime.fromisoformat(created),
        last_used_at=datetime.fromisoformat(used) if used else None,
        last_used_from=str(whence or ""),
        project_id=project or None,
    )


def build(
    api_host: str,
    clock: Clock,
    scope: Scope,
    org_id: str | None,
    project_id: str | None,
    network: Network | None = None,
    from_scope: Scope | None = None,
) -> NeonApiKeys:
    """Connect to Neon at `api_host` (for example `https://console.neon.tech/api/v2`)."""
    return NeonApiKeys(Api(api_host, clock, network or Network()), clock, scope, org_id, project_id, from_scope)
