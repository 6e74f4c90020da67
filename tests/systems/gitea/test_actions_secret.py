"""What is Gitea's own: a description that a write could empty, a list in pages, and a right that is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.systems.gitea.system import wrong
from tests.support.bench import BEFORE, NAME
from tests.support.laptop import Laptop
from tests.systems.gitea.bench import NEW, PLACES, TOKEN, Gitea, gitea

LIST = "*/actions/secrets"
ROW = {"name": "OTHER", "created_at": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("text", ["gitea://octo/payments", "gitea://o-c.t_o/.dotted#A_1", "gitea://org/octo#_A"])
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("gitea://octo", "or `gitea://org/<organization>`"),
        ("gitea:octo/payments", "or `gitea://org/<organization>`"),
        ("gitea://-octo/payments", "or `gitea://org/<organization>`"),
        ("gitea://octo/payments/more", "a repository's name"),
        ("gitea://octo/..", "a repository's name"),
        ("gitea://octo/", "a repository's name"),
        ("gitea://org/octo/payments", "an organization's name"),
        ("gitea://org/.octo", "an organization's name"),
        ("gitea://octo/payments#neon_api_key", "capitals"),
        ("gitea://octo/payments#1KEY", "capitals"),
        ("gitea://octo/payments#GITEA_KEY", "does not begin with"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


@pytest.mark.parametrize("forgejo", [False, True])
@pytest.mark.parametrize("where", PLACES)
def test_each_is_overwritten_and_created_in_the_one_place_that_is_meant(
    where: str, world: World, *, forgejo: bool
) -> None:
    ours = Gitea(world, forgejo=forgejo)
    for name in (NAME, "NEW_ONE"):
        opened = ours.opened(where, name)
        before = opened.observe()
        assert (before.mark is None, before.may_write) == (name == "NEW_ONE", True)
        assert opened.confirm(before, opened.put(NEW)) == Held()
    held = ours.server.places[PLACES[where]]
    assert {name: (one.data, one.description) for name, one in held.items()} == {
        NAME: (NEW.reveal(), "" if forgejo else "Neon's"),
        "NEW_ONE": (NEW.reveal(), ""),
    }
    (other,) = (ours.server.places[place] for one, place in PLACES.items() if one != where)
    assert {one.data for one in other.values()} == {BEFORE}


def test_a_name_in_small_letters_is_the_one_in_capitals(world: World) -> None:
    ours = Gitea(world)
    opened = ours.opened(name="neon_api_key")
    opened.confirm(opened.observe(), opened.put(NEW))
    assert [one.data for one in ours.server.places["repos/octo/payments"].values()] == [NEW.reveal()]


def test_a_description_that_somebody_changed_since_the_first_look_is_kept(world: World) -> None:
    ours = Gitea(world)
    opened, secrets = ours.opened(), ours.server.places["repos/octo/payments"]
    opened.observe()
    secrets[NAME].description = "Changed."
    opened.put(NEW)
    assert secrets[NAME].description == "Changed."


def test_the_right_is_asked_for_once_a_place_and_nothing_is_stored_by_that(world: World) -> None:
    ours = Gitea(world)
    before, opened = dict(ours.server.places["repos/octo/payments"]), ours.opened()
    opened.observe()
    opened.observe()
    (asked,) = (entry for entry in world.ledger if entry.method == "PUT")
    assert (asked.route, asked.request_body, asked.status) == (
        "/repos/octo/payments/actions/secrets/GITEA_",
        b"{}",
        422,
    )
    assert ours.server.places["repos/octo/payments"] == before


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_server_that_takes_what_it_must_refuse_is_no_gitea(status: int, world: World) -> None:
    opened = Gitea(world).opened()
    world.faults.add(Fault("status", method="PUT", code=status, body={}))
    with pytest.raises(DestinationError, match=f"HTTP {status} to what it must refuse") as raised:
        opened.observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_who_owns_no_place_is_refused_before_the_write(world: World) -> None:
    ours = Gitea(world)
    ours.token.places.update(dict.fromkeys(PLACES.values(), "member"))
    for where in PLACES:
        with pytest.raises(Refused, match="owner") as raised:
            ours.opened(where).observe()
        assert raised.value.reason == "destination-not-allowed"


@pytest.mark.parametrize("most", [1, 7, 50])
def test_a_secret_on_a_later_page_is_found_and_one_that_is_nowhere_is_absent(most: int, world: World) -> None:
    ours = Gitea(world, forgejo=True)
    ours.server.most = most
    for number in range(9):
        ours.server.set("repos/octo/payments", f"A_{number}", "value")
    assert ours.opened(name="A_8").observe().mark == Held()
    assert ours.opened(name="NOWHERE").observe().mark is None


@pytest.mark.parametrize(
    ("body", "total", "why"),
    [
        ([ROW], "2", "has 1 of the 2 secrets"),
        ([ROW, ROW], "2", "has 1 of the 2 secrets"),
        ([], "1", "has 0 of the 1 secrets"),
        ([ROW, {"name": "MORE"}], "1", "has 2 of the 1 secrets"),
        ([ROW], "", "not with a list of secrets and their number"),
        (["x"], "1", "not with a list of secrets and their number"),
        ({"message": "ok"}, "1", "not with a list of secrets and their number"),
    ],
)
def test_a_list_that_is_not_whole_proves_no_absence(body: object, total: str, why: str, world: World) -> None:
    opened = Gitea(world).opened()
    more = {"X-Total-Count": total}
    world.faults.add(Fault("status", path=LIST, code=200, body=body, headers=more, times=None))
    with pytest.raises(DestinationError, match=why) as raised:
        opened.observe()
    assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.NO_EFFECT)
    assert world.ledger.count("GET", LIST) <= 2, "a page with nothing new is the last one"


def test_the_token_is_sent_as_the_description_of_the_api_says(world: World) -> None:
    Gitea(world).opened().observe()
    assert {entry.request_headers["Authorization"] for entry in world.ledger} == {f"token {TOKEN}"}


def test_what_was_deleted_in_the_moment_of_the_write_and_came_to_be_again_is_told(world: World) -> None:
    opened = Gitea(world).opened()
    before = opened.observe()
    world.faults.add(Fault("status", method="PUT", code=201, body=b"", after=True))
    with pytest.raises(DestinationError, match="created it again with the new value") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-changed", Outcome.UNKNOWN)
    with pytest.raises(DestinationError, match="no reply told"):
        opened.confirm(before, None)


def test_a_secret_that_was_deleted_and_created_again_after_the_write_is_not_ours(world: World) -> None:
    ours = Gitea(world)
    opened, secrets = ours.opened(), ours.server.places["repos/octo/payments"]
    before = opened.observe()
    receipt = opened.put(NEW)
    stood = opened.confirm(before, receipt)
    del secrets[NAME]
    ours.server.set("repos/octo/payments", NAME, BEFORE, "Neon's")
    assert opened.written() != stood
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-overwritten"


def test_a_description_that_somebody_changes_after_the_write_is_told(world: World) -> None:
    ours = Gitea(world)
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    ours.server.places["repos/octo/payments"][NAME].description = ""
    with pytest.raises(DestinationError, match="description") as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-flags-changed"


def test_a_base_url_may_have_a_path_and_the_apis_own(world: World) -> None:
    ours = Gitea(world)
    for path in ("/git", "/git/api/v1", "/api/v1/"):
        ours.environment["GITEA_URL"] = f"{ours.server.url}{path}"
        assert ours.opened().observe().mark == Held()


@pytest.mark.parametrize("lines", ["owner: octo\n        repository: payments", "organization: octo"])
def test_a_policy_file_has_it_by_fields(lines: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with gitea("octo/payments") as bench:
        laptop = Laptop(bench, capsys, tmp_path)
        file, pretend = tmp_path / "policy.yml", laptop.web.pretend
        assert isinstance(pretend, Gitea)
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: github://octo-org/payments\n"
            f"      - type: gitea\n        {lines}\n"
        )
        assert laptop.by(file) == 0, laptop.told
        place = "orgs/octo" if "organization" in lines else "repos/octo/payments"
        assert pretend.server.places[place][NAME].data == laptop.live[-1].value


def test_plan_and_summary_say_that_nothing_is_proven_and_a_canary_can_be_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with gitea("octo/payments") as bench:
        laptop = Laptop(bench, capsys, tmp_path)
        file = tmp_path / "policy.yml"
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n    require_proof: true\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: {laptop.here}\n"
        )
        assert laptop.by(file) == 3, laptop.told
        assert laptop.reasons == ["destination-not-provable"]
        assert laptop.first() == 0, laptop.told
        assert laptop.report["destinations"][0]["proof"] == "accepted, not provable"
        assert laptop.run(command="plan") == 0, laptop.told
        assert f"confirm the write to {laptop.here} (accepted, not provable)" in laptop.told
        assert TOKEN not in laptop.told
