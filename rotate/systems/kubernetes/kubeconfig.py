"""From a kubeconfig to how one cluster is reached, and as whom. Nothing is contacted, and no program is run.

Sources: k8s.io/client-go tools/clientcmd/api/v1/types.go (the fields), loader.go (several files: of what has one name
the first counts; paths are relative to the file), client_config.go (data counts before a file; a token file before a
token); Kubernetes' documentation, "Organizing Cluster Access Using kubeconfig Files". That `KUBECONFIG` may hold the
text itself is this program's own: so a job passes it as a secret, and it never lies on a disk.
"""

from __future__ import annotations

import binascii
import os
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from rotate.errors import ConfigurationError, one_line
from rotate.problems import Problems
from rotate.secret import Secret
from rotate.settings.parse import url

VARIABLE = "KUBECONFIG"
NOTHING = Secret("")
LARGEST = 1024 * 1024
LIST = {"contexts": "context", "clusters": "cluster", "users": "user"}
LOGIN = (
    "Give it one that holds a credential itself, such as the token of a service account:\n\n"
    "    kubectl create token neon-rotate --namespace payments --duration 1h"
)
PLAIN = "Write it without that, and say in `HTTPS_PROXY` or `ca_bundle` how the cluster is reached."
# What this program cannot do as it is meant, or must not, and what to do.
UNUSABLE = {
    "exec": ("runs a program to log in, which this one never does", LOGIN),
    "auth-provider": ("logs in by an auth provider, which Kubernetes has given up", LOGIN),
    "username": ("logs in by a password, which Kubernetes has given up", LOGIN),
    "as": ("acts as somebody else", "Name a user that may itself do what is needed."),
    "insecure-skip-tls-verify": ("does not check the cluster's certificate", "Name its `certificate-authority-data`."),
    "proxy-url": ("names a proxy of its own", PLAIN),
    "tls-server-name": ("expects a certificate for another name", PLAIN),
}


@dataclass(frozen=True, slots=True)
class Access:
    """How a cluster is reached. `authorities`: the certificates in PEM that alone are trusted there; empty: as
    elsewhere. `certificate` and `key`, or the token, say who asks; a token in a file may be replaced at any time."""

    server: str
    authorities: str = ""
    certificate: str = ""
    key: Secret = NOTHING
    token: Secret = NOTHING
    token_file: Path | None = None

    def bearer(self) -> Secret:
        """Give the token; empty where the certificate says who asks. Raises `ConfigurationError`: it is gone."""
        return Secret(text_of(self.token_file).strip()) if self.token_file else self.token


def unreadable(what: str) -> ConfigurationError:
    """Word a kubeconfig that is not as it should be; nothing of it is quoted but names."""
    remedy = f"Look at it with `kubectl config view`, and name the file:\n\n    env:\n      {VARIABLE}: .kube/config"
    return ConfigurationError("kubeconfig-unreadable", f"{what}.", remedy)


def text_of(path: Path) -> str:
    """Read a file of some text."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise unreadable(f"The file {one_line(str(path))} cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise unreadable(f"The file {one_line(str(path))} is larger than 1 MiB")
    return data.decode(errors="replace")


class Kubeconfig:
    """What one or several files say together."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Read them. Raises `ConfigurationError`: one cannot be read."""
        self._found: dict[tuple[str, str], tuple[Mapping[str, object], Path]] = {}
        self._current = ""
        given = environment.get(VARIABLE, "").strip()
        if "\n" in given:
            self._take(given, f"The text in `{VARIABLE}`", Path())
            return
        named = [Path(one) for one in given.split(os.pathsep) if one]
        paths = named or [path for path in (usual(environment),) if path]
        for path in paths if len(paths) == 1 else [one for one in paths if one.exists()]:
            self._take(text_of(path), f"The file {one_line(str(path))}", path.parent)

    def _take(self, text: str, name: str, folder: Path) -> None:
        try:
            row = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise unreadable(f"{name} is no kubeconfig")
        self._current = self._current or _text(row, "current-context")
        for several, one in LIST.items():
            for entry in row.get(several) or ():
                if isinstance(entry, dict) and isinstance(entry.get(one), dict):
                    self._found.setdefault((one, str(entry.get("name"))), (entry[one], folder))

    def access(self, context: str = "") -> Access:
        """Give how the cluster of a context is reached; of none, the current one.

        Raises:
            ConfigurationError: there is no such context, or it needs what this program does not do.
        """
        name = context or self._current
        if not name:
            raise unreadable("The kubeconfig has no `current-context`, and the address names none (`?context=`)")
        chosen, _ = self._one("context", name, name)
        cluster, folder = self._one("cluster", _text(chosen, "cluster"), name)
        user, home = self._one("user", _text(chosen, "user"), name)
        for field, (does, remedy) in UNUSABLE.items():
            if cluster.get(field) or user.get(field):
                raise ConfigurationError("kubeconfig-unusable", f"The context {one_line(name)} {does}.", remedy)
        problems = Problems()
        server = url(_text(cluster, "server"), "server", problems)
        for _, problem in problems.found:
            raise problem
        file, token = _text(user, "tokenFile"), _text(user, "token")
        certificate, key = (_pem(user, field, home) for field in ("client-certificate", "client-key"))
        if not (file or token or (certificate and key)):
            message = f"The context {one_line(name)} has neither a token nor a client certificate with its key."
            raise ConfigurationError("kubeconfig-unusable", message, LOGIN)
        authorities = _pem(cluster, "certificate-authority", folder)
        return Access(server, authorities, certificate, Secret(key), Secret(token), home / file if file else None)

    def _one(self, kind: str, name: str, context: str) -> tuple[Mapping[str, object], Path]:
        if (kind, name) not in self._found:
            which = "" if kind == "context" else f", which the context {one_line(context)} names"
            raise unreadable(f"The kubeconfig has no {kind} {one_line(name) or 'without a name'}{which}")
        return self._found[kind, name]


def usual(environment: Mapping[str, str]) -> Path | None:
    """Give the file that kubectl reads where no other is named, if it is there."""
    home = environment.get("HOME", "")
    path = Path(home) / ".kube" / "config"
    return path if home and path.is_file() else None


def _text(row: Mapping[str, object], field: str) -> str:
    found = row.get(field)
    return found.strip() if isinstance(found, str) else ""


def _pem(row: Mapping[str, object], field: str, folder: Path) -> str:
    """Give what stands in the kubeconfig itself, in base64, else in the file that it names."""
    if data := _text(row, f"{field}-data"):
        try:
            return b64decode(data, validate=True).decode()
        except (binascii.Error, UnicodeError):
            raise unreadable(f"What `{field}-data` holds is no base64 of a PEM text") from None
    path = _text(row, field)
    return text_of(folder / path) if path else ""
