"""A Secret of the pretend Kubernetes, a kubeconfig for it, and what writes to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from random import Random
from typing import Any

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.kubernetes.server import KubernetesServer
from rotate.sandbox.kubernetes.state import DAEMONS, DEPLOYMENTS, RIGHTS, SECRETS, STATEFUL
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.kubernetes.secret import SecretKey
from rotate.systems.kubernetes.system import SERVICE
from tests.support.bench import BEFORE, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
NAMESPACE, SECRET = "payments", "neon"
WHERE = (NAMESPACE, SECRET)
HERE = f"kubernetes://{NAMESPACE}/{SECRET}#{NAME}"
OTHER = {"DATABASE_URL": "postgres://x", "tls.crt": "-----BEGIN"}


def kubeconfig(url: str, token: str, user: dict[str, Any] | None = None, **cluster: Any) -> str:
    """Give the text of a kubeconfig: YAML of several lines, which JSON is too."""
    row = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "local", "user": "rotate"}}],
        "clusters": [{"name": "local", "cluster": {"server": url, **cluster}}],
        "users": [{"name": "rotate", "user": {"token": token} if user is None else user}],
    }
    return json.dumps(row, indent=1)


def pods(volumes: list[Any] | None = None, **container: Any) -> dict[str, Any]:
    """Give what starts pods of one container."""
    pod = {"containers": [{"name": "web", **container}], "volumes": volumes}
    labels = {"app": "web"}
    return {
        "selector": {"matchLabels": labels},
        "serviceName": "web",
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }


class Secrets:
    """One Secret with other keys, and a token that may manage it."""

    def __init__(self, world: World, **more: Any) -> None:
        self.world, self.state = world, KubernetesServer(world.clock)
        world.serve(self.state)
        self.token = self.state.add_token()
        self.state.let(self.token, NAMESPACE, *RIGHTS)
        self.state.let(self.token, "", "list namespaces")
        self.state.set_secret(*WHERE, {NAME: BEFORE, **OTHER}, **more)
        used = {"name": NAME, "valueFrom": {"secretKeyRef": {"name": SECRET, "key": NAME}}}
        for kind in (DEPLOYMENTS, STATEFUL, DAEMONS):
            self.state.run(kind, NAMESPACE, kind[:-1], pods(env=[used]))
        self.environment = {"KUBECONFIG": kubeconfig(self.state.url, self.token)}

    def opened(self, text: str = HERE) -> Destination:
        """Open a key as a run does."""
        return SecretKey(parsed(text), means_of(self.environment))

    def written(self, text: str = HERE) -> Destination:
        """Write and confirm."""
        opened = self.opened(text)
        before = opened.observe()
        opened.confirm(before, opened.put(NEW))
        return opened


def seeded(web: Web) -> KubernetesServer:
    """Give the pretend Kubernetes of a bench."""
    assert isinstance(web.pretend, KubernetesServer)
    return web.pretend


def _arrange(state: KubernetesServer, dice: Random) -> None:
    more: dict[str, Any] = {}
    for name in ("labels", "annotations"):
        if dice.random() < 1 / 2:
            more[name] = {f"example.com/{dice.randint(0, 9)}": dice.choice(["", "x"]) for _ in range(3)}
    if dice.random() < 1 / 2:
        more["type"] = dice.choice(["kubernetes.io/basic-auth", "example.com/own"])
    keys = dice.sample(["a", "a.b", "NEON_API_KEY_2", "_", "x-y"], dice.randint(0, 5))
    state.set_secret(*WHERE, {NAME: BEFORE, **{key: dice.choice(["", "é", BEFORE]) for key in keys}}, **more)
    state.set_secret(NAMESPACE, f"{SECRET}-2", {NAME: BEFORE})


def _beside(state: KubernetesServer) -> object:
    rows = deepcopy(state.all(SECRETS, NAMESPACE))
    for row in rows:
        if row["metadata"]["name"] == SECRET:
            row["data"].pop(NAME, None)
            del row["metadata"]["resourceVersion"]
    return rows


def _crowd(state: KubernetesServer, token: str, count: int) -> None:
    """Fill other namespaces, of which the login may see all."""
    for number in range(count):
        state.set_secret(f"another-{number}", SECRET, {"OTHER": "other", "binary": ""})
    state.let(token, "", "list secrets")


@contextmanager
def kubernetes() -> Iterator[Bench]:
    """One key of a Secret, beside others."""
    with World() as world:
        ours = Secrets(world, labels={"team": "payments"}, annotations={"example.com/owner": "octo"})
        state, token = ours.state, ours.token
        reading = [one for one in RIGHTS if one.startswith(("get", "list"))]
        web = Web(
            world,
            "kubernetes",
            parsed(HERE),
            SecretKey,
            SERVICE.lacks,
            ours.environment,
            blind=lambda: state.let(token, NAMESPACE),
            gag=lambda: state.let(token, NAMESPACE, *reading),
            arrange=partial(_arrange, state),
            beside=partial(_beside, state),
            pretend=state,
            writes="PATCH",
            unseen="destination-not-allowed",
            within=("KUBECONFIG", token),
            crowd=partial(_crowd, state, token),
        )
        yield Bench(web.opened(), partial(state.value, *WHERE, NAME), partial(state.set_value, *WHERE, NAME), web=web)
