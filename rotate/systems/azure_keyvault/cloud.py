"""Which of Azure's clouds is meant, and who logs in there: all of it stands in the environment.

Sources: azure-identity 1.27.0 (PyPI), `_constants.py` (the variables, the hosts that log in) and `_internal/utils.py`
(`AZURE_AUTHORITY_HOST` may be a bare host); MicrosoftDocs/azure-docs
articles/key-vault/general/about-keys-secrets-certificates.md, "DNS suffixes"; Microsoft Entra's documentation of
federated credentials (the audience in each cloud).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from rotate.problems import Problems
from rotate.service.identity import can_identify
from rotate.settings.parse import url

TOKEN, AUTHORITY = "AZURE_KEYVAULT_TOKEN", "AZURE_AUTHORITY_HOST"
TENANT, CLIENT = "AZURE_TENANT_ID", "AZURE_CLIENT_ID"
SECRET, FILE = "AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE"
USUAL_AUTHORITY = "https://login.microsoftonline.com"


class Cloud(NamedTuple):
    """What differs from cloud to cloud. `audience`: for whom the identity of a job is made out."""

    suffix: str
    audience: str = "api://AzureADTokenExchange"

    @property
    def scope(self) -> str:
        """Give what a token for Key Vault is asked for."""
        return f"https://{self.suffix}/.default"


PUBLIC = Cloud("vault.azure.net")
GOVERNMENT = Cloud("vault.usgovcloudapi.net", "api://AzureADTokenExchangeUSGov")
CHINA = Cloud("vault.azure.cn", "api://AzureADTokenExchangeChina")
CLOUDS = {
    "login.microsoftonline.us": GOVERNMENT,
    "login.chinacloudapi.cn": CHINA,
    "login.partner.microsoftonline.cn": CHINA,
}


def authority(environment: Mapping[str, str], problems: Problems) -> str:
    """Give the URL where a login is asked for."""
    text = environment.get(AUTHORITY, "").strip() or USUAL_AUTHORITY
    return url(text if "://" in text else f"https://{text}", AUTHORITY, problems)


def cloud_of(environment: Mapping[str, str]) -> Cloud:
    """Give the cloud whose host logs in; the public one where that host is no cloud's."""
    host = urlsplit(authority(environment, Problems())).hostname or ""
    return CLOUDS.get(host, PUBLIC)


def lacking(environment: Mapping[str, str]) -> list[str]:
    """Name the variables that a login still needs."""
    missing = [name for name in (TENANT, CLIENT) if not environment.get(name, "").strip()]
    proven = any(environment.get(name, "").strip() for name in (SECRET, FILE)) or can_identify(environment)
    return missing if proven else [*missing, SECRET]
