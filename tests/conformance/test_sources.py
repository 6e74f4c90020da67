"""What every source promises (`ports.Source`), over each scope, against the pretend Neon."""

from __future__ import annotations

import threading

import pytest

from rotate.errors import Outcome, Refused, SourceError
from rotate.protocol.facts.model import Dead, Identity, Scope
from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.stories import Story
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.neon.api_key import NeonApiKeys, build
from rotate.wire.clock import SystemClock
from tests.support.opened import keep
from tests.support.stories import STORIES

ALL = pytest.mark.parametrize("scope", ["personal", "organization", "project"])
NAME = "acme_0a1b.1.1.abcd1"


class Bench:
    """A source, its story, and the values at hand."""

    def __init__(self, world: World, scope: str) -> None:
        stopped = threading.Event()
        stopped.set()  # waits end at once: what is counted here is requests, not seconds
        self.world = world
        self.story: Story = STORIES[scope](world)
        environment = self.story.environment()
        self.scope = Scope(scope)
        self.org_id = environment.get("INPUT_ORG_ID")
        project_id = environment.get("INPUT_PROJECT_ID")
        self.source: NeonApiKeys = keep(
            build(world.neon.url, SystemClock(stopped), self.scope, self.org_id, project_id)
        )
        self.issuer = Secret(environment["INPUT_API_KEY"])
        self.account = self.org_id or self.story.old_key.user.account_id
        self.hidden: list[Secret] = []

    def issue(self) -> tuple[int, Secret]:
        issued = self.source.issue(self.issuer, NAME, self.hidden.append)
        return issued.key.key_id, issued.secret


def names(world: World) -> list[str]:
    return [key.name for key in world.neon.live_keys()]


@ALL
def test_an_issued_key_is_hidden_listed_and_works(scope: str, world: World) -> None:
    bench = Bench(world, scope)
    key_id, secret = bench.issue()
    assert bench.hidden == [secret]
    assert key_id in [key.key_id for key in bench.source.list_keys(bench.issuer)]
    bench.source.verify(secret, bench.account)
    standing = bench.source.identify(secret)
    assert isinstance(standing, Identity)
    assert standing.account_id == bench.account


@ALL
def test_a_revoked_key_is_dead_and_no_longer_listed(scope: str, world: World) -> None:
    bench = Bench(world, scope)
    key_id, secret = bench.issue()
    bench.source.revoke(bench.issuer, key_id)
    assert bench.source.identify(secret) == Dead()
    assert key_id not in [key.key_id for key in bench.source.list_keys(bench.issuer)]
    with pytest.raises(SourceError) as caught:
        bench.source.verify(secret, bench.account)
    assert caught.value.reason == "verify-failed"


@ALL
def test_a_lost_create_reply_is_unknown_and_the_key_is_found_by_its_name(scope: str, world: World) -> None:
    bench = Bench(world, scope)
    world.faults.add(Fault("lost_reply", server="neon", method="POST"))
    with pytest.raises(SourceError) as caught:
        bench.issue()
    assert caught.value.outcome is Outcome.UNKNOWN
    assert world.ledger.count("POST") == 1, "an issue is never repeated"
    assert NAME in [key.name for key in bench.source.list_keys(bench.issuer)]


@ALL
@pytest.mark.parametrize("kind", ["truncated", "html", "cut"])
def test_a_create_reply_that_cannot_be_used_is_unknown(scope: str, kind: Kind, world: World) -> None:
    bench = Bench(world, scope)
    world.faults.add(Fault(kind, server="neon", method="POST", after=True))
    with pytest.raises(SourceError) as caught:
        bench.issue()
    assert caught.value.outcome is Outcome.UNKNOWN
    assert world.ledger.count("POST") == 1


@ALL
@pytest.mark.parametrize("body", [{"id": 1}, {"id": "x", "revoked": True}, {"revoked": True, "id": 1}, [], "yes"])
def test_a_revoke_reply_counts_only_with_revoked_true_for_the_same_id(scope: str, body: object, world: World) -> None:
    bench = Bench(world, scope)
    key_id, _ = bench.issue()
    world.faults.add(Fault("status", server="neon", method="DELETE", code=200, body=body))
    with pytest.raises(SourceError) as caught:
        bench.source.revoke(bench.issuer, key_id)
    assert (caught.value.reason, caught.value.outcome) == ("neon-unexpected-answer", Outcome.UNKNOWN)


@ALL
def test_a_refused_revoke_has_no_effect(scope: str, world: World) -> None:
    bench = Bench(world, scope)
    before = names(world)
    with pytest.raises(SourceError) as caught:
        bench.source.revoke(bench.issuer, 1)
    assert (caught.value.reason, caught.value.outcome) == ("revoke-found-no-key", Outcome.NO_EFFECT)
    key_id, _ = bench.issue()
    world.faults.add(Fault("status", server="neon", method="DELETE", code=403))
    with pytest.raises(SourceError) as caught:
        bench.source.revoke(bench.issuer, key_id)
    assert (caught.value.reason, caught.value.outcome) == ("revoke-refused", Outcome.NO_EFFECT)
    assert len(names(world)) == len(before) + 1


