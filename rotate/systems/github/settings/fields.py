"""What a policy file takes for GitHub: of a destination, of a credential, and of the whole run."""

from __future__ import annotations

from rotate.fields import Field, Kind
from rotate.system import Fields
from rotate.systems.github.settings.model import STORES, VISIBILITIES
from rotate.systems.github.wire.pace import Pace

OF_DESTINATION = (
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
    Field("github_token", Kind.REFERENCE, "A token for this place; the credential's, if left out"),
    Field("app_id", Kind.TEXT, "A GitHub App for this place, in place of a token"),
    Field("app_private_key", Kind.REFERENCE, "The private key of that App"),
)
OF_CREDENTIAL = (
    Field("github_token", Kind.REFERENCE, "The token for its note and destinations; the input, if left out"),
    Field("app_id", Kind.TEXT, "A GitHub App in place of that token; the input, if left out"),
    Field("app_private_key", Kind.REFERENCE, "The private key of that App"),
)
OF_RUN = (
    Field(
        "pace",
        Kind.CHOICE,
        "How close to GitHub's limits a run goes; `fast` if left out",
        choices=tuple(Pace),
        checked_later=True,
    ),
    Field("max_repositories", Kind.NUMBER, "More repositories than so many by pattern are refused; 1000 if left out"),
)
FIELDS = Fields(OF_DESTINATION, OF_CREDENTIAL, OF_RUN)
