"""The client that most people use in Python, heroku3, reads what we wrote, and writes what we read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from heroku3.api import Heroku
from heroku3.models.configvars import ConfigVars
from heroku3.models.release import Release

from rotate.protocol.facts.destination import Held
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import BEFORE, NAME
from tests.systems.heroku.bench import APP, NEW, Vars

NEWER = Secret("napi_newer_value_0123456789")


@pytest.fixture
def ours(world: World) -> Vars:
    return Vars(world)


@pytest.fixture
def client(ours: Vars) -> Any:
    client = Heroku()
    client._heroku_url = ours.state.url
    client._session.trust_env = False
    client._session.auth = ("", ours.token)
    return client


def config(client: Any) -> Any:
    app = SimpleNamespace(name=APP)
    return client._get_resource(resource=("apps", APP, "config-vars"), obj=ConfigVars, app=app)


def test_it_and_we_read_what_the_other_wrote(ours: Vars, client: Any) -> None:
    config(client)["OTHER"] = "kept"
    assert config(client).to_dict() == {NAME: BEFORE, "OTHER": "kept"}
    opened = ours.opened()
    before = opened.observe()
    opened.confirm(before, opened.put(NEW))
    assert config(client).to_dict() == {NAME: NEW.reveal(), "OTHER": "kept"}
    config(client)[NAME] = NEWER.reveal()
    assert opened.written() == Held(NEWER.fingerprint)
    rows = client._get_resources(("apps", APP, "releases"), Release)
    assert [(one.version, one.status) for one in rows][-1] == (5, "succeeded")
    del config(client)[NAME]
    assert opened.written() is None
