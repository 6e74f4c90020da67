"""What a run is asked to do: by its inputs alone, or by its inputs and a policy file."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rotate.context import Context
from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.policy import Command, RevokeWhen
from rotate.secret import Secret
from rotate.settings.asked import ask
from rotate.systems.github.settings.model import at_github
from tests.settings.test_policy_model import EXAMPLE
from tests.support.policies import INPUTS, asked, problems, read

TWO = """\
version: 1
credentials:
  - name: MINTER
    authenticate_with: ${NEON_MINTER_KEY}
    destinations:
      - type: github_secret
  - name: FIRST
    scope: organization
    org_id: org-a
    authenticate_with: ${NEON_MINTER_KEY}
    current_key: ${NEON_API_KEY}
    rotate_after: 30d
    jitter: 3d
    overlap: 24h
    destinations:
      - type: github_secret
        repository: octo-org/invoices
      - type: github_secret
        secret: OTHER
        primary: true
        github_token: ${OTHER_TOKEN}
"""


def test_inputs_alone_ask_for_one_credential() -> None:
    found = ask(INPUTS, Context(repository="octo-org/payments", workspace="/nowhere"), {}, lambda _: None)
    assert not isinstance(found, tuple)
    assert [one.credential for one in found.credentials] == ["NEON_API_KEY"]
    assert found.max_rotations is None


def test_wrong_inputs_alone_are_said() -> None:
    found = ask({}, Context(repository="octo-org/payments", workspace="/nowhere"), {}, lambda _: None)
    assert isinstance(found, tuple)


def test_the_input_max_age_overrules_the_file() -> None:
    text = TWO.replace("    jitter: 3d", "    max_age: 90d")
    assert {one.max_age for one in asked(text).credentials} == {None, timedelta(days=90)}
    assert {one.max_age for one in asked(text, {**INPUTS, "max_age": "30d"}).credentials} == {timedelta(days=30)}


def test_an_inventory_needs_no_value_but_one_to_list_with() -> None:
    text = TWO.replace("${NEON_API_KEY}", "${NOT_SET}").replace("${NEON_MINTER_KEY}", "${NOT_SET_EITHER}")
    inventory = {**INPUTS, "command": "inventory"}
    assert {one.reason for one in problems(text)} == {"input-missing"}
    assert {one.api_key for one in asked(text, inventory).credentials} == {Secret("napi_minter")}
    assert {one.reason for one in problems(text, {"command": "inventory"})} == {"input-missing"}


def test_a_policy_of_none_does_without_the_file() -> None:
    found = asked("this is no policy", {**INPUTS, "policy": "none"})
    assert [one.credential for one in found.credentials] == ["NEON_API_KEY"]


def test_the_minters_own_key_goes_last() -> None:
    assert [one.credential for one in asked(TWO).credentials] == ["FIRST", "MINTER"]


def test_every_field_arrives() -> None:
    first, minter = asked(TWO).credentials
    assert (first.scope, first.org_id, first.api_key) == (Scope.ORGANIZATION, "org-a", Secret("napi_minter"))
    assert (first.cadence.rotate_after, first.overlap.length) == (timedelta(days=30), timedelta(hours=24))
    assert [(place.repository, place.secret_name) for place in at_github(first).places] == [
        ("octo-org/payments", "OTHER"),
        ("octo-org/invoices", "FIRST"),
    ], "the primary goes first; a secret is named after the credential unless it has a name of its own"
    assert [place.token for place in at_github(first).places] == [Secret("other-token"), Secret("token")]
    assert minter.self_rotation


def test_inputs_of_the_run_overrule_the_file() -> None:
    inputs = {**INPUTS, "command": "plan", "rotate_after": "0s", "overlap": "1h", "reason": "now"}
    first, _ = asked(TWO, inputs).credentials
    assert (first.command, first.reason) == (Command.PLAN, "now")
    assert (first.cadence.rotate_after, first.cadence.jitter) == (None, timedelta())
    assert first.overlap.length == timedelta(hours=1)


@pytest.mark.parametrize("field", ["scope", "org_id", "project_id", "current_key", "old_key_id", "repository"])
def test_an_input_that_contradicts_the_file_is_an_error(field: str) -> None:
    (found,) = problems(TWO, {**INPUTS, field: "organization"})
    assert (found.reason, f"`{field}`" in found.message) == ("policy-contradicted", True)


def test_what_action_yml_fills_in_contradicts_nothing() -> None:
    filled_in = {**INPUTS, "scope": "personal", "secret_name": "NEON_API_KEY", "exposed": "false"}
    assert len(asked(TWO, filled_in).credentials) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("name: FIRST", "name: MINTER"), ":7:5: Two credentials are named MINTER"),
        (
            ("name: FIRST", "name: FIRST\n    key_name: octo-org-payments-minter"),
            "have the `key_name` octo-org-payments-minter",
        ),
        (("secret: OTHER", "secret: MINTER"), "github://octo-org/payments#MINTER is written for MINTER already."),
        (("current_key: ${NEON_API_KEY}", "current_key: ${NEON_MINTER_KEY}"), "MINTER and FIRST replace the same key."),
        (("octo-org/invoices", "octo-org/invoices\n        primary: true"), "Two destinations are `primary`."),
        (("version: 1", "version: 1\nmax_rotations: 0"), "`max_rotations` is `0`, which is no number from 1 on."),
    ],
)
def test_credentials_that_would_undo_each_other_are_an_error(change: tuple[str, str], message: str) -> None:
    assert [message in problem.message for problem in problems(TWO.replace(*change, 1))] == [True]


def test_a_check_of_two_keys_of_one_minter_is_no_contradiction() -> None:
    text = TWO.replace("    current_key: ${NEON_API_KEY}\n", "")
    assert len(asked(text, {**INPUTS, "command": "check"}).credentials) == 2


@pytest.mark.parametrize("name", ["FIRST", "octo-org-payments-first"])
def test_one_credential_is_picked_by_either_name(name: str) -> None:
    assert [one.credential for one in asked(TWO, {**INPUTS, "key_name": name}).credentials] == ["FIRST"]


def test_an_unknown_credential_is_an_error_that_lists_them() -> None:
    (found,) = problems(TWO, {**INPUTS, "key_name": "THIRD"})
    assert found.reason == "credential-unknown"
    assert "octo-org-payments-minter (MINTER), octo-org-payments-first (FIRST)" in found.message


def test_after_an_exposure_it_must_be_said_which_credential_is_meant() -> None:
    exposed = {**INPUTS, "exposed": "true", "reason": "seen"}
    (found,) = problems(TWO, exposed)
    assert found.reason == "exposed-which"
    (one,) = asked(TWO, {**exposed, "key_name": "FIRST"}).credentials
    assert one.exposure
    assert one.exposure.revoke_when is RevokeWhen.PRIMARY
    assert [bool(each.exposure) for each in asked(TWO, {**exposed, "key_name": "all"}).credentials] == [True, True]


def test_the_example_asks_for_two_credentials_and_a_cap() -> None:
    found = read(EXAMPLE.read_text())
    assert not isinstance(found, tuple), found
    assert [one.credential for one in found.credentials] == ["NEON_API_KEY", "NEON_MINTER_KEY"]
    assert found.max_rotations == 2
    window = found.credentials[0].cadence.window
    assert window
    assert (len(window.days), str(window.opens), str(window.zone)) == (4, "02:00:00", "Europe/Berlin")


def test_where_two_credentials_share_a_secrets_name_each_knows_the_places_of_the_other() -> None:
    text = TWO.replace("secret: OTHER", "secret: MINTER\n        stores: [dependabot]")
    minter, first = sorted(asked(text).credentials, key=lambda one: one.credential, reverse=True)
    assert [one.ignore_holders for one in at_github(minter).places] == [("octo-org/payments/dependabot",)]
    assert {one.ignore_holders for one in at_github(first).places if one.secret_name == "MINTER"} == {
        ("octo-org/payments",)
    }
    assert {one.ignore_holders for one in at_github(asked(TWO).credentials[0]).places} == {()}
