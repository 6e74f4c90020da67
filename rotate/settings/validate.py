"""From text to settings, all problems at once, nothing contacted.

Each problem is a `ConfigurationError` with the YAML that mends it; an event that may not start a run is `Refused`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from rotate.context import Context
from rotate.errors import RotateError, listed
from rotate.problems import Problems
from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.policy import Command, OnFailure
from rotate.registry import USUAL, system, usual
from rotate.secret import Secret
from rotate.settings import blanks, naming, note_file, places, rules, starts
from rotate.settings.model import DEFAULT_API_HOST, DEFAULT_AUDIT, DEFAULT_NAME, Settings, Shard
from rotate.settings.old_key import with_from_scope, with_old_key
from rotate.settings.parse import choice, duration, neon_api, required_secret, secret, shown, truth, url
from rotate.system import Keeper, Place

NEON_ID = re.compile(r"[a-z0-9-]{1,60}")
LONGEST_REASON = 500
# They need the key, and nothing else.
KEY_ALONE = (Command.CHECK, Command.INVENTORY)


def validate(raw: Mapping[str, str], context: Context) -> tuple[Settings, tuple[RotateError, ...]]:
    """Check the inputs of one credential; give the settings, to be used only if there are none of the problems."""
    problems = Problems()
    settings = check(raw, context, places.of_inputs(raw, context), problems)
    return settings, tuple(dict.fromkeys(problem for _, problem in problems.found))


def check(raw: Mapping[str, str], context: Context, spots: Sequence[Mapping[str, str]], problems: Problems) -> Settings:
    """Check one credential. `spots`: its places, the primary first, each as text under the inputs' names.

    The settings are to be used only if nothing was added to `problems`.
    """
    command = _command(raw, problems)
    if command in (Command.AUDIT, Command.FIND):
        return _of_audit(raw, problems) if command is Command.AUDIT else _of_find(raw, context, spots, problems)
    _context(raw, context, problems)
    why = partial(blanks.why, raw, context)
    scope, org_id, project_id = _principal(raw, problems)
    alone = command in KEY_ALONE and not (context.repository or places.somewhere(spots))
    held = () if alone else places.read(raw, spots, context, problems)
    credential = naming.credential(raw, held, problems)
    keeper = note_file.keeper(raw, held, credential, context, problems)
    settings = Settings(
        command=command,
        api_key=_api_key(raw, command, problems, why),
        api_host=neon_api(raw, problems),
        scope=scope,
        key_name=naming.key_name(raw, held, credential, context, problems),
        credential=credential,
        places=held,
        keeper=keeper,
        org_id=org_id,
        project_id=project_id,
        current_key=secret(raw, "current_key", problems),
        cadence=rules.cadence(raw, problems),
        overlap=rules.overlap(raw, problems),
        canary=rules.canary(raw, problems),
        exposure=rules.exposure(raw, command, problems),
        on_failure=choice(raw, "on_failure", OnFailure.HOLD, problems),
        max_age=duration(raw, "max_age", problems, zero=False),
        max_live_keys=rules.max_live_keys(raw, problems),
        shard=_shard(raw, command, problems),
        rehearsal=command is Command.SYNC and truth(raw, "dry_run", Problems()),
        named=bool(raw.get("key_name")),
        shares=_shares(raw, keeper, held, problems, None if command in KEY_ALONE else why),
    )
    if command is Command.INVENTORY:
        from rotate.settings.of_inventory import of_inventory

        return of_inventory(settings, raw, context, problems)
    return with_from_scope(with_old_key(_told(settings, raw, problems), raw, problems), raw, problems)


def _told(settings: Settings, raw: Mapping[str, str], problems: Problems) -> Settings:
    """Add what a person says beside the rotation, and who is told of it."""
    if settings.canary and settings.places and USUAL not in settings.kinds:
        message = "`canary_workflow` is a workflow of a repository, and no repository takes part in this rotation."
        problems.say("input-invalid", message, "    repository: owner/name", "canary_workflow")
    _idle(raw, settings, problems)
    _late(settings, problems)
    return replace(
        settings,
        reason=raw.get("reason", "")[:LONGEST_REASON],
        give_up=tuple(places.words(raw.get("give_up", ""))),
        audit=rules.audit(raw, problems),
        alert_issue=truth(raw, "alert_issue", problems),
        require_proof=truth(raw, "require_proof", problems),
        time_limit=rules.time_limit(raw, problems),
    )


REDEPLOY_LINE = "    redeploy: true    # in a policy file, at the destination"


def _starts(place: Place) -> bool:
    traits = system(place.kind).traits
    return traits.redeploys and traits.late(place.name)


def _idle(raw: Mapping[str, str], settings: Settings, problems: Problems) -> None:
    """What is to be started anew must be of a kind that can be."""
    if not settings.places or any(_starts(place) for place in settings.places):
        return
    asked = truth(raw, "redeploy", problems) if raw.get("redeploy") else bool(raw.get("redeploy_wait"))
    for name in ("redeploy", "redeploy_wait"):
        if raw.get(name) and asked:
            message = f"`{name}` is given, but no destination is of a kind that is started anew after a write."
            problems.say("input-invalid", message, f"Remove `{name}`: there, nothing is to be started.", name)


def _late(settings: Settings, problems: Problems) -> None:
    """What runs on with the old value until somebody starts it anew would break the moment that value dies."""
    if settings.exposure or settings.overlap.length or settings.command not in (Command.ROTATE, Command.PLAN):
        return
    when = {place.name: system(place.kind).traits for place in settings.places if place.redeploy is None}
    late = {name: of for name, of in when.items() if of.late(name)}
    if late:
        seen = listed(list(dict.fromkeys(of.when(name) for name, of in late.items())))
        message = (
            f"What uses {listed(list(late))} sees a new value {seen}, and `overlap` is 0s: it would fail until then."
        )
        lines = "    overlap: 24h    # longer than it takes to start all anew"
        if all(of.redeploys for of in late.values()):
            lines += f"\n\nOr let each rotation start it anew, and wait for that:\n\n{REDEPLOY_LINE}"
        problems.say("overlap-needed", message, lines, "overlap")


API_KEY_LINE = "    api_key: ${{ secrets.NEON_API_KEY }}"


def _api_key(raw: Mapping[str, str], command: Command, problems: Problems, why: Callable[[], str]) -> Secret:
    """Read it. Without one, `doctor` asks GitHub alone."""
    if command is Command.DOCTOR:
        return secret(raw, "api_key", problems) or Secret("")
    return required_secret(raw, "api_key", API_KEY_LINE, problems, why)


def _command(raw: Mapping[str, str], problems: Problems) -> Command:
    command = choice(raw, "command", Command.ROTATE, problems)
    if not truth(raw, "dry_run", problems):
        return command
    if command is Command.SWEEP:
        message = f"`dry_run` is true, but `{command}` cannot be rehearsed: it would be done."
        problems.say("input-invalid", message, "    command: plan", "dry_run")
    return Command.PLAN if command is Command.ROTATE else command


def _of_audit(raw: Mapping[str, str], problems: Problems) -> Settings:
    """An audit is verified without a key, a token or a destination; even a pull request may do it."""
    return replace(bare(Command.AUDIT), audit=rules.audit(raw, problems) or DEFAULT_AUDIT)


def _of_find(
    raw: Mapping[str, str], context: Context, spots: Sequence[Mapping[str, str]], problems: Problems
) -> Settings:
    """Whatever the token reaches is looked at: no key is needed, and no destination; those given are told apart."""
    _context(raw, context, problems)
    named = raw.get("credential") or spots[0].get("secret_name", DEFAULT_NAME)
    told = context.repository or places.somewhere(spots)
    held = places.read(raw, spots, context, problems) if told else ()
    credential = naming.name(named, "secret_name", problems)
    why = partial(blanks.why, raw, context)
    login = any(raw.get(name) for name in usual().login)
    others = all(place.kind != USUAL for place in held) and (bool(held) or (context.elsewhere and not login))
    return replace(
        bare(Command.FIND),
        api_key=secret(raw, "api_key", problems) or Secret(""),
        current_key=secret(raw, "current_key", problems),
        key_name=naming.key_name(raw, held, credential, context, problems),
        credential=credential,
        places=held,
        keeper=Keeper(USUAL, context.repository) if login or not others else None,
        shares={USUAL: usual().share(raw, problems, None if others else why)},
        reason=raw.get("reason", "")[:LONGEST_REASON],
    )


def bare(command: Command) -> Settings:
    """Give the settings of a command that needs no key."""
    return Settings(command, Secret(""), DEFAULT_API_HOST, Scope.PERSONAL, "", "", (), None)


def _shares(
    raw: Mapping[str, str],
    keeper: Keeper | None,
    held: Sequence[Place],
    problems: Problems,
    why: Callable[[], str] | None,
) -> Mapping[str, object]:
    """Read what the inputs say to the usual system, which must be told who asks where it takes part."""
    elsewhere = keeper is not None and keeper.kind != USUAL and all(place.kind != USUAL for place in held)
    return {USUAL: usual().share(raw, problems, None if elsewhere else why)}


def _context(raw: Mapping[str, str], context: Context, problems: Problems) -> None:
    """Judge where the run happens."""
    url(context.api_url, "GITHUB_API_URL", problems)
    starts.judge(raw, context, problems)


def _principal(raw: Mapping[str, str], problems: Problems) -> tuple[Scope, str | None, str | None]:
    scope = choice(raw, "scope", Scope.PERSONAL, problems)
    if raw.get("scope", scope) != scope:
        return scope, None, None  # what goes with it is not to be judged
    needed = {
        Scope.PERSONAL: (),
        Scope.ORGANIZATION: ("org_id",),
        Scope.PROJECT: ("org_id", "project_id"),
    }[scope]
    where = {"org_id": "Neon → Organization settings (it begins with `org-`)", "project_id": "Neon → Project settings"}
    for name in ("org_id", "project_id"):
        text = raw.get(name)
        if name in needed and not text:
            message = f"`scope: {scope}` needs `{name}`."
            problems.say("input-missing", message, f"    {name}: …    # {where[name]}", "scope")
        elif text and name not in needed:
            remedy = f"Remove `{name}`, or set the `scope` that it belongs to."
            problems.say("input-invalid", f"`{name}` is given, but `scope: {scope}` has no use for it.", remedy, name)
        elif text and not NEON_ID.fullmatch(text):
            message = f"`{name}` is `{shown(text)}`, which is no Neon id."
            problems.say("input-invalid", message, f"Look it up at {where[name]}.", name)
    return (
        scope,
        raw.get("org_id") if "org_id" in needed else None,
        raw.get("project_id") if "project_id" in needed else None,
    )


def _shard(raw: Mapping[str, str], command: Command, problems: Problems) -> Shard | None:
    if not raw.get("shard"):
        return None
    from rotate.settings.shards import read

    return read(raw["shard"], command, problems)
