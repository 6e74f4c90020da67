"""A secret and a parameter of the pretend AWS, and what writes to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.ports import Destination, Notebook
from rotate.sandbox.aws.server import AWSServer
from rotate.sandbox.aws.state import REGION, StoredParameter
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.service.notes import KeptNotes
from rotate.systems.aws.notes import Parameters
from rotate.systems.aws.parameter import Parameter
from rotate.systems.aws.secret import SecretField
from rotate.systems.aws.system import PARAMETERS, SECRETS
from tests.support.bench import BEFORE, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
SECRET, PARAMETER = "prod/neon", "/prod/neon/key"
AT_SECRET, AT_PARAMETER = f"aws-secretsmanager://{REGION}/{SECRET}", f"aws-ssm://{REGION}{PARAMETER}"
READING = {
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:DescribeParameters",
}


class Cloud:
    """A pretend AWS beside the world, and a login that may do all."""

    def __init__(self, world: World) -> None:
        self.world, self.state = world, AWSServer(world.clock)
        world.serve(self.state)
        self.login = self.state.add_login()
        self.environment = {
            "AWS_ACCESS_KEY_ID": self.login.key_id,
            "AWS_SECRET_ACCESS_KEY": self.login.key,
            "AWS_ENDPOINT_URL": self.state.url,
            "AWS_REGION": REGION,
        }

    def opened(self, text: str, **more: str) -> Destination:
        """Open a place as a run does."""
        at = parsed(text)
        opens = SecretField if at.kind == "aws-secretsmanager" else Parameter
        return opens(at, means_of({**self.environment, **more}))

    def written(self, text: str) -> None:
        """Write and confirm."""
        opened = self.opened(text)
        before = opened.observe()
        opened.confirm(before, opened.put(NEW))

    def may(self, *actions: str) -> None:
        """Leave the login these rights alone."""
        self.login.actions = set(actions)


def seeded(web: Web) -> AWSServer:
    """Give the pretend AWS of a bench."""
    assert isinstance(web.pretend, AWSServer)
    return web.pretend


def _fields(state: AWSServer) -> dict[str, object]:
    stored = state.secrets.get(SECRET)
    found = json.loads(stored.text or "{}") if stored else {}
    return found if isinstance(found, dict) else {}


def _arrange_secret(state: AWSServer, dice: Random) -> None:
    pairs = [(f"K{number}", dice.choice(["x", 7, None, {"a": [1.50, "é"]}])) for number in range(dice.randint(0, 4))]
    pairs.insert(dice.randint(0, len(pairs)), (NAME, BEFORE))
    text = json.dumps(dict(pairs), indent=dice.choice([None, 2]), ensure_ascii=dice.random() < 1 / 2)
    state.add_secret(SECRET, text, Description=dice.choice(["", "Neon"]), Tags=[{"Key": "team", "Value": "db"}])
    state.add_secret(f"{SECRET}-2", text)


def _beside_secret(state: AWSServer) -> object:
    stored = state.secrets[SECRET]
    ours = (stored.text or "").replace(json.dumps(_fields(state).get(NAME)), "")
    return [ours, stored.about, [(one.name, one.text) for one in state.secrets.values() if one is not stored]]


def _crowd(state: AWSServer, count: int) -> None:
    """Put others before ours."""
    for number in range(count):
        state.add_secret(f"another-{number}", "no JSON")
        state.add_parameter(f"another-{number}", "other")
    if SECRET in state.secrets:
        state.secrets[SECRET] = state.secrets.pop(SECRET)
    if PARAMETER in state.parameters:
        state.parameters[PARAMETER] = state.parameters.pop(PARAMETER)


def _web(cloud: Cloud, at: str, **more: object) -> Web:
    kind = at.partition(":")[0]
    secret = kind == "aws-secretsmanager"
    return Web(
        cloud.world,
        "aws",
        parsed(at),
        SecretField if secret else Parameter,
        (SECRETS if secret else PARAMETERS).lacks,
        cloud.environment,
        blind=partial(cloud.may, "none"),
        gag=partial(cloud.may, *READING),
        pretend=cloud.state,
        crowd=partial(_crowd, cloud.state),
        unseen="destination-not-allowed",
        asks=1,
        **more,  # type: ignore[arg-type]
    )


@contextmanager
def secret() -> Iterator[Bench]:
    """A field of a secret, beside another."""
    with World() as world:
        cloud = Cloud(world)
        state = cloud.state
        state.add_secret(SECRET, json.dumps({"user": "u", NAME: BEFORE}), KmsKeyId="alias/neon")

        def held() -> str | None:
            found = _fields(state).get(NAME)
            return str(found) if found is not None else None

        def write(text: str | None) -> None:
            if text is None:
                del state.secrets[SECRET]
                return
            stored = state.secrets.get(SECRET) or state.add_secret(SECRET, "{}")
            stored.put(json.dumps({**_fields(state), NAME: text}))

        web = _web(
            cloud,
            f"{AT_SECRET}#{NAME}",
            arrange=partial(_arrange_secret, state),
            beside=partial(_beside_secret, state),
        )
        yield Bench(web.opened(), held, write, web=web)


def _arrange_parameter(state: AWSServer, dice: Random) -> None:
    about: dict[str, object] = {
        "Type": dice.choice(["String", "SecureString"]),
        "Tier": dice.choice(["Standard", "Advanced"]),
    }
    if about["Type"] == "SecureString":
        about["KeyId"] = dice.choice(["alias/aws/ssm", "alias/neon"])
    if dice.random() < 1 / 2:
        policy = {"Type": "NoChangeNotification", "Version": "1.0", "Attributes": {"After": "20", "Unit": "Days"}}
        told = {"PolicyText": json.dumps(policy), "PolicyType": "NoChangeNotification", "PolicyStatus": "Pending"}
        about |= {"AllowedPattern": "napi_.*", "Description": "Neon's", "Policies": [told]}
    state.add_parameter(PARAMETER, BEFORE, **about)  # type: ignore[arg-type]
    state.add_parameter(f"{PARAMETER}/2", BEFORE)


def _beside_parameter(state: AWSServer) -> object:
    stored = state.parameters[PARAMETER]
    others = [(one.name, one.values) for one in state.parameters.values() if one is not stored]
    return [dict(stored.about), dict(stored.labels), others]


@contextmanager
def parameter() -> Iterator[Bench]:
    """A parameter with a key of its own."""
    with World() as world:
        cloud = Cloud(world)
        state = cloud.state
        state.add_parameter(PARAMETER, BEFORE, KeyId="alias/neon")

        def held() -> str | None:
            found = state.parameters.get(PARAMETER)
            return found.values[-1] if found else None

        def write(text: str | None) -> None:
            if text is None:
                del state.parameters[PARAMETER]
                return
            stored = state.parameters.setdefault(PARAMETER, StoredParameter(PARAMETER, about={"Type": "SecureString"}))
            stored.values.append(text)

        web = _web(
            cloud, AT_PARAMETER, arrange=partial(_arrange_parameter, state), beside=partial(_beside_parameter, state)
        )

        def another() -> Notebook:
            return KeptNotes(Parameters(web.address, means_of(web.environment)))

        yield Bench(web.opened(), held, write, another, web=web)
