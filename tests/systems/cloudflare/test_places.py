"""What is Cloudflare's own: three kinds of places, what each refuses, and answers that are not believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held, later
from rotate.sandbox.cloudflare.state import Binding, Store, Variable
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import BEFORE, LATER, NAME
from tests.support.laptop import Laptop
from tests.systems.cloudflare.bench import NEW, OPENS, WRITES, Cloudflare, cloudflare


@pytest.fixture
def ours(world: World) -> Cloudflare:
    return Cloudflare(world)


def whole(result: object) -> dict[str, object]:
    return {"success": True, "errors": [], "messages": [], "result": result}


@pytest.mark.parametrize("kind", OPENS)
def test_each_is_created_as_a_secret_where_that_is_meant(kind: str, ours: Cloudflare) -> None:
    opened = ours.opened(kind, "NEW_ONE")
    before = opened.observe()
    assert before.mark is None
    opened.confirm(before, opened.put(NEW))
    ours.write(kind, None)
    made = {
        "worker": [(one.name, one.kind, one.text) for one in ours.worker.bindings],
        "pages": [(name, one.kind, one.value) for name, one in ours.config.variables.items()],
        "store": [(one.name, "secret_text", one.value) for one in ours.store.secrets if one.scopes == ["workers"]],
    }
    assert made[kind][-1] == ("NEW_ONE", "secret_text", NEW.reveal())


@pytest.mark.parametrize(
    ("binding", "reason", "said"),
    [
        (Binding(NAME, "plain_text", BEFORE), "destination-not-a-secret", "of the type plain_text"),
        (Binding(NAME, "kv_namespace", more={"namespace_id": "1"}), "destination-not-a-secret", "kv_namespace"),
        (
            Binding(NAME, "secrets_store_secret", more={"store_id": "0" * 32, "secret_name": "neon"}),
            "destination-refers",
            f"cloudflare://secrets-store/{'0' * 32}#neon",
        ),
    ],
)
def test_what_is_no_secret_of_a_worker_is_not_overwritten(
    binding: Binding, reason: str, said: str, ours: Cloudflare
) -> None:
    ours.worker.bindings = [binding]
    with pytest.raises(Refused, match=said) as raised:
        ours.opened("worker").observe()
    assert raised.value.reason == reason
    assert BEFORE not in str(raised.value)


@pytest.mark.parametrize(("gradual", "said"), [(True, "is deployed gradually"), (False, "that is not deployed")])
def test_a_worker_of_which_more_than_the_secret_would_be_deployed_is_not_written(
    gradual: bool, said: str, ours: Cloudflare
) -> None:
    opened = ours.opened("worker")
    opened.observe()
    ours.worker.upload(deployed=False)
    if gradual:
        ours.worker.serving.insert(0, ours.worker.versions[-2:])
    with pytest.raises(Refused, match=said) as raised:
        ours.opened("worker").observe()
    assert raised.value.reason == "cloudflare-version-waits"
    with pytest.raises(DestinationError) as half:
        opened.put(NEW)
    assert (half.value.reason, half.value.outcome) == ("cloudflare-version-waits", Outcome.NO_EFFECT)
    assert ours.held("worker") == BEFORE


def test_a_version_that_came_right_after_the_write_and_waits_proves_nothing(ours: Cloudflare) -> None:
    opened = ours.opened("worker")
    before = opened.observe()
    receipt = opened.put(NEW)
    ours.worker.upload(deployed=False)
    with pytest.raises(DestinationError, match="what serves may have the value before") as raised:
        opened.confirm(before, receipt)
    assert (raised.value.reason, raised.value.outcome) == ("cloudflare-version-waits", Outcome.UNKNOWN)
    ours.worker.upload(deployed=True)
    assert opened.confirm(before, receipt) == Held()


def test_the_newest_version_counts_wherever_it_stands_and_no_deployment_is_left_to_cloudflare(
    ours: Cloudflare,
) -> None:
    versions = [{"id": "old"}, {"id": ours.worker.versions[-1], "number": 7}, {"id": "older", "number": 6}]
    ours.world.faults.add(Fault("status", path="*/versions", code=200, body=whole({"items": versions})))
    assert ours.opened("worker").observe().mark
    ours.world.faults.add(Fault("status", path="*/deployments", code=200, body=whole({"deployments": []})))
    ours.worker.upload(deployed=False)
    opened = ours.opened("worker")
    opened.observe()
    ours.world.faults.add(Fault("status", path="*/deployments", code=200, body=whole({"deployments": []})))
    with pytest.raises(DestinationError, match="latest version isn't currently deployed") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-refused", Outcome.NO_EFFECT)


def test_plain_text_that_a_wrangler_file_owns_is_not_overwritten_and_a_secret_beside_it_is(
    ours: Cloudflare,
) -> None:
    ours.config.file = "0123"
    ours.config.variables["PLAIN"] = Variable(BEFORE, "plain_text")
    with pytest.raises(Refused, match="Wrangler file") as raised:
        ours.opened("pages", "PLAIN").observe()
    assert raised.value.reason == "destination-owned"
    opened = ours.opened("pages")
    assert opened.confirm(opened.observe(), opened.put(NEW)) == Held()
    assert (ours.held("pages"), ours.config.file) == (NEW.reveal(), "0123")


def test_the_other_environment_is_another_place(ours: Cloudflare) -> None:
    ours.project.configs["preview"].variables[NAME] = Variable("of the preview", "plain_text")
    opened = ours.opened("pages", query="?environment=preview")
    opened.confirm(opened.observe(), opened.put(NEW))
    assert ours.project.configs["preview"].variables[NAME] == Variable(NEW.reveal(), "plain_text")
    assert ours.held("pages") == BEFORE


def test_a_store_is_found_by_its_id_without_a_look_at_the_others(ours: Cloudflare) -> None:
    ours.store.secrets.insert(0, ours.store.secrets.pop())
    ours.store.name = "renamed"
    with pytest.raises(Refused, match="no store of this name") as raised:
        ours.opened("store").observe()
    assert raised.value.reason == "destination-absent"
    asked = len(ours.world.ledger)
    address = ours.opened("store").name.replace("shared", ours.store.number)
    assert ours.opened_at(address).observe().mark
    assert len(ours.world.ledger) == asked + 1


def test_a_deleted_secret_of_a_store_is_absent(ours: Cloudflare) -> None:
    next(one for one in ours.store.secrets if one.name == NAME).status = "deleted"
    assert ours.opened("store").observe().mark is None


def test_a_change_of_a_stores_secret_is_seen_by_its_time(ours: Cloudflare) -> None:
    opened = ours.opened("store")
    stood = opened.confirm(opened.observe(), opened.put(NEW))
    assert opened.written() == stood
    ours.world.advance(LATER.total_seconds())
    ours.write("store", NEW.reveal())
    seen = opened.written()
    assert seen
    assert later(seen, stood)


SECRET = {"name": NAME, "id": "1"}


@pytest.mark.parametrize(
    ("kind", "path", "result", "why"),
    [
        ("worker", "*/settings", [], "not with an object"),
        ("worker", "*/settings", {"bindings": 5}, "not with a list of objects"),
        ("worker", "*/versions", {"items": ["x"]}, "not with a list of objects"),
        ("pages", "*/projects/*", {"deployment_configs": 5}, "its `deployment_configs` is no object"),
        ("pages", "*/projects/*", {"deployment_configs": {"production": {"env_vars": {NAME: 5}}}}, "neither"),
        ("store", "*/stores", {"x": 1}, "not with a list of objects"),
        ("store", "*/stores", [{"name": "x"}], "does not end"),
        ("store", "*/secrets", [{**SECRET, "modified": "2026-01-01"}], "the time of its last change"),
        ("store", "*/secrets", [{**SECRET, "modified": "never"}], "the time of its last change"),
    ],
)
def test_an_answer_about_something_else_is_not_believed(
    kind: str, path: str, result: object, why: str, ours: Cloudflare
) -> None:
    ours.world.faults.add(Fault("status", path=path, code=200, body=whole(result), times=None))
    with pytest.raises(DestinationError, match=why) as raised:
        ours.opened(kind).observe()
    assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.NO_EFFECT)


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("worker", whole({"name": "OTHER", "type": "secret_text"}), "not with a secret of this name"),
        ("pages", whole({}), "without a variable of this name"),
        ("store", whole({**SECRET, "name": "OTHER"}), "not with a secret of this name"),
        ("store", {"success": False, "result": None}, "does not say that it succeeded"),
    ],
)
def test_an_answer_to_a_write_about_something_else_proves_nothing(
    kind: str, body: object, why: str, ours: Cloudflare
) -> None:
    opened = ours.opened(kind)
    before = opened.observe()
    ours.world.faults.add(Fault("status", method=WRITES[kind], code=200, body=body, after=True))
    with pytest.raises(DestinationError, match=why) as raised:
        opened.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN
    with pytest.raises(DestinationError, match="no reply told"):
        opened.confirm(before, None)


def test_an_empty_answer_to_the_creation_in_a_store_proves_nothing(ours: Cloudflare) -> None:
    ours.write("store", None)
    opened = ours.opened("store")
    opened.observe()
    ours.world.faults.add(Fault("status", method="POST", code=200, body=whole([]), after=True))
    with pytest.raises(DestinationError, match="not with a secret of this name") as raised:
        opened.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN


def test_what_is_too_much_is_refused_and_the_words_of_the_refusal_are_told(ours: Cloudflare) -> None:
    ours.server.rate.most = 2
    with pytest.raises(DestinationError, match="throttling your request speed") as raised:
        ours.opened("worker").observe()
    assert raised.value.reason == "destination-busy"


def test_stores_are_asked_for_once_however_many_secrets_are_written(ours: Cloudflare) -> None:
    ours.server.stores.all.insert(0, Store("first"))
    opened = ours.opened("store")
    opened.confirm(opened.observe(), opened.put(NEW))
    assert ours.world.ledger.count("GET", "*/stores") == 2, "two pages, once"


@pytest.mark.parametrize(
    ("kind", "lines"),
    [("worker", "worker: payments"), ("pages", "pages: shop\n        environment: production\n        redeploy: true")],
)
def test_a_policy_file_has_it_by_fields(
    kind: str, lines: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with cloudflare("worker" if kind == "worker" else "pages") as bench:
        laptop = Laptop(bench, capsys, tmp_path)
        file = tmp_path / "policy.yml"
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n"
            f"      - type: cloudflare\n        {lines}\n"
        )
        assert laptop.by(file) == 0, laptop.told
        assert Secret(laptop.held) == Secret(laptop.live[-1].value)
