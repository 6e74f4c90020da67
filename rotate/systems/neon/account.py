"""What an API key reaches at Neon: its own account, the organizations, their keys and their members. Reads only."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote

from rotate.errors import Refused, RotateError, SourceError, one_line
from rotate.ports import Clock
from rotate.protocol.facts.holdings import Account, HeldKey
from rotate.secret import SHAPES, Secret
from rotate.systems.neon import words
from rotate.systems.neon.api_key import OK, ORGANIZATION_METHOD, PERSONAL_KEYS, live_key
from rotate.wire.http import Api
from rotate.wire.network import Network
from rotate.wire.outcome import Answer, NoAnswerError, is_page
from rotate.wire.together import begin, together
from rotate.wire.trouble import dressed

# The most that Neon gives at once (Neon OpenAPI getOrganizationMembers), and so many pages at most: 50,000 members.
PAGE, MOST_PAGES = 500, 100
NEITHER = "The other accounts were read. Give in `api_key` a personal key of an Admin of the organization."
# A name may hold a value that somebody pasted: of today's form, or 64 characters without a prefix (facts: Neon §5).
VALUE = re.compile(SHAPES + "|[A-Za-z0-9]{40,}")


class Reached(NamedTuple):
    """What a key reaches. `unread`: what could not be read, and why."""

    accounts: tuple[Account, ...] = ()
    unread: tuple[RotateError, ...] = ()


class NeonAccounts:
    """Reads what a key reaches: three requests, and two for each organization; more where that has over 500 members."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def reached(self, authority: Secret) -> Reached:
        """Give every account whose keys this key may list; what it may not is told among the `unread`.

        Raises:
            Refused: the key is dead. SourceError: no usable answer to the question whose it is.
        """
        account_id, personal = self._whose(authority)
        listing = begin(partial(self._organizations, authority))
        mine = together(*([partial(self._of_user, authority, account_id)] if personal else []))
        organizations, unread = listing(), tuple[RotateError, ...]()
        if isinstance(organizations, RotateError):
            # An organization's key acts for one, and may be refused the list (facts: Neon §3).
            unread = (organizations,) if personal else ()
            organizations = {} if personal else {account_id: ""}
        others = together(*(partial(self._of_organization, authority, *one) for one in organizations.items()))
        found = [one for one in (*mine, *others) if isinstance(one, Reached)]
        failed = [one for one in (*mine, *others) if isinstance(one, RotateError)]
        accounts = tuple(account for one in found for account in one.accounts)
        return Reached(accounts, (*unread, *failed, *(error for one in found for error in one.unread)))

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def _whose(self, authority: Secret) -> tuple[str, bool]:
        answer = self._get("/auth", authority)
        row = answer.json()
        if answer.status == words.UNAUTHORIZED and words.is_neons(row):
            remedy = "Put a live key into `api_key`: it only lists, and is neither replaced nor revoked."
            raise Refused("api-key-dead", "The key in `api_key` is dead: Neon answers 401.", remedy)
        if answer.status == OK and isinstance(row, dict) and isinstance(row.get("account_id"), str):
            return row["account_id"], row.get("auth_method") != ORGANIZATION_METHOD
        raise words.unexpected("say whom the key acts for", answer)

    def _organizations(self, authority: Secret) -> dict[str, str]:
        """Give the names of the organizations by their ids."""
        answer = self._get("/users/me/organizations", authority)
        rows = _document(answer, "organizations")["organizations"]
        try:
            return {str(row["id"]): one_line(str(row.get("name") or "")) for row in rows}
        except (KeyError, TypeError, AttributeError):
            raise words.unexpected("list the organizations", answer) from None

    def _of_user(self, authority: Secret, account_id: str) -> Reached:
        keys = self._keys(PERSONAL_KEYS, authority, None)
        return Reached((Account(account_id, "", keys, personal=True),))

    def _of_organization(self, authority: Secret, org_id: str, name: str) -> Reached:
        listing = begin(partial(self._members, authority, org_id))
        keys = self._keys(f"/organizations/{quote(org_id, safe='')}/api_keys", authority, org_id)
        members = listing()
        if isinstance(members, RotateError):
            return Reached((Account(org_id, name, keys),), (members,))
        return Reached((Account(org_id, name, keys, members=members),))

    def _keys(self, path: str, authority: Secret, org_id: str | None) -> tuple[HeldKey, ...]:
        """Lists are complete and unpaginated (Neon OpenAPI)."""
        answer = self._get(path, authority)
        if answer.status in words.DENIED:
            raise words.may_not_list(org_id, answer)
        rows = answer.json()
        if answer.status != OK or not isinstance(rows, list):
            raise words.unexpected("list the keys", answer)
        return tuple(_held(row, answer, personal=org_id is None) for row in rows)

    def _members(self, authority: Secret, org_id: str) -> frozenset[str]:
        """Give the ids of those whose account is active. A list that does not end is none."""
        found: set[str] = set()
        path = f"/organizations/{quote(org_id, safe='')}/members?limit={PAGE}"
        cursor = ""
        for _ in range(MOST_PAGES):
            answer = self._get(path + (f"&cursor={quote(cursor, safe='')}" if cursor else ""), authority)
            if answer.status in words.DENIED:
                message = f"The key in `api_key` may not list the members of {org_id} ({words.quote(answer)})"
                raise Refused("members-unread", f"{message}: who has left is not told.", NEITHER)
            page = _document(answer, "members")
            rows = page["members"]
            try:
                found |= {row["member"]["user_id"] for row in rows if not row["user"].get("deactivated_at")}
                cursor = str((page.get("pagination") or {}).get("next") or "")
            except (KeyError, TypeError, AttributeError):
                raise words.unexpected(f"list the members of {org_id}", answer) from None
            if not (cursor and rows):
                return frozenset(found)
        message = f"The list of the members of {org_id} has no end: who has left is not told."
        raise SourceError("neon-unexpected-answer", message, words.TRY_AGAIN)

    def _get(self, path: str, authority: Secret) -> Answer:
        try:
            answer = self._api.call("GET", path, authority, None, idempotent=True)
        except NoAnswerError as error:
            message = f"Neon did not answer ({error.said})."
            usual = SourceError("neon-unreachable", message, words.TRY_AGAIN, outcome=error.outcome)
            raise dressed(usual, error) from None
        if is_page(answer):
            raise words.not_neon(answer)
        return answer


def _document(answer: Answer, name: str) -> dict[str, Any]:
    """Give an answer that has a list under a name."""
    found = answer.json()
    if answer.status != OK or not isinstance(found, dict) or not isinstance(found.get(name), list):
        raise words.unexpected(f"list the {name}", answer)
    return found


def _held(row: Any, answer: Answer, *, personal: bool) -> HeldKey:
    """Read one key with who made it: an object in lists (Neon OpenAPI ApiKeysListResponseItem)."""
    key = live_key(row, answer)
    creator = row.get("created_by")
    who = creator if isinstance(creator, dict) else {}
    whole = replace(key, name=VALUE.sub("(not shown)", key.name))
    return HeldKey(whole, personal, str(who.get("id") or ""), VALUE.sub("(not shown)", str(who.get("name") or "")))


def accounts(api_host: str, clock: Clock, network: Network) -> NeonAccounts:
    """Connect to Neon at `api_host` (for example `https://console.neon.tech/api/v2`)."""
    return NeonAccounts(Api(api_host, clock, network))
