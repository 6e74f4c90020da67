"""The model of the policy file: every field, what it takes, and what it is for.

The reader (`policy_file`), the published JSON Schema (`policy_schema`) and the documented tables all follow this one
list, and what each system says of its destinations. `raw` is the name under which `validate.check` knows a field, where
that differs.
"""

from __future__ import annotations

from enum import StrEnum

from rotate.fields import Field, Kind
from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.policy import OnFailure, OnStraggler
from rotate.registry import TYPES, USUAL, kinds, system

VERSION = 1
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _choice(name: str, of: type[StrEnum], about: str) -> Field:
    return Field(name, Kind.CHOICE, about, choices=tuple(member.value for member in of), checked_later=True)


WINDOW = (
    Field("days", Kind.WORDS, "Weekdays on which it opens; all, if left out", "window_days", choices=WEEKDAYS),
    Field("from", Kind.TEXT, "When it opens, such as `02:00`", "window_from"),
    Field("to", Kind.TEXT, "When it closes; at or before `from` means the next day", "window_to"),
    Field("time_zone", Kind.TEXT, "IANA time zone, such as `Europe/Berlin`; UTC if left out", "window_time_zone"),
)
FREEZE = (
    Field("from", Kind.TEXT, "First day, such as `2026-12-20`", needed=True),
    Field("to", Kind.TEXT, "Last day; the first, if left out"),
)
ADDRESS = Field(
    "to",
    Kind.TEXT,
    "Its [address](places.md#addresses), such as `github://octo-org/payments?environment=production#NEON_API_KEY`",
)
OF_EACH = (
    Field("create", Kind.TRUTH, "First run: create the secret where it does not exist; refused, if left out"),
    Field("secret", Kind.TEXT, "The secret's name; the credential's, if left out", "secret_name"),
    Field("primary", Kind.TRUTH, "Written first; after an exposure the key dies once this one holds the new one"),
)
REDEPLOY = (
    Field("redeploy", Kind.TRUTH, "Start anew what runs with the value; only its success lets the previous key go"),
    Field("redeploy_wait", Kind.DURATION, "How long that may take; `10m` if left out"),
)


def types() -> dict[str, str]:
    """Give what a destination's `type` can be, each with its kind."""
    return TYPES | {kind: kind for kind in kinds() if kind != USUAL}


def of_destination(kind: str) -> tuple[Field, ...]:
    """Give the fields of a destination of one kind."""
    about = "Or what kind of place it is, and the fields below"
    named = Field("type", Kind.CHOICE, about, needed=True, choices=tuple(types()), instead=ADDRESS.name)
    found = system(kind)
    return (ADDRESS, named, *found.fields().of_destination, *OF_EACH, *(REDEPLOY if found.traits.redeploys else ()))


PLACES = "The places that hold it; all are required"
USUAL_FIELDS = system(USUAL).fields()
CREDENTIAL = (
    Field("name", Kind.TEXT, "Names the credential: its note and lock are variables named after it", "credential"),
    _choice("scope", Scope, "What the key acts for; `personal` if left out"),
    Field(
        "from_scope",
        Kind.CHOICE,
        "How far the key reaches that the secret holds now, where a narrower one replaces it",
        choices=(Scope.PERSONAL.value, Scope.ORGANIZATION.value),
        checked_later=True,
    ),
    Field("org_id", Kind.TEXT, "The organization; for organization and project scope"),
    Field("project_id", Kind.TEXT, "The project; for project scope"),
    Field("note_file", Kind.TEXT, "The file that keeps its note and lock, where no repository and no system does"),
    Field("key_name", Kind.TEXT, "Descriptive name of its keys at Neon; made from repository and name, if left out"),
    Field(
        "authenticate_with", Kind.REFERENCE, "The key to authenticate with; the input `api_key`, if left out", "api_key"
    ),
    Field("current_key", Kind.REFERENCE, "The key being replaced, when that is another"),
    *USUAL_FIELDS.of_credential,
    Field("old_key_id", Kind.TEXT, "First run: the id or name of the key being replaced, `auto`, or `none`"),
    Field("give_up", Kind.WORDS, "Places that an earlier run wrote and that need not hold the key any more"),
    Field("rotate_after", Kind.DURATION, "Rotate a key at least this old; every run, if left out"),
    Field("jitter", Kind.DURATION, "Due up to so much earlier, by a stable share for each credential"),
    Field("window", Kind.MAPPING, "When a routine rotation may begin", inner=WINDOW),
    Field("freeze", Kind.LIST, "Days on which nothing routine is begun, both ends included", inner=FREEZE),
    Field("max_age", Kind.DURATION, "`check` fails for an older key, and `inventory` tells of it"),
    Field("overlap", Kind.DURATION, "How long the previous key stays valid; at most `35d`"),
    Field("wait", Kind.DURATION, "How much of the overlap a run may stay for"),
    Field("drain", Kind.TRUTH, "Hold the previous key while something may use it; `true` where there is an overlap"),
    Field("overlap_max", Kind.DURATION, "After so long `on_straggler` decides; `35d` if left out"),
    _choice("on_straggler", OnStraggler, "What becomes of a key that is still in use then; `hold` if left out"),
    _choice("on_failure", OnFailure, "What becomes of a distribution that cannot be finished; `hold` if left out"),
    Field("max_live_keys", Kind.NUMBER, "At so many live keys a run refuses; 5 if left out"),
    Field("canary_workflow", Kind.TEXT, "A workflow that must succeed with the new key before the old one goes"),
    Field("canary_wait", Kind.DURATION, "How long to wait for it; `10m` if left out"),
    Field(
        "require_proof", Kind.TRUTH, "Refuse a place that shows nothing of a write, unless a canary proves the new key"
    ),
    Field("alert_issue", Kind.TRUTH, "Keep one GitHub issue open while something needs a person"),
    Field(
        "destinations", Kind.LIST, "The places that hold it; all are required", needed=True, inner=of_destination(USUAL)
    ),
)
TOP = (
    Field("version", Kind.NUMBER, "The version of this file's form", needed=True, choices=(str(VERSION),)),
    Field("audit", Kind.TEXT, "Append an audit record to this file of the workspace"),
    *USUAL_FIELDS.of_run,
    Field("time_limit", Kind.DURATION, "What would take longer is not begun; `6h`, the longest job, if left out"),
    Field("max_rotations", Kind.NUMBER, "At most so many keys are issued in one routine run"),
    Field("credentials", Kind.LIST, "The keys to rotate; a minter's own key goes last", needed=True, inner=CREDENTIAL),
)
