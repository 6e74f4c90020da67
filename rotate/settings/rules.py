"""The rules that bind several inputs together: cadence, overlap, exposure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, time, timedelta, tzinfo

from rotate.problems import Problems
from rotate.protocol.facts.cadence import Cadence, Freeze, Window
from rotate.protocol.facts.policy import Canary, Command, Exposure, OnStraggler, Overlap, RevokeWhen
from rotate.settings.model import DEFAULT_AUDIT
from rotate.settings.parse import choice, duration, moment, number, shown, truth

ZERO = timedelta()
LONGEST_OVERLAP = timedelta(days=35)
LONGEST_WAIT, LONGEST_JOB = timedelta(hours=5), timedelta(hours=6)
USUAL_CANARY_WAIT, LONGEST_CANARY_WAIT = timedelta(minutes=10), timedelta(hours=1)
USUAL_REDEPLOY, LONGEST_REDEPLOY = timedelta(minutes=10), timedelta(hours=1)
WORKFLOW_FILE = re.compile(r"[^/\\\s]+\.ya?ml")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FEWEST_LIVE_KEYS, MOST_LIVE_KEYS, USUAL_LIVE_KEYS = 2, 20, 5


def overlap(raw: Mapping[str, str], problems: Problems) -> Overlap:
    """Read how long the previous key stays valid. Drain is on where there is an overlap, unless it is turned off."""
    length = duration(raw, "overlap", problems) or ZERO
    most = duration(raw, "overlap_max", problems) or LONGEST_OVERLAP
    wait = duration(raw, "wait", problems) or ZERO
    for name, span, limit in (("overlap", length, LONGEST_OVERLAP), ("overlap_max", most, LONGEST_OVERLAP)):
        if span > limit:
            message = f"`{name}` is longer than 35 days, after which no workflow run can still hold the old value."
            problems.say("input-invalid", message, f"    {name}: 35d", name)
    if most < length <= LONGEST_OVERLAP:
        message = "`overlap_max` is shorter than `overlap`."
        problems.say("input-invalid", message, "    overlap_max: 35d", "overlap_max")
    if wait > LONGEST_WAIT:
        message = "`wait` is longer than 5 hours; a job ends after 6. What is not waited for, a later run does."
        problems.say("input-invalid", message, "    wait: 30m", "wait")
    return Overlap(
        length=length,
        wait=wait,
        drain=truth(raw, "drain", problems, default=length > ZERO),
        most=most,
        on_straggler=choice(raw, "on_straggler", OnStraggler.HOLD, problems),
    )


def canary(raw: Mapping[str, str], problems: Problems) -> Canary | None:
    """Read which workflow must succeed before an older key goes, and how long it may take."""
    workflow, wait = raw.get("canary_workflow", ""), duration(raw, "canary_wait", problems, zero=False)
    if wait and not workflow:
        message = "`canary_wait` is given, but no `canary_workflow`: there is nothing to wait for."
        problems.say("input-invalid", message, "    canary_workflow: check-neon-key.yml", "canary_wait")
    if wait and wait > LONGEST_CANARY_WAIT:
        message = "`canary_wait` is longer than an hour. A canary that uses the key once needs minutes."
        problems.say("input-invalid", message, "    canary_wait: 10m", "canary_wait")
    if not workflow:
        return None
    if not (WORKFLOW_FILE.fullmatch(workflow) and workflow.isprintable()):
        message = f"`canary_workflow` is `{shown(workflow)}`; it is the name of a file in `.github/workflows`, alone."
        problems.say("input-invalid", message, "    canary_workflow: check-neon-key.yml", "canary_workflow")
    return Canary(workflow, wait or USUAL_CANARY_WAIT)


def redeploy(raw: Mapping[str, str], problems: Problems) -> timedelta | None:
    """Read whether what runs with the value is started anew, and how long that may take; `None` where it is not."""
    asked, wait = truth(raw, "redeploy", problems), duration(raw, "redeploy_wait", problems, zero=False)
    if wait and not asked:
        message = "`redeploy_wait` is given, but `redeploy` is not true: there is nothing to wait for."
        problems.say("input-invalid", message, "    redeploy: true", "redeploy_wait")
    if wait and wait > LONGEST_REDEPLOY:
        message = "`redeploy_wait` is longer than an hour, and the rotation's lock is held all the while."
        problems.say("input-invalid", message, "    redeploy_wait: 10m", "redeploy_wait")
    return (wait or USUAL_REDEPLOY) if asked else None


def exposure(raw: Mapping[str, str], command: Command, problems: Problems) -> Exposure | None:
    """Read whether a key is exposed; a reason must be given, because somebody will ask for it."""
    exposed = truth(raw, "exposed", problems)
    since, key_id = moment(raw, "exposed_at", problems), number(raw, "exposed_key_id", problems)
    when = choice(raw, "revoke_when", RevokeWhen.PRIMARY, problems)
    break_lock = truth(raw, "break_lock", problems)
    if break_lock and not exposed:
        message = "`break_lock` is true, but `exposed` is not: a routine rotation waits for the run that is at work."
        problems.say("input-invalid", message, "    exposed: true", "break_lock")
    if not exposed:
        for name in ("exposed_at", "exposed_key_id"):
            if raw.get(name):
                message = f"`{name}` is given, but `exposed` is not true: this would be a routine rotation."
                problems.say("input-invalid", message, "    exposed: true", name)
        return None
    if command not in (Command.ROTATE, Command.PLAN):
        message = f"`exposed` has no meaning for `{command}`: only a rotation ends an exposed key safely."
        problems.say("input-invalid", message, "    command: rotate", "exposed")
    if not raw.get("reason"):
        message = "`exposed: true` needs a `reason`: it is kept in the summary, the report and the audit."
        problems.say("input-missing", message, "    reason: key seen in a public log", "exposed")
    return Exposure(when, since, key_id, break_lock)


def max_live_keys(raw: Mapping[str, str], problems: Problems) -> int:
    """Read how many keys of a lineage may live at once."""
    found = number(raw, "max_live_keys", problems)
    if found is None or FEWEST_LIVE_KEYS <= found <= MOST_LIVE_KEYS:
        return found or USUAL_LIVE_KEYS
    message = f"`max_live_keys` is {found}; it is from {FEWEST_LIVE_KEYS} to {MOST_LIVE_KEYS}."
    problems.say("input-invalid", message, f"    max_live_keys: {USUAL_LIVE_KEYS}", "max_live_keys")
    return USUAL_LIVE_KEYS


def time_limit(raw: Mapping[str, str], problems: Problems) -> timedelta:
    """Give how long a run may take; a job on a runner of GitHub's lasts six hours at most."""
    return duration(raw, "time_limit", problems, zero=False) or LONGEST_JOB


