"""Where in a server the key stands, in every form in which Neon and the clients put it; and what is no key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.edit.formats import replaced, slots
from rotate.secret import Secret
from rotate.systems.mcp.servers import Held, Server, folders, servers
from tests.systems.mcp.bench import KEY, OTHER

URL, PACKAGE = "https://mcp.neon.tech/mcp", "@neondatabase/mcp-server-neon"
OLD = "k3" * 32  # Neon's older keys have no prefix

HOLDING: dict[str, dict[str, Any]] = {
    "header": {"url": URL, "headers": {"Authorization": f"Bearer {KEY}"}},
    "an older key": {"url": URL, "headers": {"Authorization": f"Bearer {OLD}"}},
    "a header without its kind": {"url": URL, "headers": {"authorization": KEY}},
    "Codex's header": {"url": URL, "http_headers": {"Authorization": f"bearer  {KEY} "}},
    "SSE of Windsurf": {"serverUrl": f"{URL[:-3]}sse", "headers": {"Authorization": f"Bearer {KEY}"}},
    "the last argument": {"command": "npx", "args": ["-y", PACKAGE, "start", OLD]},
    "of a version": {"command": "npx", "args": ["-y", f"{PACKAGE}@latest", "start", KEY]},
    "on Windows": {"command": "cmd", "args": ["/c", "npx", "-y", PACKAGE, "start", OLD]},
    "opencode": {"type": "local", "command": ["npx", "-y", PACKAGE, "start", OLD]},
    "through a shell": {"command": "sh", "args": ["-c", f"npx -y {PACKAGE} start {KEY} --x"]},
    "env": {"command": "npx", "args": [PACKAGE, "start"], "env": {"NEON_API_KEY": OLD, "A": "b"}},
    "environment": {"command": ["npx", PACKAGE], "environment": {"NEON_API_KEY": KEY}},
    "mcp-remote": {"command": "npx", "args": ["mcp-remote", URL, "--header", f"Authorization: Bearer {OLD}"]},
    "in one word": {"command": "npx", "args": ["mcp-remote", URL, f"--header=Authorization:{KEY}"]},
    "mcp-remote, by a variable": {
        "args": ["mcp-remote", URL, "--header", "Authorization:${AUTH_HEADER}"],
        "env": {"AUTH_HEADER": f"Bearer {OLD}"},
    },
    "mcp-proxy": {"command": "mcp-proxy", "args": ["-H", "Authorization", f"Bearer {KEY}", URL]},
    "docker": {"command": "docker", "args": ["run", "-e", f"NEON_API_KEY={OLD}", "neon"]},
    "mcporter": {"baseUrl": URL, "bearerToken": OLD},
    "anywhere, by its shape": {"url": f"https://gateway.example/neon?key={KEY}&x=1"},
}
REFERRING: dict[str, tuple[dict[str, Any], str]] = {
    "a variable": ({"headers": {"Authorization": "Bearer ${NEON_API_KEY}"}}, "${NEON_API_KEY}"),
    "with a default": ({"headers": {"Authorization": f"Bearer ${{NEON_API_KEY:-{KEY}}}"}}, "${NEON_API_KEY}"),
    "of the environment": ({"headers": {"Authorization": "${env:NEON_API_KEY}"}}, "${env:NEON_API_KEY}"),
    "asked for": ({"headers": {"Authorization": "Bearer ${input:neon key}"}}, "${input:neon}"),
    "a shell's": ({"env": {"NEON_API_KEY": "$NEON_API_KEY"}}, "$NEON_API_KEY"),
    "on Windows": ({"env": {"NEON_API_KEY": "%NEON_API_KEY%"}}, "%NEON_API_KEY%"),
    "opencode's": ({"headers": {"Authorization": "Bearer {env:NEON_KEY}"}}, "{env:NEON_KEY}"),
    "opencode's file": ({"environment": {"NEON_API_KEY": "{file:~/.neon}"}}, "{file:~/.neon}"),
    "1Password": ({"env": {"NEON_API_KEY": "op://Dev/Neon/key"}}, "op://Dev/Neon/key"),
    "an argument": ({"args": [PACKAGE, "start", "${NEON_API_KEY}"]}, "${NEON_API_KEY}"),
    "Codex": ({"url": URL, "bearer_token_env_var": "NEON_API_KEY"}, "the environment variable NEON_API_KEY"),
    "Codex's headers": ({"env_http_headers": {"Authorization": "MY_KEY"}}, "the environment variable MY_KEY"),
    "a key where a name belongs": ({"bearerTokenEnv": KEY}, "the environment variable …"),
    "Goose": ({"cmd": "npx", "env_keys": ["NEON_API_KEY"]}, "the environment variable NEON_API_KEY"),
}
EMPTY: dict[str, dict[str, Any]] = {
    "OAuth": {"type": "http", "url": URL},
    "another header": {"url": URL, "headers": {"X-Trace": "on"}},
    "another kind of login": {"url": URL, "headers": {"Authorization": "Basic dTpw"}},
    "an empty header": {"url": URL, "headers": {"Authorization": "Bearer "}},
    "an empty variable": {"command": "npx", "env": {"NEON_API_KEY": ""}},
    "words about it": {"url": URL, "description": "Authorization: Bearer of news, NEON_API_KEY=yours"},
    "another package": {"command": "npx", "args": ["-y", "@other/mcp", "start", "me"]},
    "its own arguments": {"command": "npx", "args": ["-y", PACKAGE, "start"]},
}


def server(said: dict[str, Any]) -> Server:
    data = json.dumps({"mcpServers": {"other": {"env": {"NEON_API_KEY": OTHER}}, "Neon": said}}).encode()
    return servers(slots(data, "json"), ("mcpServers",))["Neon"]


@pytest.mark.parametrize("form", HOLDING)
def test_the_key_is_found_and_replaced_with_all_around_it_as_it_was(form: str) -> None:
    said = {"mcpServers": {"Neon": HOLDING[form]}}
    data = json.dumps(said).encode()
    (held,) = servers(slots(data, "json"), ("mcpServers",))["Neon"].held
    assert held.secret.reveal() in (KEY, OLD)
    assert not held.refers
    after = replaced(data, "json", held.slot, held.text(Secret(OTHER)))
    assert after.decode() == data.decode().replace(held.key, OTHER)
    (again,) = servers(slots(after, "json"), ("mcpServers",))["Neon"].held
    assert (again.secret, again.around) == (Secret(OTHER), held.around)


@pytest.mark.parametrize("form", REFERRING)
def test_a_reference_is_told_and_no_value_with_it(form: str) -> None:
    said, named = REFERRING[form]
    (held,) = server(said).held
    assert held.refers == named


@pytest.mark.parametrize("form", EMPTY)
def test_what_holds_no_key_is_told_from_what_does(form: str) -> None:
    assert server(EMPTY[form]).held == ()


def test_a_key_in_two_places_is_told_as_two() -> None:
    said = {"headers": {"Authorization": f"Bearer {KEY}"}, "env": {"NEON_API_KEY": KEY}}
    assert [one.slot.path[-1] for one in server(said).held] == ["Authorization", "NEON_API_KEY"]


@pytest.mark.parametrize("form", HOLDING)
def test_neons_server_is_known_by_its_url_or_its_package(form: str) -> None:
    foreign = form in ("environment", "docker", "anywhere, by its shape")
    assert server(HOLDING[form]).neons is (not foreign or form == "environment")


@pytest.mark.parametrize(
    "url", ["https://mcp.neon.tech.evil.example/mcp", "https://xmcp.neon.tech/mcp", "mcp.neon.tech"]
)
def test_another_host_is_not_neons(url: str) -> None:
    assert not server({"url": url}).neons


def test_servers_are_those_of_their_container_alone() -> None:
    said = {
        "mcpServers": {"a": {"url": "x"}, "b": "text", "c": {}, "d": {"args": ["y"]}},
        "projects": {"/shop": {"mcpServers": {"e": {"url": "x"}}}, "/bare": {"x": "y"}, "z": "w"},
        "mcp": "none",
    }
    texts = slots(json.dumps(said).encode(), "json")
    assert list(servers(texts, ("mcpServers",))) == ["a", "d"]
    assert list(servers(texts, ("projects", "/shop", "mcpServers"))) == ["e"]
    assert servers(texts, ("mcp", "servers")) == {}
    assert folders(texts, "projects") == ("/shop", "/bare", "z")


@given(st.text(max_size=20), st.sampled_from([KEY, OTHER]), st.text(max_size=20))
def test_what_is_found_in_any_text_puts_it_together_again(before: str, key: str, after: str) -> None:
    text = f"{before} {key} {after}"
    found = server({"args": ["--x", text]}).held
    for one in found:
        assert f"{one.before}{one.key}{one.after}" == text
        assert key not in repr(one)
    assert len(found) == 1
    assert isinstance(found[0], Held)
