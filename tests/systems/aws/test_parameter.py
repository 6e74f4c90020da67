"""What is a parameter's own: types, policies, labels, versions, and a second writer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.support.bench import BEFORE
from tests.systems.aws.bench import AT_PARAMETER, NEW, PARAMETER, Cloud

LABELLED = f"{AT_PARAMETER}?label=live"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with World() as world:
        yield Cloud(world)


def test_one_that_is_created_is_a_secure_string(cloud: Cloud) -> None:
    cloud.written(AT_PARAMETER)
    made = cloud.state.parameters[PARAMETER]
    assert (made.values, made.about["Type"], made.about["KeyId"]) == ([NEW.reveal()], "SecureString", "alias/aws/ssm")


def test_a_label_is_moved_to_the_new_version_and_others_stay(cloud: Cloud) -> None:
    stored = cloud.state.add_parameter(PARAMETER, BEFORE)
    stored.values.append("napi_tried")
    stored.labels.update(live=1, other=1)
    cloud.written(LABELLED)
    assert stored.labels == {"live": 3, "other": 1}


def test_a_label_that_is_not_there_is_no_absence_to_fill(cloud: Cloud) -> None:
    with pytest.raises(Refused, match="a label needs a version"):
        cloud.opened(LABELLED).observe()
    cloud.state.add_parameter(PARAMETER, BEFORE)
    with pytest.raises(Refused, match="no version with this label") as raised:
        cloud.opened(LABELLED).observe()
    assert raised.value.reason == "destination-absent"


def test_a_label_that_is_not_taken_is_said(cloud: Cloud) -> None:
    cloud.state.add_parameter(PARAMETER, BEFORE).labels["live"] = 1
    opened = cloud.opened(LABELLED)
    before = opened.observe()
    body = {"InvalidLabels": ["live"], "ParameterVersion": 2}
    cloud.world.faults.add(Fault("status", server="aws", method="PUT", nth=2, code=200, body=body))
    with pytest.raises(DestinationError, match="did not take the label"):
        opened.put(NEW)
    with pytest.raises(DestinationError, match="still does"):
        opened.confirm(before, None)


def test_a_list_is_left_alone(cloud: Cloud) -> None:
    cloud.state.add_parameter(PARAMETER, f"{BEFORE},x", Type="StringList")
    with pytest.raises(Refused, match="a list of values") as raised:
        cloud.opened(AT_PARAMETER).observe()
    assert raised.value.reason == "destination-not-a-text"


def test_a_version_that_came_between_is_seen_after_the_write(cloud: Cloud) -> None:
    stored = cloud.state.add_parameter(PARAMETER, BEFORE)
    opened = cloud.opened(AT_PARAMETER)
    before = opened.observe()
    cloud.world.faults.add(Fault("hook", server="aws", method="PUT", call=lambda _: stored.values.append("napi_other")))
    receipt = opened.put(NEW)
    with pytest.raises(DestinationError, match="in version 3, not 2") as raised:
        opened.confirm(before, receipt)
    assert (raised.value.reason, raised.value.outcome) == ("destination-changed", Outcome.UNKNOWN)


@pytest.mark.parametrize(
    "body",
    [
        {"Parameter": {}},
        {"Parameter": {"Value": "x", "Version": "1", "Name": PARAMETER}},
        {"Parameter": {"Value": "x", "Version": 1, "Name": "/other"}},
    ],
)
def test_an_answer_with_another_parameter_is_unexpected(body: object, cloud: Cloud) -> None:
    cloud.world.faults.add(Fault("status", server="aws", method="GET", code=200, body=body))
    with pytest.raises(DestinationError) as raised:
        cloud.opened(AT_PARAMETER).observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_what_it_is_must_be_told_or_nothing_is_written(cloud: Cloud) -> None:
    cloud.state.add_parameter(PARAMETER, BEFORE)
    cloud.world.faults.add(Fault("status", server="aws", method="GET", nth=2, code=200, body={"Parameters": []}))
    with pytest.raises(DestinationError, match="without what the parameter is"):
        cloud.opened(AT_PARAMETER).observe()


def test_a_missing_right_is_told_by_its_status_too(cloud: Cloud) -> None:
    cloud.state.add_parameter(PARAMETER, BEFORE)
    cloud.world.faults.add(Fault("status", server="aws", method="PUT", code=403))
    with pytest.raises(Refused, match="HTTP 403"):
        cloud.opened(AT_PARAMETER).observe()
