"""What a file is that holds a key, by its name: who reads it, and what a person does where no program may write."""

from __future__ import annotations

from pathlib import PurePath
from typing import NamedTuple

from rotate.edit.formats import format_of

# bash and zsh keep them in the home folder; fish and PowerShell (PSReadLine: `(Get-PSReadLineOption).HistorySavePath`)
# in a folder of their own. The last three keep what was typed into them.
HISTORIES = {
    ".bash_history": "bash",
    ".zsh_history": "zsh",
    ".zhistory": "zsh",
    ".histfile": "zsh",
    ".sh_history": "sh",
    "fish_history": "fish",
    "ConsoleHost_history.txt": "PowerShell",
    ".python_history": "Python",
    ".node_repl_history": "Node.js",
    ".psql_history": "psql",
}
PROFILES = frozenset(
    (
        ".bashrc",
        ".bash_profile",
        ".bash_login",
        ".bash_aliases",
        ".profile",
        ".zshrc",
        ".zshenv",
        ".zprofile",
        ".zlogin",
    )
).union(("config.fish", "profile.ps1", "Microsoft.PowerShell_profile.ps1", ".envrc", ".kshrc"))
HISTORY = "End every open session of {shell} (its history is written when it ends), then remove line {line}: {how}"
HOW = {
    "bash": "`sed -i '{line}d' ~/.bash_history`.",
    "fish": "`history delete --prefix --case-sensitive '<how the command begins>'`.",
    "PowerShell": "delete the line in the file `(Get-PSReadLineOption).HistorySavePath`.",
}
STATE = (
    "Terraform alone writes its state. Let Terraform make a new key under another name (`terraform apply`), and keep "
    "the state where it is encrypted and few may read it."
)
BY_HAND = "Replace the key by hand in line {line}; better, let it be read from the variable NEON_API_KEY."


class Holder(NamedTuple):
    """What a file is. `address`: its values can be written. `past`: nothing takes a value from there any more."""

    what: str
    address: bool = True
    past: bool = False
    remedy: str = BY_HAND


def holder(path: PurePath, platform: str) -> Holder:
    """Tell it by the name. On Windows and macOS the case of a name means nothing."""
    name = path.name if platform == "linux" else _cased(path.name)
    folder = path.parent.name
    if name in HISTORIES:
        return _history(HISTORIES[name])
    if name.endswith((".tfstate", ".tfstate.backup")):
        return Holder("Terraform state", address=False, remedy=STATE)
    if name in PROFILES:
        return Holder("a shell's profile")
    if name == ".npmrc":
        return Holder("npm's settings")
    if folder == ".docker" and name == "config.json":
        return Holder("Docker's settings")
    if name.endswith((".tfvars", ".tfvars.json")):
        return Holder("Terraform variables")
    if name.startswith(("docker-compose", "compose")) and name.endswith((".yml", ".yaml")):
        return Holder("a Compose file")
    if name == ".env" or name.startswith(".env.") or name.endswith(".env"):
        return Holder("an environment file")
    language = format_of(path)
    return Holder(f"a file ({language})" if language else "a file", address=bool(language))


def _history(shell: str) -> Holder:
    how = HOW.get(shell, "delete the line in that file.")
    return Holder(
        f"{shell}'s history", address=False, past=True, remedy=HISTORY.format(line="{line}", shell=shell, how=how)
    )


def _cased(name: str) -> str:
    """Spell a name as it is spelled here, where only its case differs."""
    known = {one.lower(): one for one in (*HISTORIES, *PROFILES, ".npmrc", "config.json")}
    return known.get(name.lower(), name.lower())
