"""A key that GitLab holds is rotated, with every flag and every neighbour as they were."""

from __future__ import annotations

import threading
from dataclasses import asdict, replace

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError
from rotate.means import Means
from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.gitlab.server import Variable
from rotate.sandbox.stories import REPOSITORY
from rotate.secret import Secret
from rotate.systems.gitlab.destination import Variable as GitLabVariable
from rotate.wire.clock import SystemClock
from rotate.wire.network import Network
from tests.support.openapi import check
from tests.systems.gitlab.conftest import HERE, NAME, PROJECT, TOKEN, Bench

FLAGS = [
    Variable(NAME, "", protected=True, masked=True, raw=True),
    Variable(NAME, "", variable_type="file", description="who keeps it"),
    Variable(NAME, "", environment_scope="review/*", masked=True),
]


def test_it_is_rotated_and_the_old_key_dies(bench: Bench) -> None:
    assert bench.first() == 0, bench.told
    assert bench.world.neon.is_live(bench.held)
    assert bench.story.old_key.revoked
    assert bench.report["destinations"] == [{"name": HERE, "state": "confirmed"}]
    assert not bench.leaks()
    assert bench.run() == 0, bench.told
    assert bench.world.neon.is_live(bench.held)
    check(entry for entry in bench.world.ledger if entry.server == "gitlab")


@pytest.mark.parametrize("flags", FLAGS, ids=["protected", "file", "scope"])
def test_flags_and_neighbours_stay_as_they_were(flags: Variable, bench: Bench) -> None:
    mine = replace(flags, value=bench.held)
    others = [Variable(NAME, "other", environment_scope="eu"), Variable("OTHER", "value", protected=True)]
    bench.gitlab.variables[PROJECT] = [mine, *others]
    before = [asdict(one) for one in others]
    assert bench.first(f"gitlab://project/{PROJECT}?scope={mine.environment_scope}#{NAME}") == 0, bench.told
    assert [asdict(one) for one in others] == before
    assert bench.world.neon.is_live(mine.value)
    assert asdict(replace(mine, value="")) == asdict(flags)


def test_beside_github_both_hold_the_new_key_before_the_old_one_dies(bench: Bench) -> None:
    assert bench.first(f"github://{REPOSITORY}#{NAME},{HERE}") == 0, bench.told
    assert bench.world.github.secret(REPOSITORY, NAME) == bench.held
    assert bench.world.neon.is_live(bench.held)


@pytest.mark.parametrize(("where", "holder"), [("group/octo", "octo"), ("instance", "instance")])
def test_variables_of_groups_and_of_the_instance_too(where: str, holder: str, bench: Bench) -> None:
    assert bench.first(f"{HERE},gitlab://{where}") == 0, bench.told
    assert bench.gitlab.of(holder, NAME).value == bench.held
    check(entry for entry in bench.world.ledger if entry.server == "gitlab")


def test_an_exposed_key_dies(bench: Bench) -> None:
    assert bench.first(HERE, "--exposed", "--reason", "seen") == 0, bench.told
    assert bench.story.old_key.revoked


def test_one_that_is_not_there_is_created_masked_where_that_is_meant(bench: Bench) -> None:
    new = f"gitlab://project/{PROJECT}?scope=new"
    assert bench.first(f"{HERE},{new}") == 3
    assert bench.reasons == ["secret-absent"]
    assert bench.first(f"{HERE},{new}", "--create") == 0, bench.told
    created = bench.gitlab.of(PROJECT, NAME, "new")
    assert (created.value, created.masked, created.raw, created.hidden) == (bench.held, True, True, False)
    check(entry for entry in bench.world.ledger if entry.server == "gitlab")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"hidden": True}, "value-not-readable"),
        ({"value": "$OTHER_KEY"}, "value-is-reference"),
    ],
)
def test_what_cannot_be_proven_or_refers_to_another_is_refused(
    change: dict[str, object], reason: str, bench: Bench
) -> None:
    variable = Variable(NAME, "x", environment_scope="eu")
    for name, value in change.items():
        setattr(variable, name, value)
    bench.gitlab.add(PROJECT, variable)
    assert bench.first(f"{HERE},gitlab://project/{PROJECT}?scope=eu") == 3
    assert bench.reasons == [reason]
    assert bench.world.ledger.count("POST", "/api_keys") == 0
    assert not bench.leaks()


