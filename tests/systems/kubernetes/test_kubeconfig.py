"""From a kubeconfig, or the account of a pod, to how a cluster is reached. What would run a program is refused."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from rotate.errors import ConfigurationError
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.kubernetes import access as pods
from rotate.systems.kubernetes.access import access
from rotate.systems.kubernetes.kubeconfig import LARGEST
from rotate.systems.kubernetes.system import SERVICE
from tests.systems.kubernetes.bench import NAMESPACE, SECRET, Secrets, kubeconfig

URL, TOKEN = "https://127.0.0.1:6443", "a-token-of-a-test"
TEXT = kubeconfig(URL, TOKEN)
POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def test_the_text_itself_a_path_and_the_usual_file_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / ".kube" / "config"
    file.parent.mkdir()
    file.write_text(TEXT)
    for environment in ({"KUBECONFIG": TEXT}, {"KUBECONFIG": str(file)}, {"HOME": str(tmp_path)}):
        found = access(environment)
        assert (found.server, found.bearer()) == (URL, Secret(TOKEN))
        assert SERVICE.lacks(environment) == ()


def test_of_several_files_the_first_counts_and_one_that_is_not_there_is_passed_over(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text(json.dumps({"users": [{"name": "rotate", "user": {"tokenFile": "token"}}, "odd"]}))
    second.write_text(TEXT)
    (tmp_path / "token").write_text("another\n")
    found = access({"KUBECONFIG": f"{first}:{tmp_path}/none:{second}"})
    assert (found.server, found.bearer()) == (URL, Secret("another"))
    (tmp_path / "token").write_text("newer")
    assert found.bearer() == Secret("newer")
    (tmp_path / "token").unlink()
    with pytest.raises(ConfigurationError, match=r"token cannot be read: No such file"):
        found.bearer()


def test_a_context_is_chosen_by_the_address_and_one_that_is_not_there_is_named(world: World) -> None:
    ours = Secrets(world)
    other = {**json.loads(ours.environment["KUBECONFIG"]), "current-context": "gone"}
    ours.environment["KUBECONFIG"] = json.dumps(other, indent=1)
    assert ours.opened(f"kubernetes://{NAMESPACE}/{SECRET}?context=here#A").observe().mark is None
    with pytest.raises(ConfigurationError, match="has no context gone") as raised:
        ours.opened().observe()
    assert raised.value.reason == "kubeconfig-unreadable"


UNUSABLE: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"exec": {"command": "aws"}}, {}, "runs a program to log in, which this one never does"),
    ({"auth-provider": {"name": "gcp"}}, {}, "logs in by an auth provider"),
    ({"username": "x", "password": "y"}, {}, "logs in by a password"),
    ({"token": TOKEN, "as": "admin"}, {}, "acts as somebody else"),
    ({"token": TOKEN}, {"insecure-skip-tls-verify": True}, "does not check the cluster's certificate"),
    ({"token": TOKEN}, {"proxy-url": "http://proxy"}, "names a proxy of its own"),
    ({"token": TOKEN}, {"tls-server-name": "x"}, "expects a certificate for another name"),
    ({"client-certificate-data": encoded("x")}, {}, "neither a token nor a client certificate with its key"),
]


def test_what_this_program_does_not_do_is_refused() -> None:
    for user, cluster, said in UNUSABLE:
        with pytest.raises(ConfigurationError, match=said) as raised:
            access({"KUBECONFIG": kubeconfig(URL, "", user, **cluster)})
        assert raised.value.reason == "kubeconfig-unusable"
        assert TOKEN not in raised.value.message + raised.value.remedy
        assert "The context here " in raised.value.message


UNREADABLE = [
    ("/nowhere/config", "cannot be read: No such file"),
    ("a:\n[", "is no kubeconfig"),
    ("just\ntext", "is no kubeconfig"),
    ("users:\nkind: Config", "has no `current-context`"),
    ("current-context: a\nusers:\n", "has no context a"),
    ("current-context: a\ncontexts: [{name: a, context: {user: b}}]\n", "has no cluster without a name, which"),
    (kubeconfig(URL, "", {"client-key-data": "?"}), "is no base64 of a PEM text"),
    (kubeconfig(URL, "", {"client-key-data": "/w=="}), "is no base64 of a PEM text"),
    (kubeconfig("http://10.0.0.1", TOKEN), "must be an https URL"),
]


def test_what_cannot_be_read_is_said() -> None:
    for text, said in UNREADABLE:
        with pytest.raises(ConfigurationError, match=said):
            access({"KUBECONFIG": text})


def test_what_cannot_be_read_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    large = tmp_path / "config"
    large.write_bytes(b"#" * (LARGEST + 1))
    (problem,) = SERVICE.lacks({"KUBECONFIG": str(large)})
    assert "larger than 1 MiB" in problem.message
    (none,) = SERVICE.lacks({})
    assert (none.reason, "secrets.KUBECONFIG" in none.remedy) == ("destination-token-missing", True)


def test_in_a_pod_its_own_account_is_taken_unless_a_kubeconfig_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pods, "ACCOUNT", tmp_path)
    assert SERVICE.lacks(POD), "a pod without an account"
    (tmp_path / "token").write_text("of-the-pod")
    (tmp_path / "ca.crt").write_text("PEM")
    found = access(POD)
    assert (found.server, found.authorities, found.bearer()) == ("https://10.0.0.1:443", "PEM", Secret("of-the-pod"))
    assert access({**POD, "KUBERNETES_SERVICE_HOST": "fd00::1"}).server == "https://[fd00::1]:443"
    assert SERVICE.lacks(POD) == ()
    assert access({**POD, "KUBECONFIG": TEXT}).server == URL
    with pytest.raises(ConfigurationError, match="has no context production"):
        access(POD, "production")
