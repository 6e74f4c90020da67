"""GitHub's own inputs: the short way to say where a secret is, and who asks."""

from __future__ import annotations

from rotate.fields import Given, Input

FILE = Given.OF_A_CREDENTIAL
INPUTS = (
    Input("repository", "OWNER/NAME", "the repository whose secret is written (in GitHub Actions: its own)", FILE),
    Input(
        "repositories",
        "NAMES",
        "more repositories, separated by commas: names, api-*, topic:x, property:a=b, holders",
        FILE,
    ),
    Input("organization", "LOGIN", "an organization whose secret is written; its visibility stays as it is", FILE),
    Input("environments", "NAMES", "environments of the repositories, in place of the repositories themselves", FILE),
    Input("stores", "NAMES", "actions, dependabot, codespaces, agents: who reads it (default actions)", FILE),
    Input(
        "ignore_shadows", "NAMES", "environments, or owner/name, whose secret of the same name is another key's", FILE
    ),
    Input("ignore_holders", "NAMES", "first run only: other secrets of the same name that hold another value", FILE),
    Input(
        "max_repositories",
        "NUMBER",
        "refuse if patterns mean more repositories (default 1000)",
        Given.OF_THE_RUN,
    ),
    Input("github_token"),
    Input("app_id", "ID", "a GitHub App in place of a token; its key is in GITHUB_APP_PRIVATE_KEY"),
    Input("app_private_key"),
)