def audit(raw: Mapping[str, str], problems: Problems) -> str:
    """Read where the audit is kept: a file in the workspace, and nowhere else."""
    text = raw.get("audit", "")
    if text and not inside(text):
        message = f"`audit` is `{shown(text)}`; it is the path of a file inside the workspace, relative to it."
        problems.say("input-invalid", message, f"    audit: {DEFAULT_AUDIT}", "audit")
    return text


def inside(text: str) -> bool:
    """Say whether a text is the path of a file inside the workspace, relative to it."""
    parts = text.split("/")
    return text.isprintable() and "\\" not in text and not {"", "..", ".git"} & set(parts) and parts[-1] != "."


def cadence(raw: Mapping[str, str], problems: Problems) -> Cadence:
    """Read how often, and when not."""
    every = duration(raw, "rotate_after", problems) or None
    jitter = (duration(raw, "jitter", problems) or ZERO) if every or not raw.get("rotate_after") else ZERO
    if jitter and (every is None or jitter >= every):
        message = "`jitter` makes a key due earlier than `rotate_after`, and so must be shorter than that."
        problems.say("input-invalid", message, "    rotate_after: 30d\n    jitter: 3d", "jitter")
    zone = _zone(raw, problems)
    freezes = tuple(filter(None, (_freeze(text, problems) for text in raw.get("freeze", "").split(",") if text)))
    return Cadence(every, jitter, _window(raw, zone, problems), freezes, zone)


def _zone(raw: Mapping[str, str], problems: Problems) -> tzinfo | None:
    name = raw.get("window_time_zone")
    if name is None:
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"`time_zone` is `{shown(name)}`, which is no IANA time zone."
        problems.say("input-invalid", message, "    time_zone: Europe/Berlin", "window")
        return None


def _window(raw: Mapping[str, str], zone: tzinfo | None, problems: Problems) -> Window | None:
    given = [name for name in ("window_days", "window_from", "window_to") if raw.get(name)]
    if not given or zone is None:
        return None
    names = raw.get("window_days", ",".join(WEEKDAYS)).lower().split(",")
    try:
        days = frozenset(WEEKDAYS.index(name) for name in names)
        opens, closes = (time.fromisoformat(raw.get(name, "00:00")) for name in ("window_from", "window_to"))
    except ValueError:
        message = "`window` takes days from mon to sun, and times such as 02:00."
        remedy = "    window:\n      days: [mon, tue, wed, thu]\n      from: '02:00'\n      to: '05:00'"
        problems.say("input-invalid", message, remedy, "window")
        return None
    return Window(days, opens, closes, zone)


def _freeze(text: str, problems: Problems) -> Freeze | None:
    first, _, last = text.partition("..")
    try:
        found = Freeze(date.fromisoformat(first), date.fromisoformat(last or first))
    except ValueError:
        found = None
    if found is None or found.last < found.first:
        message = f"`freeze` has `{shown(text)}`; it takes a first and a last day, in this order."
        remedy = "    freeze:\n      - from: 2026-12-20\n        to: 2027-01-03"
        problems.say("input-invalid", message, remedy, "freeze")
    return found
