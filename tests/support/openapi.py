"""Every exchange with the sandbox against the official OpenAPI descriptions, request and response.

The descriptions are not part of the repository: they are looked for beside it. Without them the check is skipped with
a reason, or fails where `REQUIRE_SPECS=1`. What the copies leave out and the sandbox answers all the same is described
by hand (`openapi_by_hand`), and listed in a test; anything else unknown fails.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.responses.exceptions import ResponseNotFound
from openapi_core.testing import MockRequest, MockResponse

from rotate.sandbox.ledger import Entry
from tests.support.openapi_by_hand import BY_HAND
from tests.support.openapi_of_netlify import of_netlify
from tests.support.swagger import as_microsoft_sends, risen

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"
FILES = {
    "neon": "neon-v2.json",
    "github": "github-secrets.json",
    "gitlab": "gitlab-variables.json",
    "azure-devops": "azure-devops-variablegroups.json",
    "azure-keyvault": "azure-keyvault-secrets-7.0.json",
    "bitbucket": "bitbucket-pipelines-variables.json",
    "circleci": "circleci.json",
    "hcp-terraform": "hcp-terraform.json",
    "kubernetes": "kubernetes-secrets.json",
    "vault": "openbao-kv.json",
    "doppler": "doppler.json",
    "woodpecker": "woodpecker.json",
    "onepassword": "1password-connect.yaml",
    "vercel": "vercel-env.json",
    "netlify": "netlify.json",
}
OUTSIDE = {
    r"github /repos/[^/]+/[^/]+/issues(/\d+(/comments)?)?": "the extract of GitHub's description holds secrets, "
    "variables, runs and environments alone; these were compared with the whole one (npm @octokit/openapi 23.0.2)",
    r"azure-devops /[^/]+/_apis": "Microsoft's client alone asks for the list of resources, which no description has",
    r"azure-keyvault /deletedsecrets/[^/]+": "the extract of Key Vault's description holds what is not deleted alone",
    r"bitbucket /repositories/[^/]+/[^/]+/environments": "the extract of Bitbucket's description holds variables alone",
    r"vault /sys/internal/ui/mounts/.+": "the description has no slash in the path of a mount",
    r"vault /(kv1/[^/]+|secret/(meta)?data/[^/]+|deep/kv)/.*": "the description has no slash in the path of a secret",
    r"hcp-terraform /organizations": "the extract of HCP Terraform's description holds what one organization has",
    r"circleci /projects": "a call of API v1.1, of which no description is held",
    r"kubernetes /api/v1/(secrets|namespaces)": "the extract holds the Secrets of one namespace alone",
    r"kubernetes /apis/apps/v1/.+": "the extract of Kubernetes' description holds Secrets alone; lightkube's models of "
    "what runs with them are made from the whole one",
    r"gitlab /(personal_access_tokens/self|projects|groups)": "the extract of GitLab's description holds variables "
    "alone",
    r"woodpecker /(repos|orgs)/lookup/.+/.+": "the description has no slash in the full name of a repository; asked "
    "for with `%2F` in a test, the answer is as described",
    r"woodpecker /(user/repos|repos|orgs)": "the extract of Woodpecker's description holds secrets and look-ups alone; "
    "these were compared with woodpecker-ci/woodpecker@a4cb541",
    r"vercel /v\d+/(env(/[^/]+)?|deployments(/[^/]+)?|projects(/[^/]+(/custom-environments(/[^/]+)?)?)?)": "the "
    "extract of Vercel's description holds variables of projects alone; the others were compared with npm "
    "@vercel/sdk 1.28.35",
}
HOSTS = {
    "neon": ("https://console.neon.tech", "/api/v2"),
    "github": ("https://api.github.com", ""),
    "gitlab": ("https://gitlab.com", "/api/v4"),
    "azure-devops": ("https://dev.azure.com", ""),
    "azure-keyvault": ("https://azure.local", ""),
    "bitbucket": ("https://api.bitbucket.org", "/2.0"),
    "circleci": ("https://circleci.com", "/api/v2"),
    "hcp-terraform": ("https://app.terraform.io", ""),
    "kubernetes": ("https://kubernetes.local", ""),
    "vault": ("https://vault.example", ""),
    "doppler": ("https://api.doppler.com", "/v3"),
    "woodpecker": ("http://localhost:8000", "/api"),
    "onepassword": ("http://localhost:8080", "/v1"),
    "vercel": ("https://api.vercel.com", ""),
    "netlify": ("https://api.netlify.com", ""),
}
MERGE_PATCH = "application/merge-patch+json"


def require_specs() -> None:
    """Skip, or fail, where the descriptions are missing."""
    missing = [name for name in FILES.values() if not (SPECS / name).exists()]
    if not missing:
        return
    reason = f"no official specification at hand: {', '.join(missing)} not in {SPECS}"
    if os.environ.get("REQUIRE_SPECS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def check(entries: Iterable[Entry]) -> int:
    """Assert that every exchange is as described; give how many replies were checked."""
    require_specs()
    checked, wrong = 0, []
    for entry in entries:
        if any(re.fullmatch(pattern, f"{entry.server} {entry.route}") for pattern in OUTSIDE):
            continue
        try:
            checked += _check(entry)
        except OpenAPIError as error:
            cause = getattr(error.__cause__, "schema_errors", error.__cause__)
            wrong.append(f"{entry.line}: {type(error).__name__} {error} {cause or ''}")
    assert wrong == [], "\n".join(wrong)
    assert checked, "no reply was checked"
    return checked


def _check(entry: Entry) -> bool:
    """Check one request, and its reply unless a fault made it up."""
    described = _described(entry.server)
    host, base = HOSTS[entry.server]
    target = urlsplit(entry.path)
    request = MockRequest(
        host,
        entry.method.lower(),
        base + target.path,
        args=dict(parse_qsl(target.query)),
        headers=dict(entry.request_headers),
        data=entry.request_body or None,
        content_type=entry.request_headers.get("Content-Type", "application/json").replace(
            MERGE_PATCH, "application/json"
        ),
    )
    described.validate_request(request)
    if entry.faults or entry.status is None:
        return False
    kind = entry.response_headers.get("Content-Type", "").partition(";")[0] or "application/json"
    response = MockResponse(
        entry.response_body, status_code=entry.status, headers=dict(entry.response_headers), content_type=kind
    )
    try:
        described.validate_response(request, response)
    except ResponseNotFound:
        # The descriptions leave out most refusals; a success that they do not know is an error of ours.
        if entry.status < 400:
            raise
        return False
    return True


@cache
def _described(server: str) -> OpenAPI:
    return OpenAPI.from_dict(description(server, by_hand=server == "github"))


def description(server: str, *, by_hand: bool) -> dict[str, Any]:
    """Give the official description, with or without what is added by hand."""
    text = (SPECS / FILES[server]).read_text()
    for former, today in (('"x-nullable"', '"nullable"'), ('"allowEmptyValue"', '"x-may-be-empty"')):
        text = text.replace(former, today)  # as Swagger 2 said it
    if server == "kubernetes":
        # Any type of body counts as JSON there, and a merge patch is JSON too: the validator knows JSON alone.
        text = text.replace('"*/*"', '"application/json"').replace(MERGE_PATCH, "application/json")
    official: dict[str, Any] = yaml.safe_load(text) if FILES[server].endswith(".yaml") else json.loads(text)
    if server == "woodpecker":
        return risen(official)
    if server == "doppler":
        # It calls its bearer tokens OAuth 2 without a flow, which no validator can check.
        official["components"]["securitySchemes"] = {"sec0": {"type": "http", "scheme": "bearer"}}
    if server == "onepassword":
        # Each value of a patch is an object by its schema, and a text, a truth or an object by its examples.
        official["components"]["schemas"]["Patch"]["items"]["properties"]["value"] = {}
    if server == "netlify":
        official = of_netlify(official)
    if server == "kubernetes":
        official["servers"] = [{"url": HOSTS[server][0]}]  # there, it has no scheme
    if by_hand:
        official["paths"] |= BY_HAND
        listed_installation(official).update({"items": {"$ref": "#/components/schemas/installation"}})
    if server == "azure-devops":
        return risen(as_microsoft_sends(official))
    if server == "vercel":
        official = as_vercel_has_it_today(official)
    if server == "azure-keyvault":
        official["paths"]["/secrets/{secret-name}/"] = {"get": latest_version(official)}
    return official


def as_vercel_has_it_today(official: dict[str, Any]) -> dict[str, Any]:
    """Give Vercel's description with its mistakes mended: names of types cut off, objects that two alternatives fit,
    and the list under its former path (compared with npm @vercel/sdk 1.28.35)."""
    text = json.dumps(official).replace('"oneOf"', '"anyOf"')
    for target in ("Production", "Preview", "Development"):
        cut = f'mport(\\"/vercel/path0/utils/env-variable-util/types\\").EnvTarget.{target}'
        text = text.replace(cut[:-1], target.lower())
    mended: dict[str, Any] = json.loads(text)
    path = "/projects/{idOrName}/env"
    mended["paths"][f"/v10{path}"]["get"] = mended["paths"].pop(f"/v9{path}")["get"]
    return mended


def latest_version(official: dict[str, Any]) -> dict[str, Any]:
    """Give the read of a version, whose part of the path "is optional. If not specified, the latest version of the
    secret is returned" (the description as of 2025-07-01): no path of OpenAPI can say that."""
    one: dict[str, Any] = official["paths"]["/secrets/{secret-name}/{secret-version}"]["get"]
    parameters = [two for two in one["parameters"] if two.get("name") != "secret-version"]
    return {**one, "operationId": "GetLatestSecret", "parameters": parameters}


def listed_installation(official: dict[str, Any]) -> dict[str, Any]:
    """Give what describes the list of an App's installations: a copy of the schema `installation` but for one mistake.

    In it an account is a user and an enterprise at once (`allOf`), which none can be; in the schema, one of them.
    """
    answer: dict[str, Any] = official["paths"]["/app/installations"]["get"]["responses"]["200"]
    schema: dict[str, Any] = answer["content"]["application/json"]["schema"]
    return schema
