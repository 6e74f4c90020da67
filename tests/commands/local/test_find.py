"""`local find`: each place is told with the key that lies there, whether it lives, and what is to be done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from rotate import registry
from rotate.errors import Refused
from rotate.machine import Sighting
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import personal
from tests.support.desk import SYSTEM, Desk
from tests.support.pages import ROOT

SCHEMA = json.loads((ROOT / "docs/report.schema.json").read_text())
UNKNOWN = "napi_sandbox" + "u" * 57


def test_without_a_question_nobody_is_asked(desk: Desk) -> None:
    key = personal(desk.world).old_key.value
    desk.lay("a", key)
    desk.lay("b", UNKNOWN)
    assert desk.run("find", key=key) == 0
    assert desk.world.ledger.count() == 0
    told = {name: (row["role"], row["liveness"], row["state"]) for name, row in desk.keys.items()}
    assert told == {"a": ("current", "unknown", "in order"), "b": ("not known", "unknown", "not known")}
    assert "`--probe` asks Neon" in desk.keys["b"]["todo"]
    assert desk.report["why"] == "2 keys in 2 places of 4 files, 0 to mend, 1 not known"
    assert desk.report["state"] == "Nothing was changed: this command only reads."
    jsonschema.validate(desk.report, SCHEMA)


@pytest.mark.parametrize("word", ["", "find"])
def test_no_key_is_needed(word: str, desk: Desk) -> None:
    desk.lay("a", UNKNOWN)
    assert desk.run(word) == 0
    assert desk.keys["a"]["address"] == "paper://a"


def test_neon_tells_which_live(desk: Desk) -> None:
    story = personal(desk.world)
    dead, other = (desk.world.neon.add_key(story.old_key.user, name=name) for name in ("dead", "other"))
    desk.world.neon.revoke(dead.key_id)
    for name, value in (("current", story.old_key.value), ("dead", dead.value), ("other", other.value)):
        desk.lay(name, value)
    for name, value in (("script", dead.value), ("diary", dead.value)):
        desk.lay(name, value)
    assert desk.run("find --probe", key=story.old_key.value) == 3
    told = {name: (row["liveness"], row["state"], row["todo"]) for name, row in desk.keys.items()}
    assert told == {
        "current": ("alive", "in order", "nothing: it holds the standing key"),
        "dead": ("dead", "to mend", "`neon-rotate local apply` writes the standing key there"),
        "other": ("alive", "not known", "nothing: it lives, and is not known to be superseded"),
        "script": ("dead", "to mend", "Rub it out."),
        "diary": ("dead", "in order", "nothing: it is dead, and nothing takes it from there"),
    }


def test_what_neon_does_not_answer_is_unknown(desk: Desk) -> None:
    desk.lay("a", UNKNOWN)
    desk.world.faults.add(Fault("status", server="neon", path="/auth", code=500, times=None))
    assert desk.run("find --probe") == 0
    assert (desk.keys["a"]["liveness"], desk.keys["a"]["todo"]) == (
        "unknown",
        "not known: Neon did not say whether it lives",
    )


def test_a_live_key_in_a_history_is_to_mend(desk: Desk) -> None:
    key = personal(desk.world).old_key.value
    desk.lay("diary", key)
    assert desk.run("find", key=key) == 3
    assert (desk.keys["diary"]["state"], desk.keys["diary"]["todo"]) == ("to mend", "Rub it out.")
    assert desk.run("find --probe") == 3
    assert desk.run("find") == 0, "nothing is known of it"


def test_a_place_that_nobody_can_write_is_told_before_it_is_too_late(desk: Desk) -> None:
    key = personal(desk.world).old_key.value
    desk.lay("script", key)
    assert desk.run("find", key=key) == 0
    assert (desk.keys["script"]["state"], desk.keys["script"]["todo"]) == ("in order", "Rub it out.")


def test_a_system_that_cannot_tell_does_not_end_the_search(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*_: object) -> Iterator[Sighting]:
        raise Refused("local-not-searched", "The drawer is locked.")

    monkeypatch.setattr("tests.support.desk.DRAWER", SYSTEM._replace(sightings=cannot), raising=False)
    monkeypatch.setitem(registry.SYSTEMS, "drawer", "tests.support.desk:DRAWER")
    desk.lay("a", UNKNOWN)
    assert desk.run("find") == 0
    assert ([*desk.keys], [one["message"] for one in desk.report["warnings"]]) == (["a"], ["The drawer is locked."])


@pytest.mark.parametrize(
    ("given", "reason"),
    [(("--scope", "organization"), "input-missing"), (("--credential", UNKNOWN), "secret-misplaced")],
)
def test_what_is_wrong_with_the_request_is_told_before_any_search(
    given: tuple[str, ...], reason: str, desk: Desk
) -> None:
    desk.values.add(UNKNOWN)
    assert desk.run("find", *given) == 2
    assert reason in desk.reasons
    assert desk.report["machine"] is None


def test_a_network_that_is_none_is_told(desk: Desk) -> None:
    assert desk.run("find", HTTPS_PROXY="socks5://proxy.example") == 2
    assert desk.reasons == ["proxy-invalid"]


def test_a_bug_is_told_without_its_text(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.lay("a", UNKNOWN)

    def wrong(*_: object) -> Iterator[Sighting]:
        raise ValueError(UNKNOWN)

    monkeypatch.setattr("tests.support.desk.DRAWER", SYSTEM._replace(sightings=wrong), raising=False)
    monkeypatch.setitem(registry.SYSTEMS, "drawer", "tests.support.desk:DRAWER")
    assert desk.run("find") == 70
    assert desk.reasons == ["internal-error"]


def test_the_job_summary_has_a_table(desk: Desk, tmp_path: Path) -> None:
    desk.lay("a", UNKNOWN)
    summary = tmp_path / "summary"
    assert desk.run("find", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary)) == 0
    assert "### Keys on this machine" in summary.read_text()
    assert UNKNOWN not in summary.read_text()


def test_keys_that_may_not_be_listed_have_no_name(desk: Desk) -> None:
    key = personal(desk.world).old_key.value
    desk.lay("a", key)
    desk.world.faults.add(Fault("status", server="neon", path="/api_keys", code=403, times=None))
    assert desk.run("find --probe", key=key) == 0
    assert (desk.keys["a"]["key_id"], desk.keys["a"]["key_name"]) == (None, "")
