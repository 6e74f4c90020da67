"""A laptop with the Neon CLI's files, and what writes to them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rotate.address import parsed
from rotate.machine import Machine
from rotate.secret import Secret
from rotate.systems.neon_cli.profile import Profile
from tests.support.bench import BEFORE, Bench, means_of

NEW = Secret("napi_new_value_0123456789")
TEXT = "neon-cli://DEFAULT"
OLD_ID, NEW_ID = 1000001, 1000002


def credential(value: str = BEFORE, **more: Any) -> dict[str, Any]:
    """Give what the CLI writes for a key."""
    return {"type": "api_key", "api_key": value, **more}


class Home:
    """A person's folder with the CLI's files in it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.environment = {"HOME": str(folder), **environment}
        self.config = folder / ".config" / "neon"

    @property
    def machine(self) -> Machine:
        """Describe it."""
        return Machine(self.folder, self.folder, self.environment, "linux")

    def keep(self, content: object, name: str = "credentials.json", folder: Path | None = None) -> Path:
        """Write a file as the CLI does, or these very bytes."""
        path = (folder or self.config) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode())
        path.chmod(0o600)
        return path

    def point(self, folder: Path | None = None, **profiles: str) -> Path:
        """Write `profiles.json`."""
        entries = {name: {"credentials": text} for name, text in profiles.items()}
        return self.keep({"version": 1, "profiles": entries}, "profiles.json", folder)

    def opened(self, text: str = TEXT) -> Profile:
        """Open a profile as a run does."""
        return Profile(parsed(text), means_of(self.environment), self.machine)


@contextmanager
def neon_cli() -> Iterator[Bench]:
    """The profile that every command uses unless another is named."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        path = home.keep(credential(user_id="ada"))

        def held() -> str | None:
            return str(json.loads(path.read_bytes())["api_key"]) if path.exists() else None

        def write(text: str | None) -> None:
            path.unlink() if text is None else home.keep(credential(text, user_id="ada"))

        yield Bench(home.opened(), held, write, creates=False)
