"""Why a secret is not written, in words: whose it is, what it holds, what a login may not do, what was left.

Source of the mark of External Secrets: external-secrets/external-secrets, pkg/provider/gcp/secretmanager/client.go; of
managed rotation: discovery document of secretmanager v1, `ManagedRotationStatus`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rotate.errors import DestinationError, Outcome, Refused
from rotate.secret import Secret
from rotate.systems.gcp.system import SERVICE

ADD, ACCESS, SHOW = "secretmanager.versions.add", "secretmanager.versions.access", "secretmanager.versions.get"
UPDATE = "secretmanager.secrets.update"
PERMISSIONS = (ADD, ACCESS, SHOW, UPDATE)


def foreign(name: str, secret: Mapping[str, Any], value: Secret | None) -> Refused | None:
    """Refuse what somebody else writes, and what holds more than a key; nothing where it is neither."""
    if owner := _owner(secret):
        return Refused(
            "destination-owned",
            f"{name} is written by {owner}, which would overwrite what this run writes. Nothing was changed there.",
            f"Make that a destination from which {owner} takes the value, or take the secret away from it.",
        )
    if value and _is_object(value):
        return Refused(
            "destination-holds-more",
            f"{name} holds a JSON object, not a key alone: a key in its place would lose the rest. Nothing was changed "
            "there.",
            "Keep the key in a secret of its own, and let its consumers read that one.",
        )
    return None


def unseen(doing: str) -> Refused:
    """Say that nothing tells absence and lack of a right apart."""
    message = (
        f"Could not {doing}: either there is no such secret, or this login may do nothing there. Google Cloud answers "
        "the same to both."
    )
    return Refused("destination-absent", message, f"Check project, name and location. {SERVICE.give}")


def may_not_add(name: str) -> Refused:
    """Say that a version could not be added."""
    message = f"This login sees {name}, and may not add a version to it (`{ADD}`)."
    return Refused("destination-not-allowed", message, SERVICE.give)


def may_not_move(name: str, aliases: Sequence[str]) -> Refused:
    """Say that aliases would stay behind, with the old key."""
    message = (
        f"{name} has aliases that have to follow to the new version ({', '.join(aliases)}), and this login may not "
        f"move them: that takes `{UPDATE}`, and `{SHOW}` to see which version is the latest."
    )
    return Refused("destination-not-allowed", message, f"Grant that, or delete the aliases. {SERVICE.give}")


def disabled(name: str, why: str, named: str) -> Refused:
    """Say that the latest version is out of use. `named`: the secret, as gcloud is told."""
    return Refused(
        "destination-disabled",
        f"The latest version of {name} cannot be used: {why}. Nothing was changed there.",
        "Somebody took it out of use, or its encryption key cannot be used. Find out why. If a new key is to stand "
        "there, enable the version first, by its number:\n\n"
        f"    gcloud secrets versions enable NUMBER --secret={named}",
    )


def left(name: str, aliases: Sequence[str], versions: tuple[str, str], why: str, named: str) -> DestinationError:
    """Say which aliases may still show the replaced version. `versions`: that one, and the new one."""
    replaced, added = versions
    told = ",".join(f"{alias}={added}" for alias in aliases)
    return DestinationError(
        "destination-alias-left",
        f"{name} has the new value in version {added}, but aliases may still show version {replaced}: "
        f"{', '.join(aliases)}. {why}",
        "Move them before you run this again, since a later run takes an alias of an earlier version for one that is "
        f"to stay:\n\n    gcloud secrets update {named} --update-version-aliases={told}",
        outcome=Outcome.UNKNOWN,
    )


def _owner(secret: Mapping[str, Any]) -> str:
    labels, rotation = secret.get("labels"), secret.get("rotation")
    if isinstance(labels, dict) and labels.get("managed-by") == "external-secrets":
        return "External Secrets"
    managed = rotation.get("managedRotationStatus") if isinstance(rotation, dict) else None
    return "Google's managed rotation" if isinstance(managed, dict) and managed.get("state") == "ACTIVE" else ""


def _is_object(value: Secret) -> bool:
    try:
        return isinstance(json.loads(value.reveal()), dict)
    except ValueError:
        return False
