"""`local apply` and `local pull`: the standing key where a superseded one lay on this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rotate.commands.local import asking
from rotate.commands.local.find import report
from rotate.commands.local.judging import superseded
from rotate.commands.local.survey import Found, Wanted, survey
from rotate.commands.local.writing import Doors, after, not_agreed, write, write_each
from rotate.errors import ConfigurationError, ExitCode, Refused, RotateError, counted
from rotate.means import Means
from rotate.ports import Shown
from rotate.protocol.facts.model import Liveness
from rotate.protocol.facts.moves import Status
from rotate.protocol.story.findings import State
from rotate.protocol.story.lying import OnMachine
from rotate.protocol.story.report import Report
from rotate.secret import Secret


def apply(wanted: Wanted, means: Means, doors: Doors, standing: Secret) -> Report:
    """Write the value where a superseded one lies. It must live: Neon says so first.

    Raises:
        RotateError: it does not live, or nobody agreed.
    """
    began = means.clock.monotonic()
    _alive(wanted, means, standing)
    seen = survey(wanted, means, standing, ask=True)
    targets = [one for one in seen.found if _writable(one)]
    addresses = [one.seen.address for one in targets]
    if targets and not wanted.agreed(addresses, ()):
        refused = not_agreed(addresses)
        now = means.clock.now()
        verdict = Report(Status.REFUSED, ExitCode.REFUSED, refused.message, now, now, problems=(refused,))
        return report(means, began, seen, verdict)
    became, failed = write_each(targets, doors, standing)
    seen = after(seen, became)
    by_hand = sum(one.lying.state is State.PROBLEM and one not in became.values() for one in seen.found)
    written = len(targets) - len(failed)
    told = f"the standing key was written to {counted(written, 'place')}" if written else "nothing was written"
    return report(means, began, seen, _verdict(means, told, failed, by_hand), _now(written, failed))


def pulled(doors: Doors, address: str, hide: Callable[[Secret], None]) -> Secret:
    """Read the standing value from a place that shows what it holds.

    Raises:
        RotateError: it shows none, or holds none.
    """
    (source,) = doors.opened([address]).values()
    value = source.shown() if isinstance(source, Shown) else None
    if not value:
        raise ConfigurationError(
            "local-not-shown",
            f"{source.name} does not show a value: it holds none, or what it holds cannot be read back.",
            "Name a place of a secret manager whose values can be read: vault://…, aws-ssm://…, onepassword://….",
        )
    hide(value)
    return value


def into(addresses: Sequence[str], wanted: Wanted, means: Means, doors: Doors, standing: Secret) -> Report:
    """Write the value to these places, whatever they hold.

    Raises:
        RotateError: it does not live, nobody agreed, or an address is none.
    """
    _alive(wanted, means, standing)
    opened = doors.opened(addresses)
    if not wanted.agreed(list(opened), ()):
        raise not_agreed(list(opened))
    failed: list[RotateError] = []
    written = 0
    for destination in opened.values():
        try:
            written += write(destination, standing, "")
        except RotateError as error:
            failed.append(error)
    told = f"the standing key was written to {counted(written, 'place')}" if written else "nothing was to be written"
    return replace(_verdict(means, told, failed, 0), machine=OnMachine((), 0, _now(written, failed)))


def _alive(wanted: Wanted, means: Means, standing: Secret) -> None:
    """Prove that the value lives: what is written must work."""
    with asking.neon(wanted.settings, means) as source:
        lives = asking.liveness(source, [standing])[standing.fingerprint]
    if lives is not Liveness.ALIVE:
        why = "Neon answers 401 to it" if lives is Liveness.DEAD else "Neon did not say whether it lives"
        raise Refused(
            "local-key-dead",
            f"The key that was to be written is not known to live: {why}. Nothing was changed.",
            "Give the key that counts now as NEON_API_KEY, or fetch it:\n\n    neon-rotate local pull --from <address>",
        )


def _writable(one: Found) -> bool:
    return bool(one.seen.address) and not one.seen.past and superseded(one.lying.which, one.lying.liveness)


def _verdict(means: Means, told: str, failed: Sequence[RotateError], by_hand: int) -> Report:
    status, code = (Status.INCOMPLETE, ExitCode.INCOMPLETE) if failed else (Status.UNCHANGED, ExitCode.DONE)
    hand = f", {counted(by_hand, 'place')} to mend by hand" if by_hand else ""
    missed = f", {counted(len(failed), 'place')} not written" if failed else ""
    now = means.clock.now()
    return Report(status, code, f"{told}{missed}{hand}", now, now, problems=tuple(dict.fromkeys(failed)))


def _now(written: int, failed: Sequence[RotateError]) -> str:
    if not (written or failed):
        return "Nothing was changed."
    rest = f" {counted(len(failed), 'place')} may still hold a superseded one." if failed else ""
    verb = "holds" if written == 1 else "hold"
    return f"{counted(written, 'place')} of this machine {verb} the standing key, read back.{rest}"
