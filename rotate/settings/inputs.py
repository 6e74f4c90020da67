"""The inputs of the action, and flags of the command line: those that count everywhere, and the usual system's."""

from __future__ import annotations

from rotate.fields import Given, Input
from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.policy import RevokeWhen
from rotate.registry import usual
from rotate.settings.model import DEFAULT_API_HOST, DEFAULT_NAME, DEFAULT_POLICY

FILE, RUN = Given.OF_A_CREDENTIAL, Given.OF_THE_RUN
INPUTS: tuple[Input, ...] = (
    Input("command", given=RUN),
    Input("api_key"),
    Input("api_host", "URL", f"base URL of the Neon API (default {DEFAULT_API_HOST})", RUN),
    Input("scope", "SCOPE", " | ".join(Scope) + ": what the key acts for (default personal)", FILE, Scope.PERSONAL),
    Input(
        "from_scope",
        "SCOPE",
        "personal | organization: how far the key reaches that a narrower one is to replace",
        FILE,
    ),
    Input("org_id", "ID", "the Neon organization; for organization and project scope", FILE),
    Input("project_id", "ID", "the Neon project; for project scope", FILE),
    Input("key_name", "NAME", "a descriptive name for the keys (default from repository and secret)"),
    Input("credential", "NAME", "names the note, the lock and the keys (default: the secret's name)", FILE),
    Input("note_file", "FILE", "the file that keeps the note and the lock, where no repository does", FILE),
    Input("current_key", given=FILE),
    Input("old_key_id", "ID", "first run only: the id of the key being replaced, or `none`", FILE),
    Input("secret_name", "NAME", f"the Actions secret to write (default {DEFAULT_NAME})", FILE, DEFAULT_NAME),
    Input("destinations", "ADDRESSES", "where it is written: github://owner/name?environment=e#NAME, …", FILE),
    *usual().inputs,
    Input("create", "", "first run only: create the secret where there is none", FILE),
    Input("redeploy", "", "start anew what runs with the value, and wait for it before the old key goes", FILE),
    Input("redeploy_wait", "SPAN", "how long that may take (default 10m)", FILE),
    Input("give_up", "PLACES", "places that an earlier run wrote and that need not hold the key any more", FILE),
    Input("shard", "K/N", "which part of the destinations `sync` writes (default: all)", RUN),
    Input("rotate_after", "AGE", "rotate only a key at least this old, such as 30d (default: always)", RUN),
    Input("overlap", "SPAN", "how long the previous key stays valid, such as 24h (default 0s: revoke at once)", RUN),
    Input("wait", "SPAN", "how much of the overlap to stay for (default 0s); a later run does the rest", RUN),
    Input("exposed", "", "somebody else may know the key: it dies now", RUN),
    Input("exposed_at", "TIME", "since when (ISO 8601); the report says whether it was used after that", RUN),
    Input("exposed_key_id", "ID", "the id of the exposed key, if it is not the one at hand", RUN),
    Input("break_lock", "", "after an exposure: do not wait for a run at work", RUN),
    Input("revoke_when", "WHEN", " | ".join(RevokeWhen) + ": when an exposed key dies (default primary)", RUN),
    Input("max_age", "AGE", "`check` fails for an older key, and `inventory` tells of it; overrules the file", RUN),
    Input("fail_on", "FINDINGS", "`inventory`: exit with 3 on these findings, or a severity: high, medium, low", RUN),
    Input("sarif", "FILE", "`inventory`: write the findings there as SARIF 2.1.0", RUN),
    Input("html", "FILE", "`inventory`: write a page with a timeline of the keys there", RUN),
    Input("reason", "TEXT", "why this run was started; kept in the report", RUN),
    Input("dry_run", given=RUN),
    Input("policy", "FILE", f"several credentials, described in a file (default {DEFAULT_POLICY}, if it exists)"),
    Input("allow_events", "NAMES", "in GitHub Actions: events that may start a run beside the usual ones", RUN),
    Input("ca_bundle", "FILE", "certificates in PEM that are trusted beside the system's"),
)
