"""Where the CLI looks: the folder that was chosen, the current one, the one of its former name; what points where."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.errors import Refused
from rotate.machine import Machine
from rotate.systems.neon_cli.address import wrong
from rotate.systems.neon_cli.folders import Spot, folders, spot
from tests.support.bench import BEFORE
from tests.systems.neon_cli.bench import Home, credential


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def machine(home: str = "/home/ada", platform: str = "linux", **environment: str) -> Machine:
    return Machine(Path(home), Path("/work"), environment, platform)


@pytest.mark.parametrize(
    ("environment", "asked", "expected"),
    [
        ({}, "", ["/home/ada/.config/neon", "/home/ada/.config/neonctl"]),
        ({"XDG_CONFIG_HOME": "/x"}, "", ["/x/neon", "/x/neonctl"]),
        ({"XDG_CONFIG_HOME": "x"}, "", ["/work/x/neon", "/work/x/neonctl"]),
        ({"XDG_CONFIG_HOME": " ", "NEON_CONFIG_DIR": " "}, "", ["/home/ada/.config/neon", "/home/ada/.config/neonctl"]),
        ({"XDG_CONFIG_HOME": "/x", "NEONCTL_CONFIG_DIR": "/c"}, "", ["/c"]),
        ({"NEON_CONFIG_DIR": "n/../m", "NEONCTL_CONFIG_DIR": "/c"}, "", ["/work/m"]),
        ({"NEON_CONFIG_DIR": "/n", "NEONCTL_CONFIG_DIR": "/c"}, "/asked", ["/asked"]),
        ({}, "/home/ada/.config/neon/", ["/home/ada/.config/neon", "/home/ada/.config/neonctl"]),
        ({}, "/home/ada/.config/neonctl", ["/home/ada/.config/neonctl"]),
    ],
)
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_folder_that_was_chosen_is_the_only_one(
    environment: dict[str, str], asked: str, expected: list[str], platform: str
) -> None:
    assert [str(one) for one in folders(machine(platform=platform, **environment), asked)] == expected


def test_a_file_of_the_former_name_counts_where_the_current_folder_lacks_it(home: Home) -> None:
    former = home.config.with_name("neonctl")
    old = home.keep(credential(), folder=former)
    among = folders(home.machine)
    assert spot("DEFAULT", among) == Spot("DEFAULT", old)
    home.opened().observe()
    new = home.keep(credential())
    assert spot("DEFAULT", among) == Spot("DEFAULT", new)
    home.point(former, ci="credentials.ci.json")
    assert spot("ci", among) == Spot("ci", former / "credentials.ci.json")
    home.point(DEFAULT="../neonctl/credentials.json")
    assert spot("DEFAULT", among) == Spot("DEFAULT", old)


def test_a_profile_points_at_a_file_or_at_the_keyring(home: Home, tmp_path: Path) -> None:
    home.point(ci="credentials.ci.json", far="/far/away.json", ring="keyring", file="./keyring")
    among = folders(home.machine)
    account = f"cli:{hashlib.sha256(str(home.config).encode()).hexdigest()}:ring"
    assert [spot(name, among) for name in ("ci", "far", "ring", "file", "DEFAULT")] == [
        Spot("ci", home.config / "credentials.ci.json"),
        Spot("far", Path("/far/away.json")),
        Spot("ring", None, account),
        Spot("file", home.config / "keyring"),
        Spot("DEFAULT", home.config / "credentials.json"),
    ]


def test_a_profile_that_is_not_there_is_told_with_those_that_are(home: Home) -> None:
    home.point(ci="credentials.ci.json")
    with pytest.raises(Refused, match=r"no profile `production`.*It has DEFAULT, ci\.") as raised:
        home.opened("neon-cli://production").observe()
    assert raised.value.reason == "neon-profile-unknown"
    assert "neon-cli://production?dir=" in raised.value.remedy


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no JSON"),
        (["DEFAULT"], "no JSON object"),
        ({}, "no object `profiles`"),
        ({"profiles": []}, "no object `profiles`"),
        *(
            ({"profiles": {name: entry}}, "that the CLI does not write")
            for name, entry in (
                ("../x", {"credentials": "a"}),
                ("", {"credentials": "a"}),
                ("ci", "a"),
                ("ci", {}),
                ("ci", {"credentials": " "}),
                ("ci", {"credentials": 7}),
                ("ci", {"credentials": "a\0b"}),
                ("ci", {"credentials": "a\ud800b"}),
            )
        ),
    ],
)
def test_a_file_of_profiles_that_the_cli_would_not_take_is_refused(home: Home, content: object, why: str) -> None:
    home.keep(credential())
    home.keep(content, "profiles.json")
    with pytest.raises(Refused, match=why) as raised:
        home.opened().observe()
    assert raised.value.reason == "neon-profile-unreadable"


def test_a_path_that_leads_elsewhere_is_followed_but_only_a_credential_is_ever_written(home: Home) -> None:
    """The CLI follows it too, and writes such paths itself."""
    secret = home.keep({"api_key": BEFORE}, "service.json", home.folder)
    before = secret.read_bytes()
    home.point(ci="../../service.json")
    with pytest.raises(Refused) as raised:
        home.opened("neon-cli://ci").observe()
    assert (raised.value.reason, secret.read_bytes()) == ("neon-profile-of-login", before)


@pytest.mark.parametrize("text", ["neon-cli://DEFAULT", "neon-cli://ci.2_a-b?dir=/x/y", "neon-cli://ci?dir=C:%5Cx"])
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("neon-cli:DEFAULT", "the name of a profile"),
        ("neon-cli://-ci", "the name of a profile"),
        ("neon-cli://a/b", "the name of a profile"),
        ("neon-cli://ci#NEON_API_KEY", "holds one key"),
        ("neon-cli://ci?dir=x/y", "the whole path"),
        ("neon-cli://ci?dir=~/x", "the whole path"),
    ],
)
def test_what_is_wrong_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))
