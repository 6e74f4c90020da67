"""What GitHub says in a fixed sentence has a reason and a remedy of its own, and no link in it is cut."""

from __future__ import annotations

import re

import pytest

from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.address import Address
from rotate.systems.github.stores import Secrets
from rotate.systems.github.wire.client import GitHub
from tests.support.one_app import WorldClock
from tests.support.opened import keep
from tests.support.pages import ROOT, headings

REPOSITORY = "octo-org/payments"
SSO = "https://github.com/orgs/octo-org/sso?authorization_request=AZSCKtL4U8yX1H3sCQIVnVgmjmon5fWxks5YrqhJgah0b2"
TOKEN_PAGE = "https://github.com/settings/personal-access-tokens/12885303"
NOTICE = "https://github.com/github/dmca/blob/master/2021/04/2021-04-20-ultimate-character-controller.md"
LIFETIME = (
    "The 'octo-org-with-a-long-name' organization forbids access via a fine-grained personal access tokens if the "
    "token's lifetime is greater than 90 days. Please adjust your token's lifetime at the following URL: "
)

# Status, message, headers or further fields, reason, and what the remedy must say. Sentences as people quote them.
KNOWN = [
    (
        403,
        (
            "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to "
            "this organization."
        ),
        {"X-GitHub-SSO": f"required; url={SSO}"},
        "github-sso-required",
        SSO,
    ),
    (
        403,
        "Resource protected by organization SAML enforcement.",
        {},
        "github-sso-required",
        "Configure SSO → octo-org",
    ),
    (404, "Not Found", {"X-GitHub-SSO": f"required; url={SSO}"}, "github-sso-required", SSO),
    (
        403,
        (
            "Although you appear to have the correct authorization credentials, the `octo-org` organization has an IP "
            "allow list enabled, and your IP address is not permitted to access this resource."
        ),
        {},
        "github-address-not-allowed",
        "an owner of octo-org add the runner's address",
    ),
    (
        403,
        (
            "`octo-org` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a "
            "personal access token with fine-grained permissions."
        ),
        {},
        "github-token-kind-refused",
        "Create a fine-grained token of octo-org with the repository permission **Secrets: read and write**",
    ),
    (
        403,
        (
            "`octo-org` forbids access via a personal access token with fine-grained permissions. Please use a GitHub "
            "App, or an OAuth App."
        ),
        {},
        "github-token-kind-refused",
        "octo-org takes no fine-grained tokens",
    ),
    (
        403,
        (
            "Although you appear to have the correct authorization credentials, the `octo-org` organization has "
            "enabled OAuth App access restrictions, meaning that data access to third-parties is limited."
        ),
        {},
        "github-token-kind-refused",
        "Create a fine-grained token",
    ),
    (403, LIFETIME + TOKEN_PAGE, {}, "github-token-lives-too-long", TOKEN_PAGE),
    (403, "The token's lifetime is greater than 90 days.", {}, "github-token-lives-too-long", "Personal access tokens"),
    (403, "Sorry. Your account was suspended.", {}, "github-account-suspended", "another person's"),
    (
        403,
        "Your account is suspended. Please visit https://support.github.com for more information.",
        {},
        "github-account-suspended",
        "another person's",
    ),
    (403, "This installation has been suspended", {}, "github-app-suspended", "unsuspend"),
    (403, "Your token is pending approval by an owner.", {}, "github-token-awaits-approval", "Pending requests"),
    (451, "Repository access blocked", {"html_url": NOTICE}, "github-repository-blocked", NOTICE),
    (451, "", {}, "github-repository-blocked", "Remove octo-org/payments from the destinations"),
    (
        403,
        "Upgrade to GitHub Pro or make this repository public to enable this feature.",
        {},
        "github-plan",
        "leave out `environments`",
    ),
    (422, "Secret limit of 100 reached for this repository", {}, "github-secret-limit", "`organization`"),
    (409, "The maximum number of organization secrets was reached", {}, "github-secret-limit", "1,000"),
    (403, "Repository was archived so is read-only.", {}, "repository-not-writable", "octo-org/payments"),
    (403, "Must have admin rights to Repository.", {}, "github-role-missing", "An admin of octo-org/payments"),
]


@pytest.fixture
def secrets(world: World) -> Secrets:
    world.github.add_repository(REPOSITORY)
    token = world.github.add_token(repositories={REPOSITORY: {"secrets": "write"}})
    return Secrets(keep(GitHub(world.github.url, Secret(token), WorldClock(world))), Address(REPOSITORY))


def refused(secrets: Secrets, world: World, *faults: Fault) -> RotateError:
    """Read the public key, and give what came of it."""
    for fault in faults:
        world.faults.add(fault)
    with pytest.raises(RotateError) as caught:
        secrets.public_key()
    return caught.value


