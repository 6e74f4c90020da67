"""What is Woodpecker's own: three kinds of places, refusals in plain text, and 404 for what may not be seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.systems.woodpecker.system import wrong
from tests.support.bench import BEFORE, NAME
from tests.support.laptop import Laptop
from tests.support.openapi import check
from tests.systems.woodpecker.bench import NEW, PLACES, TOKEN, Woodpecker, woodpecker

TEXT = {"Content-Type": "text/plain; charset=utf-8"}
ONE = f"*/secrets/{NAME}"


@pytest.mark.parametrize(
    "text",
    [
        "woodpecker://repo/octo/payments",
        "woodpecker://repo/org/octo#a",
        "woodpecker://repo/a/b/c/d.e#A-b.c",
        "woodpecker://repo/~octo/payments",
        "woodpecker://org/octo",
        "woodpecker://org/group/sub",
        "woodpecker://org/global",
        "woodpecker://global#A",
    ],
)
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("woodpecker://octo/payments", "it is `woodpecker://repo/"),
        ("woodpecker:repo/octo/payments", "it is `woodpecker://repo/"),
        ("woodpecker://global/octo", "or `woodpecker://global`"),
        ("woodpecker://global/", "or `woodpecker://global`"),
        ("woodpecker://repo/octo", "begins with its owner"),
        ("woodpecker://repo/octo/", "the full name"),
        ("woodpecker://repo/octo/..", "the full name"),
        ("woodpecker://repo", "the full name"),
        ("woodpecker://org/", "the full name"),
        ("woodpecker://org/a b", "the full name"),
        ("woodpecker://org/octo#A/B", "letters, digits"),
        ("woodpecker://org/octo#..", "letters, digits"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


@pytest.mark.parametrize("where", PLACES)
def test_each_is_read_written_and_created_as_the_description_says(where: str, world: World) -> None:
    ours = Woodpecker(world, where)
    for name in (NAME, "NEW_ONE"):
        opened = ours.opened(f"woodpecker://{where}#{name}")
        before = opened.observe()
        assert (before.mark is None, before.may_write) == (name == "NEW_ONE", True)
        assert opened.confirm(before, opened.put(NEW)) == Held()
    held, made = ours.owner.secrets[NAME], ours.owner.secrets["NEW_ONE"]
    assert (held.value, held.images, held.note) == (NEW.reveal(), ["woodpeckerci/plugin-s3"], "Neon's")
    assert held.events == ["cron", "push"]
    assert (made.value, made.images) == (NEW.reveal(), [])
    assert made.events == ["deployment", "push", "release", "tag"], "no pull request sees it"
    others = (owner for place, owner in ours.server.owners.items() if place != PLACES[where])
    assert {one.value for owner in others for one in owner.secrets.values()} == {BEFORE}
    assert check(entry for entry in world.ledger if entry.server == "woodpecker") >= 8


def test_what_a_write_sends_is_the_value_alone(world: World) -> None:
    opened = Woodpecker(world).opened()
    opened.confirm(opened.observe(), opened.put(NEW))
    (sent,) = (entry for entry in world.ledger if entry.method == "PATCH")
    assert sent.request_body == f'{{"value": "{NEW.reveal()}"}}'.encode()
    assert world.ledger.count("GET", "/repos/lookup/octo/payments") == 1, "once in a run"


def test_a_repository_in_groups_is_found_by_its_full_name(world: World) -> None:
    ours = Woodpecker(world)
    ours.server.set(ours.server.add("repos/a/b/c"), NAME, BEFORE)
    ours.user.levels["repos/a/b/c"] = "push"
    assert ours.opened(f"woodpecker://repo/a/b/c#{NAME}").observe().mark == Held()


@pytest.mark.parametrize(("where", "said"), [("org/octo", "user not authorized"), ("global", "no administrator's")])
def test_who_may_not_is_told_so_in_its_own_words(where: str, said: str, world: World) -> None:
    ours = Woodpecker(world, where)
    ours.gag()
    with pytest.raises(Refused, match=said) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-not-allowed"


def test_a_repository_without_the_right_to_push_is_no_absent_secret(world: World) -> None:
    ours = Woodpecker(world)
    ours.gag()
    for name in (NAME, "NOWHERE"):
        with pytest.raises(Refused, match="sees octo/payments, and not its secrets") as raised:
            ours.opened(f"woodpecker://repo/octo/payments#{name}").observe()
        assert raised.value.reason == "destination-not-allowed"


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        (401, "User not authorized", "destination-token-refused"),
        (403, "user not authorized", "destination-not-allowed"),
        (400, "Error parsing secret. EOF", "destination-refused"),
        (422, "Error updating secret. empty value", "destination-refused"),
        (500, 'Error updating secret "A". locked', "destination-failing"),
        (403, "Forbidden by the proxy", "destination-no-json"),
        (404, "no such backend", "destination-no-json"),
    ],
)
def test_a_refusal_in_plain_text_is_its_own_where_it_speaks_so(code: int, text: str, reason: str, world: World) -> None:
    opened = Woodpecker(world).opened()
    opened.observe()
    world.faults.add(Fault("status", method="PATCH", code=code, body=text.encode(), headers=TEXT, times=None))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert raised.value.reason == reason
    assert (text in raised.value.message) == (reason != "destination-no-json")


@pytest.mark.parametrize(
    ("path", "code", "body", "why"),
    [
        ("*/lookup/*", 200, {"name": "x"}, "without its number"),
        ("*/lookup/*", 200, [], "without its number"),
        (ONE, 200, {"name": "other"}, "not with a secret of this name"),
        (ONE, 200, [], "not with a secret of this name"),
        ("/user", 200, [], "not with a user"),
    ],
)
def test_an_answer_about_something_else_is_not_believed(
    path: str, code: int, body: object, why: str, world: World
) -> None:
    opened = Woodpecker(world, "global" if path == "/user" else "repo/octo/payments").opened()
    world.faults.add(Fault("status", path=path, code=code, body=body, times=None))
    with pytest.raises(DestinationError, match=why) as raised:
        opened.observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_a_list_that_is_none_proves_no_absence(world: World) -> None:
    ours = Woodpecker(world)
    del ours.owner.secrets[NAME]
    assert ours.opened().observe().mark is None
    world.faults.add(Fault("status", path="*/secrets", code=200, body={"message": "ok"}))
    with pytest.raises(DestinationError, match="not with a list of secrets"):
        ours.opened().observe()


def test_an_answer_to_a_write_about_another_secret_proves_nothing(world: World) -> None:
    """Earlier servers stored the names of new secrets in small letters."""
    opened = Woodpecker(world).opened("woodpecker://repo/octo/payments#NEW_ONE")
    before = opened.observe()
    world.faults.add(Fault("status", method="POST", code=200, body={"id": 1, "name": "new_one"}, after=True))
    with pytest.raises(DestinationError, match="not with a secret of this name") as raised:
        opened.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN
    with pytest.raises(DestinationError, match="no reply told"):
        opened.confirm(before, None)


def test_a_secret_is_created_by_one_request_even_if_its_reply_is_lost(world: World) -> None:
    opened = Woodpecker(world).opened("woodpecker://repo/octo/payments#NEW_ONE")
    opened.observe()
    world.faults.add(Fault("lost_reply", method="POST"))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.outcome, world.ledger.count("POST", "*/secrets")) == (Outcome.UNKNOWN, 1)


def test_what_was_deleted_and_created_again_after_the_write_is_not_ours(world: World) -> None:
    ours = Woodpecker(world)
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    stood = opened.confirm(before, receipt)
    old = ours.owner.secrets.pop(NAME)
    again = ours.server.set(ours.owner, NAME, BEFORE, old.events)
    again.images, again.note = old.images, old.note
    assert opened.written() != stood
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-overwritten"


def test_a_flag_that_somebody_widens_after_the_write_is_told(world: World) -> None:
    ours = Woodpecker(world)
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    ours.owner.secrets[NAME].events.append("pull_request")
    with pytest.raises(DestinationError, match="events") as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-flags-changed"


def test_a_base_url_may_have_a_path(world: World) -> None:
    ours = Woodpecker(world)
    for path in ("/ci", "/ci/api", "/"):
        ours.environment["WOODPECKER_SERVER"] = f"{ours.server.url}{path}"
        assert ours.opened().observe().mark == Held()


@pytest.mark.parametrize("lines", ["repository: octo/payments", "organization: octo"])
def test_a_policy_file_has_it_by_fields(lines: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    where = "org/octo" if "organization" in lines else "repo/octo/payments"
    with woodpecker(where) as bench:
        laptop = Laptop(bench, capsys, tmp_path)
        file = tmp_path / "policy.yml"
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n"
            f"      - type: woodpecker\n        {lines}\n"
        )
        assert laptop.by(file) == 0, laptop.told
        assert [laptop.held] == [one.value for one in laptop.live]
        assert laptop.report["destinations"][0]["proof"] == "accepted, not provable"
        assert laptop.run(command="plan") == 0, laptop.told
        assert f"confirm the write to {laptop.here} (accepted, not provable)" in laptop.told
        assert TOKEN not in laptop.told


def test_it_is_refused_without_a_canary_where_proof_is_required(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with woodpecker("global") as bench:
        laptop = Laptop(bench, capsys, tmp_path)
        file = tmp_path / "policy.yml"
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n    require_proof: true\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: {laptop.here}\n"
        )
        assert laptop.by(file) == 3, laptop.told
        assert laptop.reasons == ["destination-not-provable"]
