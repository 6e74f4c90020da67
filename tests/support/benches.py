"""One bench for each system that the conformance suites try: an entry here is all that a new one needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rotate.address import parsed
from rotate.plain import Parts
from rotate.ports import Notebook
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.address import Address
from rotate.systems.github.notes.notebook import GitHubVariables
from rotate.systems.github.secrets.destination import GitHubSecret
from rotate.systems.github.wire.client import GitHub
from rotate.systems.note_file.notebook import FileNotebook
from tests.support.bench import BEFORE, LATER, NAME, Bench, means_of, stopped_clock
from tests.systems.aws.bench import parameter, secret
from tests.systems.azure_devops.bench import azure_devops
from tests.systems.azure_keyvault.bench import azure_keyvault
from tests.systems.bitbucket.bench import bitbucket
from tests.systems.buildkite.bench import buildkite
from tests.systems.circleci.bench import circleci
from tests.systems.cloudflare.bench import cloudflare
from tests.systems.command.bench import PROVES, command
from tests.systems.doppler.bench import doppler
from tests.systems.file.bench import file, file_of_sops
from tests.systems.fly.bench import fly
from tests.systems.gcp.bench import gcp
from tests.systems.gitea.bench import gitea
from tests.systems.gitlab.bench import gitlab
from tests.systems.hcp_terraform.bench import hcp_terraform
from tests.systems.heroku.bench import heroku
from tests.systems.infisical.bench import infisical
from tests.systems.jenkins.bench import FOLDER, SYSTEM, jenkins
from tests.systems.kubernetes.bench import kubernetes
from tests.systems.mcp.bench import mcp
from tests.systems.neon_cli.bench import neon_cli
from tests.systems.netlify.bench import netlify
from tests.systems.onepassword.bench import onepassword
from tests.systems.railway.bench import railway
from tests.systems.render.bench import render
from tests.systems.vault.bench import FIRST, SECOND, vault
from tests.systems.vercel.bench import vercel
from tests.systems.woodpecker.bench import woodpecker
from tests.toy.bare import BARE
from tests.toy.shelf import TOKEN, Shelf
from tests.toy.system import PARTS

REPOSITORY = "octo-org/payments"


@contextmanager
def github() -> Iterator[Bench]:
    """A repository's secret, and its variables."""
    clock = stopped_clock()
    with World() as world:
        world.github.add_repository(REPOSITORY)
        world.github.set_secret(REPOSITORY, NAME, BEFORE, updated_days_ago=7)
        rights = {"secrets": "write", "variables": "write", "actions": "read"}
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
    with Shelf() as shelf:
        shelf.write("attic", NAME, BEFORE)
        means = means_of({"TOY_URL": shelf.url, "TOY_TOKEN": TOKEN})
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


BENCHES: dict[str, Callable[[], AbstractContextManager[Bench]]] = {
    "bare": partial(toy, BARE),
    "github": github,
    "toy": toy,
    "aws-secretsmanager": secret,
    "aws-ssm": parameter,
    "azure-devops": partial(azure_devops, secret=True),
    "azure-devops-plain": partial(azure_devops, secret=False),
    "azure-keyvault": azure_keyvault,
    "bitbucket": partial(bitbucket, "repository", secured=True),
    "bitbucket-deployment": partial(bitbucket, "deployment", secured=False),
    "buildkite": buildkite,
    "circleci-context": partial(circleci, "context"),
    "circleci-project": partial(circleci, "project"),
    "cloudflare-pages": partial(cloudflare, "pages"),
    "cloudflare-pages-plain": partial(cloudflare, "pages", plain=True),
    "cloudflare-store": partial(cloudflare, "store"),
    "cloudflare-worker": partial(cloudflare, "worker"),
    "command": command,
    "command-proved": partial(command, PROVES),
    "doppler": doppler,
    "file": file,
    "file-sops": file_of_sops,
    "fly": fly,
    "gcp-secretmanager": gcp,
    "gitea": partial(gitea, "octo/payments"),
    "gitea-org-forgejo": partial(gitea, "org/octo", forgejo=True),
    "gitlab": gitlab,
    "hcp-terraform": partial(hcp_terraform, "workspace", sensitive=True),
    "hcp-terraform-varset": partial(hcp_terraform, "varset", sensitive=False),
    "heroku": heroku,
    "infisical": infisical,
    "jenkins": partial(jenkins, FOLDER),
    "jenkins-system": partial(jenkins, SYSTEM),
    "kubernetes": kubernetes,
    "neon-cli": neon_cli,
    "mcp": mcp,
    "netlify": partial(netlify, secret=False),
    "netlify-secret": partial(netlify, secret=True),
    "onepassword": onepassword,
    "railway": partial(railway, "service"),
    "railway-sealed": partial(railway, "sealed"),
    "render": partial(render, "id"),
    "render-group": partial(render, "group"),
    "vault": partial(vault, SECOND),
    "vault-kv1": partial(vault, FIRST),
    "vercel": partial(vercel, "encrypted"),
    "vercel-sensitive": partial(vercel, "sensitive"),
    "woodpecker-global": partial(woodpecker, "global"),
    "woodpecker-org": partial(woodpecker, "org/octo"),
    "woodpecker-repo": partial(woodpecker, "repo/octo/payments"),
}


@contextmanager
def note_file() -> Iterator[Callable[[], Notebook]]:
    """A file of this machine."""
    with TemporaryDirectory() as folder:
        yield partial(FileNotebook, Path(folder) / "note.json", writes=True)


# Notebooks that are no system's.
NOTEBOOKS: dict[str, Callable[[], AbstractContextManager[Callable[[], Notebook]]]] = {"note-file": note_file}
# Those that keep a notebook, and those that are plain services over HTTP; others lie on this machine.
NOTED = ("github", "toy", "aws-ssm", "gitlab", "vault")
LOCAL = ("command", "command-proved", "file", "file-sops", "mcp", "neon-cli")
SERVICES = tuple(name for name in BENCHES if name not in ("github", "toy", "bare", *LOCAL))
