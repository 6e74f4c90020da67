"""What is a secret's own: its whole text, bytes, owners, deletion, labels, and a second writer."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.ports import Destination
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.support.bench import BEFORE, NAME
from tests.systems.aws.bench import AT_SECRET, NEW, SECRET, Cloud

FIELD, WHOLE = f"{AT_SECRET}#{NAME}", f"{AT_SECRET}#."


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with World() as world:
        yield Cloud(world)


def refused(opened: Destination) -> Refused:
    with pytest.raises(Refused) as raised:
        opened.observe()
    assert "Nothing was changed there" in raised.value.message
    return raised.value


def test_a_field_is_replaced_and_the_version_before_is_the_previous(cloud: Cloud) -> None:
    stored = cloud.state.add_secret(SECRET, f'{{ "a":1.50,"{NAME}":"{BEFORE}" , "z": "é"}}')
    first = stored.stages["AWSCURRENT"]
    cloud.written(FIELD)
    assert stored.text == f'{{ "a":1.50,"{NAME}":"{NEW.reveal()}" , "z": "é"}}'
    assert (stored.stages["AWSPREVIOUS"], len(stored.versions)) == (first, 2)


def test_the_whole_text_is_replaced_and_created(cloud: Cloud) -> None:
    stored = cloud.state.add_secret(SECRET, BEFORE)
    cloud.written(WHOLE)
    assert stored.text == NEW.reveal()
    del cloud.state.secrets[SECRET]
    cloud.written(WHOLE)
    assert cloud.state.secrets[SECRET].text == NEW.reveal()


def test_a_field_is_added_and_a_secret_created_with_it(cloud: Cloud) -> None:
    stored = cloud.state.add_secret(SECRET, '{"user": "u"}')
    cloud.written(FIELD)
    assert stored.text == json.dumps({"user": "u", NAME: NEW.reveal()})
    del cloud.state.secrets[SECRET]
    cloud.written(FIELD)
    assert cloud.state.secrets[SECRET].text == json.dumps({NAME: NEW.reveal()})


def test_a_secret_without_a_version_gets_its_first(cloud: Cloud) -> None:
    stored = cloud.state.add_secret(SECRET, "{}")
    stored.versions.clear()
    stored.stages.clear()
    cloud.written(FIELD)
    assert json.loads(stored.text or "") == {NAME: NEW.reveal()}


def test_none_is_created_by_an_arn(cloud: Cloud) -> None:
    arn = cloud.state.add_secret(SECRET, BEFORE).arn
    cloud.written(f"aws-secretsmanager://eu-central-1/{arn}#.")
    del cloud.state.secrets[SECRET]
    opened = cloud.opened(f"aws-secretsmanager://eu-central-1/{arn}#.")
    opened.observe()
    with pytest.raises(Refused, match="by an ARN"):
        opened.put(NEW)


@pytest.mark.parametrize(
    ("at", "text", "why"),
    [
        (FIELD, BEFORE, "no JSON object"),
        (FIELD, f'{{"{NAME}": "a", "{NAME}": "b"}}', "twice"),
        (FIELD, f'{{"{NAME}": {{}}}}', "no text"),
        (WHOLE, '{"user": "u"}', "would be lost: user"),
    ],
)
def test_what_cannot_hold_the_key_so_is_left_alone(at: str, text: str, why: str, cloud: Cloud) -> None:
    stored = cloud.state.add_secret(SECRET, text)
    error = refused(cloud.opened(at))
    assert (error.reason, stored.text) == ("destination-not-a-text", text)
    assert why in error.message
    assert BEFORE not in error.message + error.remedy


@pytest.mark.parametrize(
    ("about", "reason", "why"),
    [
        ({"DeletedDate": 1.0}, "destination-scheduled-for-deletion", "scheduled for deletion"),
        ({"OwningService": "rds"}, "destination-owned", "`rds` manages it"),
        ({"RotationEnabled": True}, "destination-owned", "its own rotation"),
        ({"ReplicationStatus": [{"Region": "us-east-1"}]}, "destination-owned", "replicated"),
        ({"PrimaryRegion": "us-east-1"}, "destination-owned", "replicated"),
        ({"Description": "binary"}, "destination-not-a-text", "bytes"),
    ],
)
def test_what_somebody_else_writes_is_left_alone(about: dict[str, object], reason: str, why: str, cloud: Cloud) -> None:
    cloud.state.add_secret(SECRET, json.dumps({NAME: BEFORE}), **about)  # type: ignore[arg-type]
    error = refused(cloud.opened(FIELD))
    assert error.reason == reason
    assert why in error.message


def test_a_version_that_came_between_is_seen_after_the_write(cloud: Cloud) -> None:
    stored = cloud.state.add_secret(SECRET, json.dumps({NAME: BEFORE, "user": "u"}))
    opened = cloud.opened(FIELD)
    before = opened.observe()
    other = json.dumps({NAME: BEFORE, "user": "another"})
    cloud.world.faults.add(Fault("hook", server="aws", method="PUT", call=lambda _: stored.put(other)))
    receipt = opened.put(NEW)
    with pytest.raises(DestinationError, match="somebody wrote another version") as raised:
        opened.confirm(before, receipt)
    assert (raised.value.reason, raised.value.outcome) == ("destination-changed", Outcome.UNKNOWN)
    assert stored.stages["AWSPREVIOUS"] in raised.value.message


def test_a_field_that_changes_after_the_write_is_seen(cloud: Cloud) -> None:
    stored = cloud.state.add_secret(SECRET, json.dumps({NAME: BEFORE, "user": "u"}))
    opened = cloud.opened(FIELD)
    before = opened.observe()
    receipt = opened.put(NEW)
    stored.put(json.dumps({NAME: NEW.reveal(), "user": "another"}))
    with pytest.raises(DestinationError, match="other fields") as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-flags-changed"


@pytest.mark.parametrize("body", [[], {}, {"VersionId": "x", "SecretString": 7}])
@pytest.mark.parametrize("nth", [1, 2])
def test_an_answer_that_is_not_as_described_is_no_absence(body: object, nth: int, cloud: Cloud) -> None:
    cloud.state.add_secret(SECRET, json.dumps({NAME: BEFORE}))
    if nth == 1 and body != []:
        body = {"VersionIdsToStages": {"v": ["AWSCURRENT"]}}
        cloud.state.add_secret(SECRET, "x")
    cloud.world.faults.add(Fault("status", server="aws", method="GET", nth=nth, code=200, body=body))
    with pytest.raises((DestinationError, Refused)) as raised:
        cloud.opened(FIELD).observe()
    assert raised.value.reason in ("destination-unexpected-answer", "destination-not-a-text")


def test_another_version_in_the_answer_to_a_write_is_unexpected(cloud: Cloud) -> None:
    cloud.state.add_secret(SECRET, json.dumps({NAME: BEFORE}))
    opened = cloud.opened(FIELD)
    opened.observe()
    cloud.world.faults.add(
        Fault("status", server="aws", method="PUT", code=200, body={"VersionId": "other"}, after=True)
    )
    with pytest.raises(DestinationError, match="not with the version") as raised:
        opened.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN


def test_a_failure_of_the_question_itself_is_no_refusal(cloud: Cloud) -> None:
    cloud.state.add_secret(SECRET, json.dumps({NAME: BEFORE}))
    body = {"__type": "InternalServiceError", "message": "x"}
    cloud.world.faults.add(Fault("status", server="aws", method="PUT", code=500, body=body, times=None))
    with pytest.raises(DestinationError) as raised:
        cloud.opened(FIELD).observe()
    assert raised.value.reason == "destination-failing"
