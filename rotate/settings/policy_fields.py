"""The model of the policy file: every field, what it takes, and what it is for.

The reader (`policy_file`), the published JSON Schema (`policy_schema`) and the documented tables all follow this one
list. `raw` is the name under which `validate.check` knows a field, where that differs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.policy import OnFailure, OnStraggler
from rotate.settings.model import STORES, VISIBILITIES, Pace

VERSION = 1
REFERENCE = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Kind(Enum):
    """What a field takes."""

    TEXT = "text"
    NUMBER = "a whole number"
    TRUTH = "true or false"
    DURATION = "a duration such as 30d"
    CHOICE = "one of a list"
    REFERENCE = "the name of an environment variable, as ${NAME}"
    WORDS = "a list of words"
    MAPPING = "a mapping"
    LIST = "a list"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `about` is for people; `inner` are the fields of a mapping, or of each item of a list.

    `checked_later`: its choices are those of an input, and are checked with the inputs. `instead`: the field that may
    stand in its stead where it is needed.
    """

    name: str
    kind: Kind
    about: str
    raw: str = ""
    needed: bool = False
    choices: tuple[str, ...] = ()
    checked_later: bool = False
    inner: tuple[Field, ...] = field(default=())
    instead: str = ""

    @property
    def key(self) -> str:
        """Give the name under which the value is checked."""
        return self.raw or self.name


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
DESTINATION = (
    Field(
        "to",
        Kind.TEXT,
        "Its [address](places.md#addresses), such as `github://octo-org/payments?environment=production#NEON_API_KEY`",
    ),
    Field(
        "type",
        Kind.CHOICE,
        "Or what kind of place it is, and the fields below",
        needed=True,
        choices=("github_secret",),
        instead="to",
    ),
    Field("repository", Kind.TEXT, "The repository (`owner/name`); the workflow's own, if left out"),
    Field("repositories", Kind.WORDS, "Many: names, `api-*`, `topic:x`, `property:a=b`, `holders`, `!left-out`"),
    Field("organization", Kind.TEXT, "An organization, in place of a repository: its secret, read by many of them"),
    Field("environments", Kind.WORDS, "Environments of the repository, in place of the repository itself"),
    Field("stores", Kind.WORDS, "Who reads it; `actions` if left out", choices=STORES),
    Field("visibility", Kind.CHOICE, "Creates an organization secret that does not exist", choices=VISIBILITIES),
    Field(
        "ignore_shadows", Kind.WORDS, "Narrower secrets of the same name that are others': environments, `owner/name`"
    ),
    Field(
        "ignore_holders", Kind.WORDS, "First run: other secrets of the name that hold another value: `owner/name`, …"
    ),
    Field("create", Kind.TRUTH, "First run: create the secret where it does not exist; refused, if left out"),
    Field("secret", Kind.TEXT, "The secret's name; the credential's, if left out", "secret_name"),
    Field("primary", Kind.TRUTH, "Written first; after an exposure the key dies once this one holds the new one"),
    Field("github_token", Kind.REFERENCE, "A token for this place; the credential's, if left out"),
    Field("app_id", Kind.TEXT, "A GitHub App for this place, in place of a token"),
    Field("app_private_key", Kind.REFERENCE, "The private key of that App"),
)
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
    Field("key_name", Kind.TEXT, "Descriptive name of its keys at Neon; made from repository and name, if left out"),
    Field(
        "authenticate_with", Kind.REFERENCE, "The key to authenticate with; the input `api_key`, if left out", "api_key"
    ),
    Field("current_key", Kind.REFERENCE, "The key being replaced, when that is another"),
    Field("github_token", Kind.REFERENCE, "The token for its note and destinations; the input, if left out"),
    Field("app_id", Kind.TEXT, "A GitHub App in place of that token; the input, if left out"),
    Field("app_private_key", Kind.REFERENCE, "The private key of that App"),
    Field("old_key_id", Kind.TEXT, "First run: the id or name of the key being replaced, `auto`, or `none`"),
    Field("give_up", Kind.WORDS, "Places that an earlier run wrote and that need not hold the key any more"),
    Field("rotate_after", Kind.DURATION, "Rotate a key at least this old; every run, if left out"),
    Field("jitter", Kind.DURATION, "Due up to so much earlier, by a stable share for each credential"),
    Field("window", Kind.MAPPING, "When a routine rotation may begin", inner=WINDOW),
    Field("freeze", Kind.LIST, "Days on which nothing routine is begun, both ends included", inner=FREEZE),
    Field("max_age", Kind.DURATION, "`check` fails for an older key"),
    Field("overlap", Kind.DURATION, "How long the previous key stays valid; at most `35d`"),
    Field("wait", Kind.DURATION, "How much of the overlap a run may stay for"),
    Field("drain", Kind.TRUTH, "Hold the previous key while something may use it; `true` where there is an overlap"),
    Field("overlap_max", Kind.DURATION, "After so long `on_straggler` decides; `35d` if left out"),
    _choice("on_straggler", OnStraggler, "What becomes of a key that is still in use then; `hold` if left out"),
    _choice("on_failure", OnFailure, "What becomes of a distribution that cannot be finished; `hold` if left out"),
    Field("max_live_keys", Kind.NUMBER, "At so many live keys a run refuses; 5 if left out"),
    Field("canary_workflow", Kind.TEXT, "A workflow that must succeed with the new key before the old one goes"),
    Field("canary_wait", Kind.DURATION, "How long to wait for it; `10m` if left out"),
    Field("alert_issue", Kind.TRUTH, "Keep one GitHub issue open while something needs a person"),
    Field("destinations", Kind.LIST, "The places that hold it; all are required", needed=True, inner=DESTINATION),
)
TOP = (
    Field("version", Kind.NUMBER, "The version of this file's form", needed=True, choices=(str(VERSION),)),
    Field("audit", Kind.TEXT, "Append an audit record to this file of the workspace"),
    _choice("pace", Pace, "How close to GitHub's limits a run goes; `fast` if left out"),
    Field("max_repositories", Kind.NUMBER, "More repositories than so many by pattern are refused; 1000 if left out"),
    Field("time_limit", Kind.DURATION, "What would take longer is not begun; `6h`, the longest job, if left out"),
    Field("max_rotations", Kind.NUMBER, "At most so many keys are issued in one routine run"),
    Field("credentials", Kind.LIST, "The keys to rotate; a minter's own key goes last", needed=True, inner=CREDENTIAL),
)
