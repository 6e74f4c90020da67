"""Which way the environment gives to log in to Google Cloud; nobody is contacted, and nothing is loaded for it.

In this order: an access token; a job's own identity (`id-token: write`) with a workload identity provider; the file of
application default credentials; gcloud's; the metadata server of the machine.

Sources: google-auth (`google/auth/_default.py`, `_cloud_sdk.py`, `environment_vars.py`,
`compute_engine/_metadata.py`): the order of application default credentials, and how a machine of Google's is known;
Terraform's provider (`GOOGLE_OAUTH_ACCESS_TOKEN`). The names of the two variables for federation are nobody's standard:
most repositories call so the secrets that they hand to google-github-actions/auth.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rotate.service.identity import can_identify

STORED = "GOOGLE_OAUTH_ACCESS_TOKEN"
PROVIDER, ACCOUNT = "GCP_WORKLOAD_IDENTITY_PROVIDER", "GCP_SERVICE_ACCOUNT"
FILE, CONFIG = "GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG"
WELL_KNOWN = "application_default_credentials.json"
METADATA, METADATA_HOST = "GCE_METADATA_HOST", "metadata.google.internal"
# What Cloud Run sets, where the name of the machine is not shown.
ON_GOOGLE = (METADATA, "K_SERVICE", "CLOUD_RUN_JOB")
PRODUCT = Path("/sys/class/dmi/id/product_name")
LINES = f"""    permissions:
      id-token: write
    …
        env:
          {PROVIDER}: ${{{{ secrets.{PROVIDER} }}}}    # projects/…/providers/…
          {ACCOUNT}: rotate@my-project.iam.gserviceaccount.com    # left out: the job itself has the roles"""


def federated(environment: Mapping[str, str]) -> bool:
    """Say whether a job can show who it is to a provider that is named."""
    return bool(environment.get(PROVIDER)) and can_identify(environment)


def file_of(environment: Mapping[str, str]) -> Path | None:
    """Give the file of application default credentials; whether one that is named exists is not said."""
    if named := environment.get(FILE, "").strip():
        return Path(named)
    config, home = environment.get(CONFIG, ""), environment.get("HOME", "")
    folder = Path(config) if config else Path(home) / ".config" / "gcloud"
    found = folder / WELL_KNOWN
    return found if (config or home) and found.is_file() else None


def metadata_host(environment: Mapping[str, str]) -> str:
    """Give the host of the machine's metadata server; nothing where this is no machine of Google's."""
    ours = any(environment.get(name) for name in ON_GOOGLE)
    if not ours:
        try:
            ours = PRODUCT.read_text().startswith("Google")
        except (OSError, UnicodeError):
            ours = False
    return (environment.get(METADATA, "").strip() or METADATA_HOST) if ours else ""


def lacking(environment: Mapping[str, str]) -> str:
    """Say that there is no way; nothing where there is one."""
    if environment.get(STORED, "").strip() or federated(environment):
        return ""
    file = file_of(environment)
    if file and not file.is_file():
        return f"There is no login for Google Cloud: the file that `{FILE}` names is not there."
    if file or metadata_host(environment):
        return ""
    why = (
        f"none of `{PROVIDER}`, `{FILE}` and `{STORED}` is set, gcloud left no file, and this is no machine of Google's"
    )
    if environment.get(PROVIDER):
        why = f"`{PROVIDER}` is set, but this job has no right to an identity of its own (`id-token: write`)"
    return f"There is no login for Google Cloud: {why}."
