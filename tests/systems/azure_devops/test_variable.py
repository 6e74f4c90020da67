"""What is Azure DevOps's own: a group is written whole, nobody is shown a secret, and some groups others fill."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.azure_devops.system import wrong
from rotate.systems.azure_devops.variable import Variable as Place
from tests.support.bench import BEFORE, NAME, means_of
from tests.support.laptop import Laptop
from tests.support.openapi import check
from tests.systems.azure_devops.bench import ADDRESS, NEW, OTHER, TOKEN, AzureDevOps, azure_devops

GROUP = "*/variablegroups/7"
WHOLE = {"id": 7, "type": "Vsts", "variableGroupProjectReferences": [{}]}


def test_an_address_is_its_own_one_text() -> None:
    for text in ("azure-devops://octo/payments/production", "azure-devops://octo/My%20Project/a/b#NEON_API_KEY"):
        assert wrong(parsed(text)) == ""
        assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("azure-devops:octo/payments/a", "it needs"),
        ("azure-devops://octo/payments", "it needs"),
        ("azure-devops://octo//a", "it needs"),
        ("azure-devops://../payments/a", "it needs"),
        ("azure-devops://octo/payments/prod*", "it needs"),
        ("azure-devops://octo/payments/a#NEON KEY", "no digit first"),
        ("azure-devops://octo/payments/a#2A", "no digit first"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


@pytest.mark.parametrize("secret", [True, False])
def test_it_is_read_written_and_created_as_the_description_says(secret: bool, world: World) -> None:
    ours = AzureDevOps(world, secret=secret)
    for address in (ADDRESS, ADDRESS.replace(NAME, "NEW_ONE")):
        opened = ours.opened(address)
        before = opened.observe()
        opened.confirm(before, opened.put(NEW))
    assert ours.held == NEW.reveal()
    assert ours.group.variables["NEW_ONE"] == {"value": NEW.reveal(), "isSecret": True}
    assert {name: one for name, one in ours.group.variables.items() if name in OTHER} == OTHER
    assert ours.group.projects == ["payments", "billing"]
    assert check(entry for entry in world.ledger if entry.server == "azure-devops") >= 10


def test_of_another_secret_null_goes_back_whatever_was_shown_in_its_place(world: World) -> None:
    ours = AzureDevOps(world)
    opened = ours.opened()
    opened.observe()
    shown = json.loads(_last_reply(world))
    shown["variables"]["OTHER_SECRET"]["value"] = "***"
    world.faults.add(Fault("status", method="GET", path=GROUP, code=200, body=shown))
    opened.put(NEW)
    sent = next(json.loads(entry.request_body) for entry in world.ledger if entry.method == "PUT")
    assert sent["variables"]["OTHER_SECRET"] == {"isSecret": True, "value": None}
    assert [one["projectReference"]["name"] for one in sent["variableGroupProjectReferences"]] == [
        "payments",
        "billing",
    ]
    assert ours.group.variables["OTHER_SECRET"]["value"] == "other secret"


def _last_reply(world: World) -> bytes:
    return [entry.response_body for entry in world.ledger if entry.route.endswith("/7")][-1] or b""


def _meddling(act: Callable[[], object]) -> Callable[[], RotateError | None]:
    """Give what is asked before each try, and lets somebody else act before the second."""
    asked = iter([lambda: None, act])

    def ask() -> None:
        next(asked, lambda: None)()

    return ask


def test_what_somebody_writes_between_two_tries_is_not_undone_by_the_second(world: World) -> None:
    ours = AzureDevOps(world)
    opened = ours.opened()
    before = opened.observe()
    world.faults.add(Fault("lost_reply", method="PUT"))

    def meddle() -> None:
        ours.group.variables["OTHER_PLAIN"]["value"] = "changed meanwhile"
        ours.group.variables["ADDED"] = {"value": "meanwhile"}

    opened.confirm(before, opened.put(NEW, _meddling(meddle)))
    assert world.ledger.count("PUT", GROUP) == 2
    assert ours.group.variables["OTHER_PLAIN"]["value"] == "changed meanwhile"
    assert "ADDED" in ours.group.variables


def test_a_variable_that_is_gone_before_a_second_try_is_not_created_again(world: World) -> None:
    ours = AzureDevOps(world)
    opened = ours.opened()
    opened.observe()
    world.faults.add(Fault("lost_reply", method="PUT"))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW, _meddling(lambda: ours.group.variables.pop(NAME)))
    assert (raised.value.outcome, ours.held) == (Outcome.UNKNOWN, None)
    assert world.ledger.count("PUT", GROUP) == 1


def test_without_a_look_there_is_no_second_try(world: World) -> None:
    opened = AzureDevOps(world).opened()
    opened.observe()
    world.faults.add(Fault("lost_reply", method="PUT"))
    world.faults.add(Fault("status", method="GET", path=GROUP, nth=2, code=500, times=None))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-unreachable", Outcome.UNKNOWN)
    assert world.ledger.count("PUT", GROUP) == 1


def test_what_the_first_try_may_have_done_stays_unknown_however_the_second_ends(world: World) -> None:
    opened = AzureDevOps(world).opened()
    opened.observe()
    world.faults.add(Fault("lost_reply", method="PUT"))
    world.faults.add(Fault("status", method="PUT", nth=2, code=403))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-unreachable", Outcome.UNKNOWN)


def test_a_later_write_of_the_group_is_seen_within_the_run_and_not_after_it(world: World) -> None:
    ours = AzureDevOps(world)
    opened = ours.opened()
    stood = opened.confirm(opened.observe(), opened.put(NEW))
    assert opened.written() == stood == Held()
    ours.write("napi_somebody_elses")
    assert opened.written() != stood
    assert ours.opened().written() == Held(), "what the next run knows"


def test_a_write_whose_group_cannot_be_read_again_at_once_is_confirmed_by_its_answer(world: World) -> None:
    ours = AzureDevOps(world)
    opened = ours.opened()
    before = opened.observe()
    world.faults.add(Fault("status", method="GET", path=GROUP, nth=2, code=500, times=3))
    receipt = opened.put(NEW)
    assert opened.confirm(before, receipt) == Held()


@pytest.mark.parametrize("secret", [True, False])
def test_two_variables_of_one_group_are_written_in_one_run_and_neither_undoes_the_other(
    secret: bool, world: World
) -> None:
    ours = AzureDevOps(world, secret=secret)
    ours.group.variables["SECOND"] = {"value": "second", "isSecret": secret}
    means = means_of(ours.environment)
    both = [Place(parsed(text), means) for text in (ADDRESS, ADDRESS.replace(NAME, "SECOND"))]
    before = [one.observe() for one in both]
    free, lock = list[bool](), both[1].together.lock

    def probe() -> None:
        free.append(lock.acquire(blocking=False))
        if free[-1]:
            lock.release()

    with ThreadPoolExecutor() as pool:
        receipts = [both[0].put(NEW, lambda: pool.submit(probe).result()), both[1].put(NEW)]
    assert free == [False], "from the read to the write nobody else of the run writes the group"
    marks = [one.confirm(seen, receipt) for one, seen, receipt in zip(both, before, receipts, strict=True)]
    assert marks == [one.written() for one in both]
    assert {ours.group.variables[name]["value"] for name in (NAME, "SECOND")} == {NEW.reveal()}
    ours.write("napi_somebody_elses")
    assert both[0].written() != marks[0], "somebody else's write is seen all the same"


def test_a_change_by_somebody_else_between_two_writes_of_one_run_is_seen(world: World) -> None:
    ours = AzureDevOps(world)
    ours.group.variables["SECOND"] = {"value": "second", "isSecret": True}
    means = means_of(ours.environment)
    first, second = (Place(parsed(text), means) for text in (ADDRESS, ADDRESS.replace(NAME, "SECOND")))
    before = first.observe(), second.observe()
    receipt = first.put(NEW)
    ours.write("napi_somebody_elses")
    second.confirm(before[1], second.put(NEW))
    with pytest.raises(DestinationError) as raised:
        first.confirm(before[0], receipt)
    assert raised.value.reason == "destination-overwritten"


@pytest.mark.parametrize("gone", [True, False])
def test_a_write_after_which_the_variable_is_gone_or_another_one_changed_is_not_confirmed(
    gone: bool, world: World
) -> None:
    ours = AzureDevOps(world, secret=False)
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    if gone:
        ours.write(None)
    else:
        ours.group.variables["OTHER_SECRET"]["isSecret"] = False
    with pytest.raises(DestinationError, match="nothing stands there" if gone else "the variable OTHER_SECRET"):
        opened.confirm(before, receipt)


def test_what_is_gone_right_after_its_write_is_no_proof(world: World) -> None:
    ours = AzureDevOps(world)
    opened = ours.opened()
    before = opened.observe()
    shown = json.loads(_last_reply(world))
    del shown["variables"][NAME]
    world.faults.add(Fault("status", method="GET", path=GROUP, nth=2, code=200, body=shown, times=None))
    with pytest.raises(DestinationError, match="nothing stands there any more"):
        opened.confirm(before, opened.put(NEW))


@pytest.mark.parametrize(
    ("kind", "provider", "told"),
    [
        ("AzureKeyVault", {"vault": "octo-vault", "serviceEndpointId": "1"}, "azure-keyvault://octo-vault/"),
        ("AzureKeyVault", None, "the place that fills it"),
        ("Elsewhere", None, "the place that fills it"),
    ],
)
def test_a_group_that_another_service_fills_is_refused(
    kind: str, provider: dict[str, str] | None, told: str, world: World
) -> None:
    ours = AzureDevOps(world)
    ours.group.kind, ours.group.provider = kind, dict(provider) if provider else None
    with pytest.raises(Refused) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-owned"
    assert told in raised.value.remedy
    assert world.ledger.count("PUT", GROUP) == 0


@pytest.mark.parametrize("shown", [[], None, [{"name": "production keys"}]])
def test_a_group_whose_projects_are_not_all_shown_is_refused(shown: object, world: World) -> None:
    ours = AzureDevOps(world)
    opened = ours.opened()
    opened.observe()
    group = {**json.loads(_last_reply(world)), "variableGroupProjectReferences": shown}
    world.faults.add(Fault("status", method="GET", path=GROUP, code=200, body=group, times=None))
    with pytest.raises(Refused, match="the token is not shown all") as raised:
        opened.observe()
    assert raised.value.reason == "destination-not-allowed"


def test_a_variable_keeps_its_name_whatever_the_case_of_ours(world: World) -> None:
    ours = AzureDevOps(world)
    ours.group.variables["Neon_Api_Key"] = ours.group.variables.pop(NAME)
    opened = ours.opened(ADDRESS.replace("production keys", "Production Keys"))
    opened.confirm(opened.observe(), opened.put(NEW))
    assert {name: one["value"] for name, one in ours.group.variables.items() if name not in OTHER} == {
        "Neon_Api_Key": NEW.reveal()
    }


def test_a_reference_in_place_of_a_value_is_not_overwritten(world: World) -> None:
    ours = AzureDevOps(world, secret=False)
    ours.write("$(Shared.Key)")
    with pytest.raises(Refused, match=r"it refers to \$\(Shared.Key\)"):
        ours.opened().observe()


@pytest.mark.parametrize("listed", [True, False])
def test_a_group_that_is_not_shown_is_no_absent_variable(listed: bool, world: World) -> None:
    ours = AzureDevOps(world)
    opened = ours.opened()
    if listed:
        opened.observe()
    ours.server.groups.remove(ours.group)
    with pytest.raises(Refused, match="no variable group of this name") as raised:
        opened.observe()
    assert raised.value.reason == "destination-absent"


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("*/variablegroups", [], "not with a list"),
        ("*/variablegroups", {"value": ["x"]}, "not with a list"),
        (GROUP, [], "not with a variable group"),
        (GROUP, {"id": 8, "variables": {}}, "not with a variable group"),
        (GROUP, {"id": 7, "variables": {NAME: "x"}}, "not with a variable group"),
        (
            GROUP,
            {"id": 7, "type": "Vsts", "variableGroupProjectReferences": [{}], "variables": {NAME: {}}},
            "no secret",
        ),
    ],
)
def test_an_answer_about_something_else_is_not_believed(path: str, body: object, why: str, world: World) -> None:
    ours = AzureDevOps(world)
    world.faults.add(Fault("status", method="GET", path=path, code=200, body=body, times=None))
    with pytest.raises(DestinationError, match=why) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_an_answer_to_a_write_without_the_variable_proves_nothing(world: World) -> None:
    opened = AzureDevOps(world).opened()
    opened.observe()
    world.faults.add(Fault("status", method="PUT", code=200, body={**WHOLE, "variables": {}}, times=None))
    with pytest.raises(DestinationError, match="not with a group that has the variable") as raised:
        opened.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN


def test_whose_role_only_reads_is_refused_before_a_key_is_issued(world: World) -> None:
    ours = AzureDevOps(world)
    ours.server.readers.add(TOKEN)
    with pytest.raises(Refused, match="no administrator of the group"):
        ours.opened().observe()


def test_neither_form_of_the_token_is_told_and_no_sign_in_is_asked_for(world: World) -> None:
    ours = AzureDevOps(world)
    hidden = list[Secret]()
    opened = Place(parsed(ADDRESS), means_of(ours.environment, hidden.append))
    opened.observe()
    carried = base64.b64encode(f":{TOKEN}".encode()).decode()
    assert {one.reveal() for one in hidden} >= {TOKEN, carried}
    world.faults.add(Fault("status", method="PUT", code=400, body={"message": f"{TOKEN} and {carried}"}))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert "*** and ***" in raised.value.message
    asked = [entry for entry in world.ledger if entry.server == "azure-devops"]
    assert {entry.request_headers["X-TFS-FedAuthRedirect"] for entry in asked} == {"Suppress"}
    ours.server.tokens.clear()
    with pytest.raises(Refused) as refused:
        ours.opened().observe()
    assert refused.value.reason == "destination-token-refused"


def test_a_policy_file_has_it_by_fields(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with azure_devops(secret=True) as bench:
        laptop = Laptop(bench, capsys, tmp_path)
        file = tmp_path / "policy.yml"
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: github://octo-org/payments\n"
            "      - type: azure-devops\n        organization: octo\n        project: payments\n"
            "        variable_group: production keys\n"
        )
        assert laptop.by(file) == 0, laptop.told
        assert Secret(laptop.held) == Secret(laptop.live[-1].value)
        assert "accepted, not provable" in laptop.told
        assert laptop.held != BEFORE
