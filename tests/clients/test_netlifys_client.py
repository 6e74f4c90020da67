"""Netlify's own client, @netlify/api, reads from the pretend Netlify what we wrote, and writes what we read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rotate.protocol.facts.destination import Held
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import NAME
from tests.support.openapi import check
from tests.systems.netlify.bench import ACCOUNT, NEW, SITE, TOKEN, Netlify

HERE = Path(__file__).resolve().parent
NEWER = Secret("napi_newer_value_0123456789")
pytestmark = pytest.mark.clients


def test_it_and_we_read_what_the_other_wrote(world: World) -> None:
    if not (shutil.which("node") and (HERE / "node_modules/@netlify/api").exists()):
        reason = "no node, or `npm ci --prefix tests/clients` was not run"
        (pytest.fail if os.environ.get("REQUIRE_CLIENTS") == "1" else pytest.skip)(reason)
    ours = Netlify(world)
    ours.written()
    given = {"API_URL": ours.server.url, "TOKEN": TOKEN, "ACCOUNT": ACCOUNT, "SITE": SITE}
    ended = subprocess.run(
        ["node", str(HERE / "netlify_values.mjs")],
        env={"PATH": os.environ["PATH"], **given, "KEY": NAME, "VALUE": NEWER.reveal()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {
        "before": [["production", NEW.reveal()], ["dev", "for-dev"]],
        "after": [["production", NEWER.reveal()], ["dev", "for-dev"]],
        "listed": [NAME, "NEW_ONE"],
        "state": "ready",
        "newest": True,
        "gone": 404,
    }
    assert ours.opened().written() == Held(NEWER.fingerprint)
    assert ours.site.deploys[-1].cleared
    assert check(entry for entry in world.ledger if entry.server == "netlify")
