"""Cloudflare's own client for Python reads what we wrote, and writes what we read; it holds each answer of the pretend
one to the description that it was made from.
"""

from __future__ import annotations

import pytest
from cloudflare import BadRequestError, Cloudflare, PermissionDeniedError
from cloudflare.types.workers.scripts import Deployment

from rotate.protocol.facts.destination import later
from rotate.sandbox.cloudflare.state import Binding, Variable
from rotate.sandbox.world import World
from tests.support.bench import BEFORE, LATER, NAME
from tests.systems.cloudflare.bench import ACCOUNT, NEW, TOKEN
from tests.systems.cloudflare.bench import Cloudflare as Ours


@pytest.fixture
def ours(world: World) -> Ours:
    return Ours(world)


@pytest.fixture
def client(ours: Ours) -> Cloudflare:
    url = f"{ours.server.url}/client/v4"
    return Cloudflare(api_token=TOKEN, base_url=url, max_retries=0, _strict_response_validation=True)


def rotated(ours: Ours, kind: str) -> None:
    opened = ours.opened(kind)
    opened.confirm(opened.observe(), opened.put(NEW))
    assert ours.held(kind) == NEW.reveal()


def test_a_secret_of_a_worker(ours: Ours, client: Cloudflare) -> None:
    secrets = client.workers.scripts.secrets
    secrets.update("payments", account_id=ACCOUNT, name="OTHER", text="other", type="secret_text")
    rotated(ours, "worker")
    listed = [(one.name, one.type) for one in secrets.list("payments", account_id=ACCOUNT)]
    assert listed == [(NAME, "secret_text"), ("OTHER", "secret_text")]
    settings = client.workers.scripts.script_and_version_settings.get("payments", account_id=ACCOUNT)
    assert [one.name for one in settings.bindings or []] == [NAME, "OTHER"]
    versions = list(client.workers.scripts.versions.list("payments", account_id=ACCOUNT))
    raw = client.workers.scripts.deployments.with_raw_response.list("payments", account_id=ACCOUNT).http_response
    deployed = Deployment.model_validate(raw.json()["result"]["deployments"][0])  # its own list looks for `items`
    assert [one.version_id for one in deployed.versions] == [versions[0].id]
    secrets.update("payments", account_id=ACCOUNT, name=NAME, text=BEFORE, type="secret_text")
    assert ours.held("worker") == BEFORE


def test_a_secret_of_a_worker_is_refused_as_it_is_to_us(ours: Ours, client: Cloudflare) -> None:
    ours.worker.bindings.append(Binding("PLAIN", "plain_text", "shown"))
    for name, code in ((NAME, 10215), ("PLAIN", 10053)):
        ours.worker.serving[0] = [ours.worker.versions[-1 if name == "PLAIN" else 0]]
        with pytest.raises(BadRequestError) as raised:
            client.workers.scripts.secrets.update(
                "payments", account_id=ACCOUNT, name=name, text="x", type="secret_text"
            )
        assert [one.code for one in raised.value.errors] == [code]
    with pytest.raises(PermissionDeniedError):
        client.workers.scripts.secrets.list("payments", account_id="0" * 32)


@pytest.mark.parametrize("kind", ["secret_text", "plain_text"])
def test_a_variable_of_pages_and_its_deployment(kind: str, ours: Ours, client: Cloudflare) -> None:
    ours.config.variables[NAME] = Variable(BEFORE, kind)
    ours.project.configs["preview"].variables["OTHER"] = Variable("other", "plain_text")
    rotated(ours, "pages")
    project = client.pages.projects.get("shop", account_id=ACCOUNT)
    seen = project.deployment_configs.production.env_vars
    assert seen
    shown = seen[NAME]
    assert shown
    assert (shown.type, shown.value) == (kind, NEW.reveal() if kind == "plain_text" else "")
    made = client.pages.projects.deployments.create("shop", account_id=ACCOUNT)
    assert made.latest_stage.status == "success"
    assert ours.project.deployments[0].holds == {NAME: NEW.reveal()}
    listed = list(client.pages.projects.deployments.list("shop", account_id=ACCOUNT, env="production"))
    assert [one.id for one in listed] == [made.id]
    assert client.pages.projects.deployments.get(made.id, account_id=ACCOUNT, project_name="shop").id == made.id
    sent = {"production": {"env_vars": {NAME: {"type": "plain_text", "value": BEFORE}, "GONE": None}}}
    client.pages.projects.edit("shop", account_id=ACCOUNT, deployment_configs=sent)  # type: ignore[arg-type]
    assert ours.held("pages") == BEFORE
    assert ours.opened("pages").observe().holds


def test_a_secret_of_a_store(ours: Ours, client: Cloudflare) -> None:
    stores = {one.name: one.id for one in client.secrets_store.stores.list(account_id=ACCOUNT)}
    assert len(stores) == 26
    secrets, store = client.secrets_store.stores.secrets, stores["shared"]
    (before,) = [one for one in secrets.list(store, account_id=ACCOUNT, search=NAME) if one.name == NAME]
    opened = ours.opened("store")
    stood = opened.confirm(opened.observe(), opened.put(NEW))
    (after,) = [one for one in secrets.list(store, account_id=ACCOUNT, search=NAME) if one.name == NAME]
    assert (after.id, after.created, after.scopes) == (before.id, before.created, ["workers"])
    assert after.modified > before.modified
    ours.world.advance(LATER.total_seconds())
    edited = secrets.edit(before.id, account_id=ACCOUNT, store_id=store, value=BEFORE)
    assert edited
    assert edited.name == NAME
    seen = opened.written()
    assert seen
    assert later(seen, stood)
    new = {"name": "NEW_ONE", "value": "value", "scopes": ["workers"], "comment": "new"}
    made = list(secrets.create(store, account_id=ACCOUNT, body=[new]))  # type: ignore[list-item]
    assert [one.comment for one in made] == ["new"]
