"""One bench for each system that the conformance suite tries: an entry here is all that a new one needs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from rotate.address import parsed
from rotate.means import Means
from rotate.plain import Parts
from rotate.ports import Destination, Notebook
from rotate.sandbox.gitlab.server import GitLabServer, Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.address import Address
from rotate.systems.github.notes.notebook import GitHubVariables
from rotate.systems.github.secrets.destination import GitHubSecret
from rotate.systems.github.wire.client import GitHub
from rotate.systems.gitlab.destination import Variable as GitLabVariable
from rotate.wire.clock import SystemClock
from rotate.wire.network import Network
from tests.toy.bare import BARE
from tests.toy.shelf import TOKEN, Shelf
from tests.toy.system import PARTS

REPOSITORY, NAME, BEFORE = "octo-org/payments", "NEON_API_KEY", "napi_before"
LATER = timedelta(seconds=5)  # than a write time that can be ours


@dataclass(frozen=True)
class Bench:
    """One place that somebody wrote a week ago, and a notebook without a page.

    `held` gives what stands there, `write` lets somebody else write some seconds later (`None`: delete it). `another`
    opens the notebook as another run does; `None` where the system keeps none.
    """

    destination: Destination
    held: Callable[[], str | None]
    write: Callable[[str | None], None]
    another: Callable[[], Notebook] | None = None


@contextmanager
def github() -> Iterator[Bench]:
    """A repository's secret, and its variables."""
    stopped = threading.Event()
    stopped.set()
    with World() as world:
        world.github.add_repository(REPOSITORY)
        world.github.set_secret(REPOSITORY, NAME, BEFORE, updated_days_ago=7)
        rights = {"secrets": "write", "variables": "write", "actions": "read"}
        clock = SystemClock(stopped)
        line = GitHub(world.github.url, Secret(world.github.add_token(repositories={REPOSITORY: rights})), clock)

        def write(text: str | None) -> None:
            world.advance(LATER.total_seconds())
            if text is None:
                del world.github.vault(REPOSITORY).secrets[NAME]
            else:
                world.github.set_secret(REPOSITORY, NAME, text)

        def notebook() -> Notebook:
            return GitHubVariables(line, REPOSITORY, NAME)

        def held() -> str | None:
            return world.github.secret(REPOSITORY, NAME)

        yield Bench(GitHubSecret(line, Address(REPOSITORY), NAME, clock), held, write, notebook)
        line.close()


@contextmanager
def toy(parts: Parts = PARTS) -> Iterator[Bench]:
    """A box on a shelf."""
    stopped = threading.Event()
    stopped.set()
    with Shelf() as shelf:
        shelf.write("attic", NAME, BEFORE)
        environment = {"TOY_URL": shelf.url, "TOY_TOKEN": TOKEN}
        means = Means(environment, SystemClock(stopped), lambda _: None, Network())
        address = parsed(f"{parts.kind}://attic#{NAME}")

        def write(text: str | None) -> None:
            shelf.ahead += LATER
            if text is None:
                del shelf.boxes["attic", NAME]
            else:
                shelf.write("attic", NAME, text)

        def held() -> str | None:
            box = shelf.boxes.get(("attic", NAME))
            return box[0] if box else None

        notebook = partial(parts.notebook, address, means) if parts.notebook else None
        yield Bench(parts.destination(address, means), held, write, notebook)
        means.close()


@contextmanager
def gitlab() -> Iterator[Bench]:
    """A project's variable, between others of its name and of its scope."""
    stopped = threading.Event()
    stopped.set()
    with World() as world:
        server, project = GitLabServer(world.clock), "octo/sub/payments"
        server.add(project, *(Variable(NAME, BEFORE, environment_scope=scope, masked=True) for scope in ("*", "prod")))
        server.add(project, Variable("OTHER", "other"))
        server.tokens["glpat-bench"] = {project}
        world.serve(server)
        environment = {"GITLAB_URL": server.url, "GITLAB_TOKEN": "glpat-bench"}
        means = Means(environment, SystemClock(stopped), lambda _: None, Network())

        def here() -> Variable | None:
            return next((one for one in server.variables[project] if one.environment_scope == "prod"), None)

        def write(text: str | None) -> None:
            found = here()
            assert found
            if text is None:
                server.variables[project].remove(found)
            else:
                found.value = text

        def held() -> str | None:
            found = here()
            return found.value if found else None

        address = parsed(f"gitlab://project/{project}?scope=prod#{NAME}")
        yield Bench(GitLabVariable(address, means), held, write)
        means.close()


BENCHES: dict[str, Callable[[], AbstractContextManager[Bench]]] = {
    "github": github,
    "toy": toy,
    "bare": partial(toy, BARE),
    "gitlab": gitlab,
}
# Those that keep a notebook.
NOTED = ("github", "toy")
