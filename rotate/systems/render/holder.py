"""What has the variables: a service, by its id or by its name, or an environment group.

Source: Render's description of its API: `GET /services` takes `name`, `limit` (100 at most) and `cursor`, which each
row has; an API key sees every workspace of its owner, so that two services may have one name.
"""

from __future__ import annotations

from rotate.address import Address
from rotate.errors import Refused
from rotate.means import Means
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.systems.render.system import GROUP, SERVICE, SERVICE_ID

PAGE, MOST_PAGES = 100, 20


def path_of(client: Client, at: Address, means: Means) -> str:
    """Give the path of what an address names. A service's name is looked up once in a run.

    Raises:
        Refused: no service has this name, or several have. DestinationError: Render did not tell.
    """
    if at.where.startswith(GROUP):
        return f"/env-groups/{at.where.removeprefix(GROUP)}"
    if SERVICE_ID.fullmatch(at.where):
        return f"/services/{at.where}"
    return f"/services/{means.once(f'service {at.where} of render', lambda: _found(client, at.where))}"


def _found(client: Client, name: str) -> str:
    found = [row for row in _services(client, name) if row.get("name") == name]
    if not found:
        message = f"Could not find render://{name}: there is no service of this name that the API key sees."
        raise Refused("destination-absent", message, f"Check the spelling of the address. {SERVICE.give}")
    if len(found) > 1:
        said = ", ".join(f"`render://{row['id']}` ({row.get('type')} of {row.get('ownerId')})" for row in found)
        message = f"render://{name} is the name of {len(found)} services that the API key sees."
        raise Refused("destination-ambiguous", message, f"Write the id of the right one in its place: {said}.")
    return str(found[0]["id"])


def _services(client: Client, name: str) -> list[dict[str, object]]:
    """Give the services of every page."""
    doing, query, rows = f"look for render://{name}", {"name": name, "limit": str(PAGE)}, list[dict[str, object]]()
    for _ in range(MOST_PAGES):
        page = client.ask(Ask("GET", "/services", doing, query)).json()
        if not isinstance(page, list):
            raise words.unexpected(SERVICE, doing, "not with a list of services")
        found = [one.get("service") if isinstance(one, dict) else None for one in page]
        named = [one for one in found if isinstance(one, dict) and SERVICE_ID.fullmatch(str(one.get("id")))]
        if len(named) < len(page):
            raise words.unexpected(SERVICE, doing, "not with a list of services")
        rows += named
        if len(page) < PAGE:
            return rows
        query = {**query, "cursor": str(page[-1].get("cursor"))}
    raise words.unexpected(SERVICE, doing, f"its list does not end within {MOST_PAGES} pages")
