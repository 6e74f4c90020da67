"""From the inputs and the environment to how this machine reaches others. Nothing is contacted.

What cannot be read is a configuration error that names the variable. Only an unreadable entry of `NO_PROXY` is passed
over with a warning: to leave it out may cost a detour, and other programs on the machine pass it over too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from rotate.errors import ConfigurationError
from rotate.ports import Hide
from rotate.secret import Secret
from rotate.settings.kinds import LOOKS
from rotate.settings.parse import shown
from rotate.wire.network import EVERYWHERE, Direct, Network, Proxy

HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
# `requests` and curl read the second and the third.
FILES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
DIRECT = ("no_proxy", "NO_PROXY")
USUAL_PORTS = {"http": 80, "https": 443}
LARGEST = 16 * 1024 * 1024
CA_BUNDLE = "    ca_bundle: .github/company-ca.pem"
IN_A_CONTAINER = (
    "In the action's container only the workspace can be read: keep the file in the repository, check it out, and name "
    f"it from the workspace on:\n\n{CA_BUNDLE}"
)


class Found(NamedTuple):
    """What was read. `warnings`: what was passed over."""

    network: Network
    problems: tuple[ConfigurationError, ...] = ()
    warnings: tuple[ConfigurationError, ...] = ()


def network_of(raw: Mapping[str, str], workspace: str, environment: Mapping[str, str], hide: Hide) -> Found:
    """Read it all. `hide` hears the password of a proxy before anything else can tell it."""
    bundle = raw.get("ca_bundle", "")  # what looks like a key is no file's name: `kinds` says so
    problems: list[ConfigurationError] = []
    warnings: list[ConfigurationError] = []
    network = Network(
        _proxy(environment, hide, problems),
        tuple(_direct(environment, warnings)),
        *_trusted("" if LOOKS.search(bundle) else bundle, Path(workspace or "."), environment, problems),
    )
    return Found(network, tuple(problems), tuple(warnings))


def _proxy(environment: Mapping[str, str], hide: Hide, problems: list[ConfigurationError]) -> Proxy | None:
    variable = next((name for name in PROXIES if environment.get(name, "").strip()), "")
    text = environment.get(variable, "").strip()
    if not text:
        return None
    parts = _parts(text)
    if parts is None:
        message = (
            f"The variable {variable} is set for a proxy, but is no address of one: it takes http:// or https://, a "
            "host and a port (what it holds is not shown). SOCKS is not spoken."
        )
        remedy = f"    env:\n      {variable}: http://proxy.example:3128"
        problems.append(ConfigurationError("proxy-invalid", message, remedy))
        return None
    host, password = parts.hostname or "", unquote(parts.password or "")
    for secret in {parts.password or "", password} - {""}:
        hide(Secret(secret))
    at = f"{f'[{host}]' if ':' in host else host}:{parts.port or USUAL_PORTS[parts.scheme]}"
    return Proxy(f"{parts.scheme}://{at}", at, variable, unquote(parts.username or ""), Secret(password))


def _parts(text: str) -> SplitResult | None:
    """Take a proxy's address apart; `None` where it is none."""
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host = parts.hostname or ""
        usable = parts.scheme in USUAL_PORTS and parts.port != 0 and (_address(host) or HOST.fullmatch(host))
    except ValueError:
        return None
    return parts if usable else None


def _direct(environment: Mapping[str, str], warnings: list[ConfigurationError]) -> Iterator[Direct]:
    variable = next((name for name in DIRECT if environment.get(name, "").strip()), "")
    for entry in re.split(r"[,\s]+", environment.get(variable, "")):
        found = _entry(entry) if entry else ()
        if found is None:
            message = (
                f"The entry `{shown(entry)}` of {variable} is no host, domain, address or range, and was passed over."
            )
            remedy = (
                f"Take it out of {variable} where this runs, or write it as:\n\n    localhost,.example.com,10.0.0.0/8"
            )
            warnings.append(ConfigurationError("proxy-entry-unreadable", message, remedy))
        elif found:
            yield found


def _entry(text: str) -> Direct | None:
    """Read `*`, a name (with `.` or `*.` before it or not), an address or a range of them; a port is passed over."""
    text = text.rpartition("://")[2]
    if text == EVERYWHERE:
        return text
    bracketed = re.fullmatch(r"\[([^\]]+)\](/\d+)?(?::\d+)?", text)
    with suppress(ValueError):
        return ip_network(bracketed[1] + (bracketed[2] or "") if bracketed else text, strict=False)
    with suppress(ValueError):
        return ip_network(text.partition(":")[0], strict=False)
    name = re.sub(r":\d+$", "", text).removeprefix("*").strip(".").lower()
    return name if HOST.fullmatch(name) else None


def _address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _trusted(
    bundle: str, workspace: Path, environment: Mapping[str, str], problems: list[ConfigurationError]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give certificates, and folders of them: of the input, and of the variables that other programs read."""
    named = {"`ca_bundle`": workspace / bundle} if bundle else {}
    named |= {name: Path(environment[name].strip()) for name in FILES if environment.get(name, "").strip()}
    folders = environment.get("SSL_CERT_DIR", "").split(":")
    texts: dict[str, None] = {}
    for name, path in named.items():
        if path.is_dir() and not name.startswith("`"):
            folders.append(str(path))
            continue
        found = _certificates(path)
        if found.startswith("-"):
            texts[found] = None
            continue
        message = (
            f"{name} names the file {shown(str(path if name in FILES else bundle))} of certificates, which {found}."
        )
        remedy = IN_A_CONTAINER if name in FILES else f"Name a PEM file of the workspace:\n\n{CA_BUNDLE}"
        problems.append(ConfigurationError("certificates-unreadable", message, remedy))
    return tuple(texts), tuple(folder for folder in folders if folder and Path(folder).is_dir())


def _certificates(path: Path) -> str:
    """Give the certificates of a file in PEM; else, what is wrong with it. Whatever else stands in it is left there."""
    import ssl

    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    blocks = CERTIFICATE.findall(data)
    if len(data) > LARGEST or not blocks:
        binary = " (it is one in DER: `openssl x509 -inform der -in FILE -out FILE.pem` makes a PEM of it)"
        return f"holds no certificate in PEM{binary if data[:1] == b'0' else ''}"
    text = b"\n".join(blocks).decode() + "\n"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except ssl.SSLError:
        return "holds a certificate that is damaged"
    return text
