"""What is HCP Terraform's own: workspaces and sets, categories, HCL, and values that nobody is shown."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.hcp_terraform.server import Variable
from rotate.sandbox.rate import Rate
from rotate.sandbox.world import World
from rotate.systems.hcp_terraform.system import wrong
from tests.support.bench import BEFORE, NAME
from tests.support.laptop import Laptop
from tests.support.openapi import check
from tests.systems.hcp_terraform.bench import NEW, OCTO, TOKEN, HCPTerraform, hcp_terraform

KINDS = ["workspace", "varset"]


@pytest.mark.parametrize(
    "text", ["hcp-terraform://octo/workspace/a", "hcp-terraform://octo/varset/a?category=terraform#neon-key"]
)
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hcp-terraform://octo/a", "it needs the organization"),
        ("hcp-terraform:octo/workspace/a", "it needs the organization"),
        ("hcp-terraform://octo/workspace/a/b", "it needs the organization"),
        ("hcp-terraform://octo/workspace/a?category=policy-set", "`env` or `terraform`"),
        ("hcp-terraform://octo/workspace/a#NEON-KEY", "no variable's"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_read_written_and_created_as_the_description_says(kind: str, world: World) -> None:
    ours = HCPTerraform(world, kind)
    opened = ours.opened()
    before = opened.observe()
    assert before.may_write
    opened.confirm(before, opened.put(NEW))
    created = ours.opened(ours.address.replace(NAME, "NEW_ONE"))
    before = created.observe()
    created.confirm(before, created.put(NEW))
    new = next(one for one in ours.holder.variables if one.key == "NEW_ONE")
    assert (new.value, new.category, new.sensitive, new.hcl) == (NEW.reveal(), "env", True, False)
    assert check(entry for entry in world.ledger if entry.server == "hcp-terraform") >= 8


def test_a_key_of_another_category_is_a_variable_of_its_own(world: World) -> None:
    ours = HCPTerraform(world)
    ours.holder.variables.append(Variable(NAME, "other", "terraform"))
    opened = ours.opened(f"hcp-terraform://{OCTO}/workspace/shared?category=terraform#{NAME}")
    opened.confirm(opened.observe(), opened.put(NEW))
    assert {one.category: one.value for one in ours.holder.variables} == {"env": BEFORE, "terraform": NEW.reveal()}


def test_of_a_sensitive_value_the_version_tells_within_a_run_whose_it_is(world: World) -> None:
    ours = HCPTerraform(world, sensitive=True)
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    stood = opened.confirm(before, receipt)
    assert opened.written() == stood == before.mark
    ours.write("napi_somebody_elses")
    assert opened.written() != stood
    with pytest.raises(DestinationError, match="another value") as raised:
        opened.confirm(before, receipt)
    assert raised.value.outcome is Outcome.UNKNOWN


def test_a_list_without_versions_leaves_the_accepted_answer_as_the_proof_of_a_sensitive_value(world: World) -> None:
    """The samples of a variable set's variables in HashiCorp's documents have no `version-id`."""
    ours = HCPTerraform(world, "varset", sensitive=True)
    flags = {"category": "env", "sensitive": True, "hcl": False, "description": None}
    row = {"id": "var-1", "attributes": {"key": NAME, "value": None, **flags}}
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    world.faults.add(Fault("status", server="hcp-terraform", path="*/vars", code=200, body={"data": [row]}, times=None))
    assert opened.confirm(before, receipt) == Held() == opened.written()


def test_a_set_or_a_workspace_that_is_not_there_is_no_absent_variable(world: World) -> None:
    ours = HCPTerraform(world, "varset")
    ours.server.add("varset", OCTO, "twice")
    ours.server.add("varset", OCTO, "twice")
    for path, why in (
        ("varset/gone", "no variable set of this name"),
        ("varset/twice", "several sets"),
        ("workspace/gone", "HTTP 404"),
    ):
        with pytest.raises(Refused, match=why) as raised:
            ours.opened(f"hcp-terraform://{OCTO}/{path}#{NAME}").observe()
        assert raised.value.reason == "destination-absent"


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("*/workspaces/shared", {"data": 5}, "without `data`"),
        ("*/vars", {"data": 5}, "not with a list"),
        ("*/vars", {"data": [5]}, "not with a list"),
        ("*/vars", [], "not with a list"),
        ("*/vars", {"data": [{"attributes": {"key": NAME, "category": "env", "value": 5}}]}, "is no text"),
        ("*/vars", {"data": [], "meta": {"pagination": {"next-page": 2}}}, "does not end"),
    ],
)
def test_an_answer_about_something_else_is_not_believed(path: str, body: object, why: str, world: World) -> None:
    ours = HCPTerraform(world)
    world.faults.add(Fault("status", server="hcp-terraform", path=path, code=200, body=body, times=None))
    with pytest.raises(DestinationError, match=why) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_an_answer_to_a_write_that_is_none_leaves_it_unknown(world: World) -> None:
    ours = HCPTerraform(world)
    opened = ours.opened()
    opened.observe()
    world.faults.add(Fault("status", server="hcp-terraform", method="PATCH", code=200, body={}))
    with pytest.raises(DestinationError, match="without `data`") as raised:
        opened.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN


def test_the_pretend_one_refuses_as_the_real_one(world: World) -> None:
    ours = HCPTerraform(world, sensitive=True)
    number, path = ours.holder.number, f"/workspaces/{ours.holder.number}/vars"
    kind = {"Content-Type": "application/vnd.api+json"}

    def data(**attributes: object) -> dict[str, object]:
        return {"data": {"type": "vars", "attributes": attributes}}

    with httpx.Client(base_url=f"{ours.server.url}/api/v2", headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        assert client.post(path, json=data(key="A")).status_code == 415
        assert client.post(path, json={"data": 5}, headers=kind).status_code == 400
        assert client.post(path, json=data(key="A", category="nowhere"), headers=kind).status_code == 422
        assert client.post(path, json=data(key=NAME, category="env"), headers=kind).status_code == 422
        assert client.patch(f"{path}/var-none", json=data(value="x"), headers=kind).status_code == 404
        assert ours.here
        assert client.patch(f"{path}/{ours.here.number}", json=data(sensitive=False), headers=kind).status_code == 422
        assert client.get("/workspaces/ws-none/vars").status_code == 404
        assert client.get("/workspaces/ws-none/vars", headers={"Authorization": "Bearer x"}).status_code == 401
        ours.server.readers.add(TOKEN)
        assert client.patch(f"{path}/{ours.here.number}", json=data(value="x"), headers=kind).status_code == 404
        ours.server.rate = Rate(1, 600.0)
        assert [client.get(f"/workspaces/{number}/vars").status_code for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    "lines",
    [
        "workspace: shared\n        category: terraform\n        organization: octo",
        "organization: octo\n        varset: sets",
    ],
)
def test_a_policy_file_has_it_by_fields(lines: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with hcp_terraform("workspace", sensitive=False) as bench:
        laptop, ours = Laptop(bench, capsys, tmp_path), bench.web and bench.web.pretend
        assert isinstance(ours, HCPTerraform)
        other = ours.server.add("varset", OCTO, "sets")
        other.variables.append(Variable(NAME, "old"))
        ours.holder.variables.append(Variable(NAME, "old", "terraform"))
        file = tmp_path / "policy.yml"
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: {laptop.here}\n"
            f"      - type: hcp-terraform\n        {lines}\n"
        )
        assert laptop.by(file) == 0, laptop.told
        assert laptop.held in {one.value for one in (*other.variables, *ours.holder.variables[1:])}
