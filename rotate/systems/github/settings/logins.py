"""Who asks GitHub: a token, or a GitHub App with its private key; one or the other, wherever either may stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rotate.problems import Problems
from rotate.secret import Secret
from rotate.settings.parse import secret
from rotate.systems.github.settings.model import App, Login

LOGIN = ("github_token", "app_id", "app_private_key")
APP_ID = re.compile(r"[A-Za-z0-9.]{1,64}")
PEM = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----\n(?:[A-Za-z0-9+/=]+\n)+-----END \1-----")
GITHUB_LINE = (
    "    github_token: ${{ secrets.ROTATE_GITHUB_TOKEN }}\n\nIt is a fine-grained personal access token with the "
    "repository permissions Secrets and Variables: read and write. The workflow's own GITHUB_TOKEN cannot write "
    "secrets. Or use a GitHub App (docs/github-app.md), which never expires:\n\n    app_id: 123456\n"
    "    app_private_key: ${{ secrets.ROTATE_APP_PRIVATE_KEY }}"
)
KEY_LINE = "    app_private_key: ${{ secrets.ROTATE_APP_PRIVATE_KEY }}"

Texts = Mapping[str, str]


def login(texts: Texts, problems: Problems) -> Login | None:
    """Read what stands in one place; `None` where there is neither."""
    token = secret(texts, "github_token", problems)
    app = _app(texts, problems) if texts.get("app_id") or texts.get("app_private_key") else None
    if token and app:
        message = "Both `github_token` and a GitHub App (`app_id`) are given; who asks GitHub is one or the other."
        problems.say("login-ambiguous", message, "Remove `github_token`, or remove the two lines of the App.", "app_id")
    return app or token


def needed(texts: Texts, problems: Problems, why: Callable[[], str] | None) -> Login:
    """Read one. `why`: it must be there; gives what may have left it blank."""
    found = login(texts, problems)
    if found is None and why:
        problems.say("input-missing", f"`github_token` is missing or blank. {why()}", GITHUB_LINE, "github_token")
    return found or Secret("")


def _app(texts: Texts, problems: Problems) -> App:
    app_id, key = texts.get("app_id", ""), _lines(texts.get("app_private_key", ""))
    if not key:
        message = "`app_id` is given without `app_private_key`, or that is blank."
        problems.say("input-missing", message, KEY_LINE, "app_id")
    elif not PEM.fullmatch(key):
        message = "`app_private_key` holds no private key in PEM form (what it holds is not shown)."
        remedy = f"Store the whole .pem file that GitHub gave, from its first line to its last:\n\n{KEY_LINE}"
        problems.say("input-invalid", message, remedy, "app_private_key")
    if not app_id:
        message = "`app_private_key` is given without `app_id`."
        problems.say("input-missing", message, "    app_id: 123456    # the App's page: App ID", "app_private_key")
    elif not APP_ID.fullmatch(app_id):
        message = "`app_id` is no App's id (it is not shown: a private key may stand there)."
        problems.say("input-invalid", message, "    app_id: 123456    # the App's page: App ID", "app_id")
    return App(app_id, Secret(key))


def _lines(text: str) -> str:
    """Give a key its line ends back: a form that keeps a secret on one line writes them as two characters."""
    lines = (line.strip() for line in text.replace("\\n", "\n").splitlines())
    return "\n".join(line for line in lines if line)