def test_what_the_token_does_not_reach_is_not_taken_for_absent(bench: Bench) -> None:
    bench.gitlab.tokens[TOKEN] = {"octo"}
    assert bench.first(HERE, "--create") == 3
    assert bench.reasons == ["destination-not-found"]
    assert "role **Maintainer**" in bench.report["problems"][0]["remedy"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"GITLAB_TOKEN": ""}, "destination-token-missing"),
        ({"GITLAB_URL": "http://gitlab.example"}, "url-insecure"),
        ({"NEON_ROTATE_GITLAB_URL": "https://user:pass@gitlab.example"}, "url-insecure"),
        ({"GITLAB_TOKEN": "two words"}, "input-invalid"),
        ({"GITLAB_TOKEN": "'quoted'"}, "secret-of-another-kind"),
    ],
)
def test_what_the_environment_lacks_is_said_before_contact(changes: dict[str, str], reason: str, bench: Bench) -> None:
    bench.environment |= changes
    assert bench.first() == 2
    assert bench.reasons == [reason]
    assert bench.world.ledger.count() == 0


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("gitlab://payments", "it needs `project/` and the path of a project"),
        ("gitlab://project/payments", "it needs `project/` and the path of a project"),
        ("gitlab://instance?scope=eu", "a variable of the instance has no scope"),
        ("gitlab://group/octo#MY-KEY", "a variable's name has letters, digits and `_` alone"),
        ("gitlab://group/octo?environment=eu", "takes `scope`"),
    ],
)
def test_what_is_no_address_is_said_before_contact(address: str, why: str, bench: Bench) -> None:
    assert bench.first(address) == 2
    assert why in bench.told
    assert bench.world.ledger.count() == 0


READ, WRITE = ("GET", "*/variables/*"), ("PUT", "*/variables/*")
ANSWERS: list[tuple[tuple[str, str], Fault, str]] = [
    (READ, Fault("status", code=401, body={"message": "401 Unauthorized"}), "destination-token-invalid"),
    (READ, Fault("status", code=403, body={"message": "403 Forbidden"}), "destination-permission-missing"),
    (READ, Fault("status", code=503), "destination-unexpected-answer"),
    (READ, Fault("html"), "destination-unexpected-answer"),
    (READ, Fault("status", code=200, body={"key": NAME}), "destination-unexpected-answer"),
    (READ, Fault("status", code=302, headers={"Location": "http://127.0.0.1:9/"}), "destination-redirects"),
    (READ, Fault("rate_limited", retry_after=900), "destination-busy"),
    (READ, Fault("reset"), "destination-unreachable"),
    (WRITE, Fault("status", code=400, body={"message": {"value": ["is invalid"]}}), "destination-refused"),
    (WRITE, Fault("status", code=403, body={"message": "403 Forbidden"}), "destination-permission-missing"),
    (WRITE, Fault("status", code=500), "destination-unexpected-answer"),
    (WRITE, Fault("rate_limited"), "destination-busy"),
]


@pytest.mark.parametrize(("at", "fault", "reason"), ANSWERS, ids=[f"{at[0]} {reason}" for at, _, reason in ANSWERS])
def test_each_bad_answer_is_told_and_no_key_in_use_dies(
    at: tuple[str, str], fault: Fault, reason: str, bench: Bench
) -> None:
    method, path = at
    bench.world.faults.add(replace(fault, server="gitlab", method=method, path=path, times=None))
    assert bench.first() in (1, 3, 4)
    assert reason in bench.reasons
    assert bench.world.neon.is_live(bench.held)
    assert not bench.leaks()


def test_a_write_is_not_repeated_once_something_speaks_against_it(bench: Bench) -> None:
    stopped = threading.Event()
    stopped.set()
    means = Means(bench.environment, SystemClock(stopped), lambda _: None, Network())
    place = GitLabVariable(parsed(HERE), means)
    place.observe()
    bench.world.faults.add(Fault("rate_limited", server="gitlab", method="PUT", path="*/variables/*"))
    why = iter([None, DestinationError("lock-lost", "Another run has the lock.", "Wait.")])
    with pytest.raises(DestinationError, match="Another run has the lock"):
        place.put(Secret("napi_new_value"), lambda: next(why))
    means.close()
    assert bench.world.ledger.count("PUT", server="gitlab") == 1
    assert bench.held == bench.story.old_key.value


@pytest.mark.parametrize("kind", ["lost_reply", "truncated", "cut"])
def test_a_write_whose_reply_is_lost_is_proven_by_reading_it_back(kind: Kind, bench: Bench) -> None:
    bench.world.faults.add(Fault(kind, server="gitlab", method="PUT", path="*/variables/*"))
    assert bench.first() == 0, bench.told
    assert bench.world.neon.is_live(bench.held)


@pytest.mark.parametrize(
    ("lines", "value_of"),
    [
        (f"project: {PROJECT}\n        scope: eu", (PROJECT, "eu")),
        ("group: octo", ("octo", "*")),
    ],
)
def test_a_policy_file_has_it_by_fields(lines: str, value_of: tuple[str, str], bench: Bench) -> None:
    bench.gitlab.add(PROJECT, Variable(NAME, "old", environment_scope="eu"))
    file = bench.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {bench.story.old_key.key_id}\n    destinations:\n      - to: {HERE}\n"
        f"      - type: gitlab\n        {lines}\n"
    )
    assert bench.by(file) == 0, bench.told
    holder, scope = value_of
    assert bench.gitlab.of(holder, NAME, scope).value == bench.held
