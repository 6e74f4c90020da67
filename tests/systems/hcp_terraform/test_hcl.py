"""The tick at HCL: what counts as code, what is written as a text in quotes, and what would lose more than a key."""

from __future__ import annotations

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.ports import Destination
from rotate.protocol.facts.destination import Held
from rotate.sandbox.hcp_terraform.server import Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import BEFORE, NAME
from tests.systems.hcp_terraform.bench import NEW, OCTO, HCPTerraform

CODE = f"hcp-terraform://{OCTO}/workspace/shared?category=terraform#{NAME}"
EXPRESSIONS = ["var.other", '{ key = "x" }', "[1]", "5", "<<EOT\nx\nEOT", '"${var.other}"', '"%{ if true }x%{ endif }"']


def coded(world: World, value: str, *, sensitive: bool = False) -> tuple[Variable, Destination]:
    """Put a Terraform variable with the tick at HCL beside the other one."""
    ours, code = HCPTerraform(world), Variable(NAME, value, "terraform", sensitive, hcl=True)
    ours.holder.variables.append(code)
    return code, ours.opened(CODE)


@pytest.mark.parametrize("sensitive", [True, False])
def test_of_an_environment_variable_the_tick_has_no_effect_and_the_value_gets_no_quotes(
    sensitive: bool, world: World
) -> None:
    ours = HCPTerraform(world, sensitive=sensitive)
    assert ours.here
    ours.here.hcl = True
    opened = ours.opened()
    opened.confirm(opened.observe(), opened.put(NEW))
    assert (ours.here.value, ours.here.hcl) == (NEW.reveal(), True)


def test_a_terraform_variable_in_hcl_holds_the_key_as_a_text_in_quotes(world: World) -> None:
    code, opened = coded(world, f'"{BEFORE}"')
    before = opened.observe()
    assert before.mark == Held(Secret(BEFORE).fingerprint)
    assert opened.confirm(before, opened.put(NEW)) == Held(NEW.fingerprint)
    assert (code.value, code.hcl) == (f'"{NEW.reveal()}"', True)


@pytest.mark.parametrize("value", EXPRESSIONS)
def test_an_expression_is_not_overwritten(value: str, world: World) -> None:
    code, opened = coded(world, value)
    with pytest.raises(Refused, match="expression in HCL") as raised:
        opened.observe()
    assert raised.value.reason == "destination-not-a-text"
    assert code.value == value


def test_code_that_nobody_is_shown_may_be_an_object_and_is_not_overwritten(world: World) -> None:
    _, opened = coded(world, '{ key = "x", other = "y" }', sensitive=True)
    with pytest.raises(Refused, match="may be more than a text") as raised:
        opened.observe()
    assert raised.value.reason == "destination-not-a-text"
    assert world.ledger.count("PATCH") == 0


def test_an_expression_that_somebody_puts_there_meanwhile_is_kept_too(world: World) -> None:
    code, opened = coded(world, f'"{BEFORE}"')
    opened.observe()
    code.value = "[1]"
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-not-a-text", Outcome.NO_EFFECT)
    assert world.ledger.count("PATCH") == 0


def test_an_expression_that_stands_there_after_the_write_is_told_as_anothers(world: World) -> None:
    code, opened = coded(world, f'"{BEFORE}"')
    before = opened.observe()
    receipt = opened.put(NEW)
    code.value = "[1]"
    assert opened.written() == Held(Secret("[1]").fingerprint)
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, receipt)
    assert (raised.value.reason, raised.value.outcome) == ("destination-overwritten", Outcome.UNKNOWN)
