"""What was found becomes a policy file that means the same places, and no more of it than a list may have."""

from __future__ import annotations

from datetime import UTC, datetime

from rotate.commands.find.found import Found
from rotate.protocol.facts.found import MOST_ITEMS, FoundSecret, Wanted
from rotate.systems.github.address import Address, Store
from rotate.systems.github.settings.model import at_github
from tests.support.policies import asked


def secret(owner: str, store: str = "actions", environment: str = "", *, archived: bool = False) -> FoundSecret:
    """Give a secret that is no destination."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    address = Address(owner, Store(store), environment).label_of("NEON_API_KEY")
    return FoundSecret(address, "NEON_API_KEY", owner, store, environment, moment, configured=False, archived=archived)


def found(*secrets: FoundSecret) -> Found:
    """Give a find of one name."""
    return Found(Wanted(("NEON_API_KEY", "NOWHERE")), 9, secrets, ())


def test_more_repositories_than_a_list_may_have_become_several() -> None:
    many = found(*(secret(f"octo-org/service-{number}") for number in range(MOST_ITEMS + 1)))
    (credential,) = asked(many.policy).credentials
    assert len({place.owner for place in credential.places}) == MOST_ITEMS + 1
    assert many.policy.count("github_secret") == 2


def test_each_organization_is_a_destination_by_itself() -> None:
    both = found(secret("one"), secret("two"), secret("two", "dependabot"), secret("three/old", archived=True))
    assert both.policy.count("organization: ") == 2
    (credential,) = asked(both.policy).credentials
    assert [(place.owner, place.store) for place in at_github(credential).places] == [
        ("one", "actions"),
        ("two", "actions"),
        ("two", "dependabot"),
    ]


def test_only_what_is_narrower_in_the_same_store_hides() -> None:
    organization, repository = secret("octo-org"), secret("octo-org/a")
    inside, dependabot = secret("Octo-Org/a", environment="eu"), secret("octo-org/a", "dependabot")
    every = found(organization, repository, inside, dependabot, secret("other/a"))
    assert every.shadowed_by(organization) == (repository, inside)
    assert every.shadowed_by(repository) == (inside,)
    assert every.shadowed_by(inside) == every.shadowed_by(dependabot) == ()
