"""What is Vercel's own: several variables of one name, one for several environments, values that nobody is shown."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.exchange import Json
from rotate.sandbox.faults import Fault
from rotate.sandbox.vercel.state import Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.vercel.variables import opened
from tests.support.bench import BEFORE, NAME, means_of
from tests.support.openapi import check
from tests.systems.vercel.bench import HERE, NEW, PROJECT, SHARED, TEAM, Vercel

LIST, READ, WRITE = "*/v10/projects/*/env", "*/v1/projects/*/env/*", "*/v9/projects/*/env/*"


@pytest.fixture
def ours(world: World) -> Vercel:
    return Vercel(world)


@pytest.mark.parametrize("kind", ["encrypted", "plain", "sensitive"])
def test_each_type_is_read_and_written_as_the_description_says(kind: str, world: World) -> None:
    ours = Vercel(world, kind)
    ours.written()
    assert (ours.variable.value, ours.variable.type) == (NEW.reveal(), kind)
    asked = [one for one in world.ledger if one.server == "vercel"]
    assert check(asked) >= 4
    assert {one.path.partition("?")[2] for one in asked} == {f"teamId={TEAM}"}
    assert not any(NEW.reveal() in one.path for one in asked)


def test_a_personal_account_names_no_team_and_a_slug_is_one(ours: Vercel) -> None:
    alone = ours.server.projects[-1]
    alone.variables.append(Variable(NAME, "alone", updated=1))
    assert ours.opened(VERCEL_TEAM_ID="").written() != ours.opened().written()
    ours.server.tokens[ours.environment["VERCEL_TOKEN"]].add("octo")
    with pytest.raises(Refused, match="Project not found"):
        ours.opened(VERCEL_TEAM_ID="octo").observe()
    assert list(ours.world.ledger)[-1].path.endswith("?slug=octo")


def test_the_one_that_is_meant_is_picked_and_the_others_stay(ours: Vercel) -> None:
    ours.project.custom["staging"] = "env_staging"
    kept = [
        Variable(NAME, "previews", ["preview"], updated=1),
        Variable(NAME, "of-main", ["preview"], updated=1, also={"gitBranch": "main"}),
        Variable(NAME, "of-staging", [], updated=1, also={"customEnvironmentIds": ["env_staging"]}),
        Variable(NAME, "local", ["development"], updated=1),
    ]
    ours.project.variables += kept
    options = ("target=preview", "branch=main&target=preview", "custom=staging", "target=development")
    for number, option in enumerate(options):
        ours.written(f"vercel://{PROJECT}?{option}#{NAME}")
        assert [one.value == NEW.reveal() for one in kept] == [one <= number for one in range(len(kept))]
    assert ours.variable.value == BEFORE
    with pytest.raises(Refused, match="Environment not found"):
        ours.opened(f"vercel://{PROJECT}?custom=gone#{NAME}").observe()


def test_one_for_several_environments_stays_one_for_all_of_them(ours: Vercel) -> None:
    ours.variable.target = ["preview", "production", "development"]
    ours.written()
    assert (ours.variable.value, ours.variable.target) == (NEW.reveal(), ["preview", "production", "development"])
    assert len(ours.project.variables) == 1
    same = ours.opened(HERE.replace("production", "development"))
    assert same.observe().holds == Held(NEW.fingerprint), "the other environment has it too"


def test_an_answer_may_give_a_single_target_without_a_list(ours: Vercel) -> None:
    ours.variable.also["target"] = "production"
    ours.written()
    assert ours.variable.value == NEW.reveal()


@pytest.mark.parametrize(
    ("option", "kind", "target", "also"),
    [
        ("target=production", "sensitive", ["production"], {}),
        ("branch=main&target=preview", "sensitive", ["preview"], {"gitBranch": "main"}),
        ("target=development", "encrypted", ["development"], {}),
        ("custom=staging", "sensitive", [], {"customEnvironmentIds": ["env_staging"]}),
    ],
)
def test_a_new_one_is_created_as_vercels_own_client_does(
    option: str, kind: str, target: list[str], also: dict[str, Json], ours: Vercel
) -> None:
    ours.project.custom["staging"] = "env_staging"
    ours.written(f"vercel://{PROJECT}?{option}#NEW_ONE")
    new = ours.project.variables[-1]
    assert (new.key, new.value, new.type, new.target, new.also) == ("NEW_ONE", NEW.reveal(), kind, target, also)
    if not option.startswith("custom"):
        assert check(one for one in ours.world.ledger if one.server == "vercel")


@pytest.mark.parametrize("how", ["sensitive", "secret", "blinkered"])
def test_where_no_value_is_shown_the_time_tells_whose_it_is(how: str, world: World) -> None:
    ours = Vercel(world, "sensitive" if how == "sensitive" else "encrypted")
    if how == "secret":
        ours.variable.also["visibility"] = "secret"
    if how == "blinkered":
        ours.server.blinkered.add(ours.environment["VERCEL_TOKEN"])
    place = ours.opened()
    before = place.observe()
    receipt = place.put(NEW)
    stood = place.confirm(before, receipt)
    assert before.written_at is not None
    assert stood != before.mark
    assert place.written() == stood
    ours.write("napi_somebody_elses")
    assert place.written() != stood
    with pytest.raises(DestinationError, match="another value"):
        place.confirm(before, receipt)


@pytest.mark.parametrize(
    ("kind", "also", "reason", "why"),
    [
        ("system", {}, "destination-refers", "a value of Vercel's own"),
        ("secret", {}, "destination-refers", "former kind"),
        ("encrypted", {"configurationId": "icfg_neon"}, "destination-owned", "icfg_neon"),
    ],
)
def test_what_is_not_ours_to_write_is_refused(
    kind: str, also: dict[str, Json], reason: str, why: str, world: World
) -> None:
    ours = Vercel(world)
    place = ours.opened()
    place.observe()
    ours.variable.type, ours.variable.also = kind, also
    for look in (ours.opened().observe, lambda: place.put(NEW)):
        with pytest.raises(Refused, match=why) as raised:
            look()
        assert raised.value.reason == reason
    assert ours.variable.value == BEFORE


def test_a_shared_one_is_written_with_all_that_it_is_linked_to(ours: Vercel) -> None:
    also: dict[str, Json] = {"projectId": ["prj_1", "prj_2"], "applyToAllCustomEnvironments": True, "comment": "Neon's"}
    one = Variable(NAME, BEFORE, ["production", "preview"], updated=1, also=also)
    other = Variable(NAME, "local", ["development"], updated=1)
    ours.server.shared[TEAM] = [*(Variable(f"OTHER_{n}", "x") for n in range(45)), other, one]
    ours.written(SHARED)
    assert (one.value, other.value) == (NEW.reveal(), "local")
    assert one.also == also
    assert ours.world.ledger.count("PATCH", "/v1/env*", "vercel") == 1
    one.type = "sensitive"
    place = ours.opened(SHARED)
    before = place.observe()
    assert place.confirm(before, place.put(NEW)) == place.written()


def test_a_shared_one_that_is_not_there_is_refused_and_never_created(ours: Vercel) -> None:
    with pytest.raises(Refused, match="is not created") as raised:
        ours.opened(SHARED).observe()
    assert raised.value.reason == "destination-absent"
    asked = len(ours.world.ledger)
    with pytest.raises(Refused, match="`VERCEL_TEAM_ID` is not set") as raised:
        ours.opened(SHARED, VERCEL_TEAM_ID="").observe()
    assert raised.value.reason == "destination-team-missing"
    assert len(ours.world.ledger) == asked


def test_a_project_named_shared_is_no_shared_variable(ours: Vercel) -> None:
    ours.server.shared[TEAM] = [Variable(NAME, BEFORE, updated=1)]
    with pytest.raises(Refused, match="Project not found"):
        ours.opened(f"vercel://shared?target=production#{NAME}").observe()


ROW: dict[str, object] = {"id": "env1", "key": NAME, "type": "encrypted", "target": ["production"], "updatedAt": 1}


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        (LIST, {"envs": 5}, "not with a list"),
        (LIST, {"envs": [5]}, "not with an object"),
        (LIST, {"envs": [], "pagination": {"next": 5}}, "does not end"),
        (LIST, {"envs": [ROW, {**ROW, "id": "env2"}]}, "several variables"),
        (LIST, {"envs": [{**ROW, "id": None}]}, "without `id`"),
        (LIST, {"envs": [{**ROW, "type": "sensitive", "updatedAt": None}]}, "without the time"),
        (READ, {**ROW, "key": "OTHER"}, "another variable"),
        (READ, {**ROW, "id": "env_other"}, "another variable"),
        (READ, {"key": NAME, "value": 5, "decrypted": True}, "is no text"),
    ],
)
def test_an_answer_about_something_else_is_not_believed(path: str, body: object, why: str, ours: Vercel) -> None:
    ours.world.faults.add(Fault("status", server="vercel", path=path, code=200, body=body, times=None))
    with pytest.raises(DestinationError, match=why) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-unexpected-answer"


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (HERE, {"key": "OTHER"}),
        (HERE, {"key": NAME, "id": "env_other"}),
        (SHARED, {"updated": [], "failed": [{"error": {"code": "x", "message": "y"}}]}),
        (SHARED, {"updated": 5}),
    ],
)
def test_an_answer_to_a_write_about_something_else_leaves_it_unknown(text: str, body: object, ours: Vercel) -> None:
    ours.server.shared[TEAM] = [Variable(NAME, BEFORE, updated=1)]
    place = ours.opened(text)
    place.observe()
    ours.world.faults.add(Fault("status", server="vercel", method="PATCH", code=200, body=body))
    with pytest.raises(DestinationError) as raised:
        place.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.UNKNOWN)


def test_the_answer_to_a_creation_must_have_it(ours: Vercel) -> None:
    place = ours.opened(HERE.replace(NAME, "NEW_ONE"))
    place.observe()
    body = {"created": None, "failed": [{"error": {"code": "ENV_CONFLICT", "message": "it is there"}}]}
    ours.world.faults.add(Fault("status", server="vercel", method="POST", code=201, body=body))
    with pytest.raises(DestinationError, match="not with an object") as raised:
        place.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN


def test_a_token_by_the_name_of_the_terraform_provider_is_taken(ours: Vercel) -> None:
    environment = {**ours.environment, "VERCEL_API_TOKEN": ours.environment.pop("VERCEL_TOKEN")}
    del environment["VERCEL_TOKEN"]
    assert opened(parsed(HERE), means_of(environment)).observe().mark == Held(Secret(BEFORE).fingerprint)