@pytest.mark.parametrize(("code", "message", "more", "reason", "remedy"), KNOWN)
def test_a_known_sentence_has_its_own_reason_and_remedy(
    code: int, message: str, more: dict[str, str], reason: str, remedy: str, secrets: Secrets, world: World
) -> None:
    headers = {name: text for name, text in more.items() if name.startswith("X-")}
    body: dict[str, object] = {"message": message, "block": {k: v for k, v in more.items() if k == "html_url"}}
    error = refused(secrets, world, Fault("status", code=code, body=body, headers=headers, times=None))
    assert (reason, Refused) == (error.reason, type(error))
    assert remedy in error.remedy
    assert "in a few minutes" not in error.remedy
    assert "{" not in error.remedy.replace("${{ secrets.ROTATE_GITHUB_TOKEN }}", "")
    assert reason in headings((ROOT / "docs" / "reasons.md").read_text())


def test_a_write_that_is_refused_so_is_known_to_have_had_no_effect(secrets: Secrets, world: World) -> None:
    body = {"message": "Secret limit of 100 reached for this repository"}
    world.faults.add(Fault("status", method="PUT", code=422, body=body, times=None))
    with pytest.raises(DestinationError) as caught:
        secrets.put("NEON_API_KEY", "1", "e30=")
    assert (caught.value.reason, caught.value.outcome) == ("github-secret-limit", Outcome.NO_EFFECT)


def test_a_link_in_a_long_message_is_told_whole(secrets: Secrets, world: World) -> None:
    links = [f"https://github.com/{'x' * 150}/{number}" for number in range(3)]
    text = f"See {links[0]} or {links[1]} or, {'at length ' * 20}, {links[2]} and so on"
    error = refused(secrets, world, Fault("status", code=403, body={"message": text}, times=None))
    assert links == re.findall(r"https://github\.com/x+/\d", error.message)
    assert "at length at length" not in error.message, "what is no link is shortened"


@pytest.mark.parametrize("code", [400, 406, 410, 422])
def test_a_refusal_that_will_not_pass_is_not_told_to_pass(code: int, secrets: Secrets, world: World) -> None:
    error = refused(secrets, world, Fault("status", code=code, body={"message": "No."}, times=None))
    assert error.reason == "github-refused"
    assert "will refuse the same request again" in error.remedy
    assert "in a few minutes" not in error.remedy


@pytest.mark.parametrize("code", [408, 409, 423, 425, 500, 502])
def test_what_passes_by_itself_is_told_so(code: int, secrets: Secrets, world: World) -> None:
    error = refused(secrets, world, Fault("status", code=code, body={"message": "Later."}, times=None))
    assert error.reason == "github-unexpected-answer"
    assert "in a few minutes" in error.remedy


LIMIT = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0"}
NOON = "Sat, 28 Nov 2026 12:00:10 GMT"


@pytest.mark.parametrize(
    ("code", "headers", "until"),
    [
        (403, {**LIMIT, "X-RateLimit-Reset": "1795877221"}, "2026-11-28 14:48"),
        (429, {"Retry-After": "2700", "Date": NOON}, "2026-11-28 12:46"),
        (403, {"Retry-After": "2700", "Date": NOON}, "2026-11-28 12:46"),
    ],
)
def test_the_time_when_a_rate_limit_ends_is_said(
    code: int, headers: dict[str, str], until: str, secrets: Secrets, world: World
) -> None:
    error = refused(secrets, world, Fault("status", code=code, body={"message": "Slow."}, headers=headers, times=None))
    assert error.reason == "github-rate-limited"
    assert f"until {until} UTC" in error.message
    assert f"Run it again after {until[-5:]} UTC" in error.remedy
    assert "in a few minutes" not in error.remedy


def test_a_rate_limit_of_which_no_end_is_told_is_over_in_a_few_minutes(secrets: Secrets, world: World) -> None:
    headers = {"Retry-After": "600", "Date": "some day"}
    error = refused(secrets, world, Fault("status", code=429, body={"message": "Slow."}, headers=headers, times=None))
    assert "GitHub limits requests." in error.message
    assert "Run it again in a few minutes" in error.remedy


@pytest.mark.parametrize("code", [200, 403, 404, 407, 511])
def test_a_page_in_place_of_githubs_answer_is_told_as_such(code: int, secrets: Secrets, world: World) -> None:
    error = refused(secrets, world, Fault("html", code=code, times=None))
    if code == 511:
        assert "with a body that is no JSON" in error.message
        return
    assert error.reason == "github-no-json"
    assert f"HTTP {code} with a page that is no JSON (text/html)" in error.message
    assert "a proxy's block page" in error.remedy
    assert "went wrong" not in error.message, "nothing of the page is told"


def test_a_page_in_place_of_a_secret_does_not_make_it_absent(secrets: Secrets, world: World) -> None:
    world.faults.add(Fault("html", code=404, times=None))
    with pytest.raises(DestinationError, match="not GitHub's API"):
        secrets.metadata("NEON_API_KEY")


def test_an_answer_that_was_cut_off_is_not_taken_for_a_page(secrets: Secrets, world: World) -> None:
    error = refused(secrets, world, Fault("truncated", times=None))
    assert error.reason == "github-unexpected-answer"
    assert "HTTP 200, with a body that is no JSON" in error.message