@ALL
@pytest.mark.parametrize(
    ("status", "words"),
    [(409, "new name"), (401, "died"), (404, "Admin"), (422, "refuse the same"), (425, "few minutes")],
)
def test_a_refused_issue_says_what_to_do(scope: str, status: int, words: str, world: World) -> None:
    bench = Bench(world, scope)
    world.faults.add(Fault("status", server="neon", method="POST", code=status))
    with pytest.raises(SourceError) as caught:
        bench.issue()
    assert (caught.value.reason, caught.value.outcome) == ("issue-refused", Outcome.NO_EFFECT)
    assert words in caught.value.remedy


@ALL
def test_a_rate_limited_issue_is_repeated_because_it_had_no_effect(scope: str, world: World) -> None:
    bench = Bench(world, scope)
    world.faults.add(Fault("rate_limited", server="neon", method="POST", retry_after=1))
    bench.issue()
    assert world.ledger.count("POST") == 2
    assert names(world).count(NAME) == 1


@pytest.mark.parametrize(("scope", "foreign"), [("personal", "organization"), ("organization", "project")])
def test_a_key_that_is_no_minter_may_neither_list_nor_issue(scope: str, foreign: str, world: World) -> None:
    bench = Bench(world, scope)
    other = STORIES[foreign](world)
    world.ledger.clear()
    with pytest.raises(Refused) as caught:
        bench.source.list_keys(Secret(other.old_key.value))
    assert caught.value.reason == "minter-needed"
    bench.issuer = Secret(other.old_key.value)
    with pytest.raises(SourceError):
        bench.issue()


@pytest.mark.parametrize(
    "rows",
    [
        {"keys": []},
        [{"id": 1}],
        [{"id": "one", "name": "n", "created_at": "2026-01-01T00:00:00Z"}],
        [{"id": 1, "name": "n", "created_at": "yesterday"}],
        ["key"],
    ],
)
def test_a_list_of_another_shape_is_not_believed(rows: object, world: World) -> None:
    bench = Bench(world, "personal")
    world.faults.add(Fault("status", server="neon", path="/api_keys", code=200, body=rows))
    with pytest.raises(SourceError) as caught:
        bench.source.list_keys(bench.issuer)
    assert caught.value.reason == "neon-unexpected-answer"


@pytest.mark.parametrize("code", [403, 404, 500, 302])
def test_only_401_is_dead(code: int, world: World) -> None:
    bench = Bench(world, "personal")
    world.faults.add(Fault("status", server="neon", path="/auth", code=code, times=None))
    with pytest.raises(SourceError):
        bench.source.identify(bench.issuer)


def test_a_created_key_with_another_name_is_not_used(world: World) -> None:
    bench = Bench(world, "personal")
    body = {"id": 7, "key": "napi_other", "name": "other", "created_at": "2026-01-01T00:00:00Z", "created_by": "u"}
    world.faults.add(Fault("status", server="neon", method="POST", code=200, body=body))
    with pytest.raises(SourceError) as caught:
        bench.issue()
    assert (caught.value.reason, caught.value.outcome) == ("issue-mismatch", Outcome.UNKNOWN)
    assert [secret.reveal() for secret in bench.hidden] == ["napi_other"], "hidden even so"


def test_a_key_for_another_account_does_not_pass(world: World) -> None:
    bench = Bench(world, "personal")
    _, secret = bench.issue()
    with pytest.raises(SourceError) as caught:
        bench.source.verify(secret, "00000000-0000-0000-0000-000000000000")
    assert caught.value.reason == "verify-failed"


def test_a_project_key_that_reaches_the_organization_does_not_pass(world: World) -> None:
    bench = Bench(world, "project")
    wide = world.neon.add_key(bench.story.old_key.user, name="wide", org_id=bench.org_id)
    with pytest.raises(SourceError) as caught:
        bench.source.verify(Secret(wide.value), bench.account)
    assert "bound to one project" in caught.value.message


@pytest.mark.parametrize("scope", ["organization", "project"])
def test_how_far_a_key_reaches_is_asked(scope: str, world: World) -> None:
    bench = Bench(world, scope)
    standing = bench.source.identify(Secret(bench.story.old_key.value))
    assert isinstance(standing, Identity)
    assert standing.project_bound is (scope == "project")


@pytest.mark.parametrize("kind", ["status", "reset", "html", "truncated"])
@pytest.mark.parametrize("scope", ["organization", "project"])
def test_how_far_a_key_reaches_is_not_read_from_a_page_or_from_silence(scope: str, kind: Kind, world: World) -> None:
    bench = Bench(world, scope)
    world.faults.add(Fault(kind, server="neon", path="/organizations/*", times=None))
    standing = bench.source.identify(Secret(bench.story.old_key.value))
    assert isinstance(standing, Identity)
    known = True if (scope, kind) == ("project", "truncated") else None
    assert standing.project_bound is known, "not known is not false, and a refusal needs no body"


def test_an_organization_identity_that_cannot_be_asked_is_an_error(world: World) -> None:
    bench = Bench(world, "organization")
    world.faults.add(Fault("reset", server="neon", path="/auth", times=None))
    with pytest.raises(SourceError) as caught:
        bench.source.identify(bench.issuer)
    assert caught.value.reason == "neon-unreachable"
