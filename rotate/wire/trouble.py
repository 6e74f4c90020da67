"""Why nothing came back: a name that does not resolve, a refusal, a proxy, a certificate, or too long a wait.

Of an exception's text nothing is told but OpenSSL's own words, a proxy's status, and the names in a certificate.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import httpx

from rotate.errors import Outcome, RotateError, one_line
from rotate.wire.network import Proxy
from rotate.wire.outcome import Cause, NoAnswerError

PAGE = "docs/networks.md"
NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.LocalProtocolError,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
AUTHENTICATE = 407
# What X509_verify_cert(3) says of a certificate that no further authority makes good.
OF_ANOTHER_TIME, OF_ANOTHER_HOST = frozenset({9, 10}), frozenset({62, 64})
LONGEST_NAME = 100
CA_BUNDLE = (
    "If your network inspects what passes, or {host} is your company's own, name the file of your company's "
    f"certificates (PEM); they are then trusted beside the system's ({PAGE}):\n\n"
    "    ca_bundle: .github/company-ca.pem"
)
RENEW = "Whoever runs {host}, or the proxy before it, has to renew its certificate; or this machine's clock is wrong."
OTHER_HOST = (
    "Look whether {host} is spelled as it should be (`api_host`, GITHUB_API_URL). If it is, something between answers "
    f"in its place: ask whoever runs your network ({PAGE})."
)
PROXY = (
    "Look at the variable {variable} where this runs, and whether the proxy lets {host} pass. A name and a password "
    f"stand before its host, from a secret ({PAGE}):\n\n"
    "    env:\n      HTTPS_PROXY: http://${{{{ secrets.PROXY_LOGIN }}}}@{proxy}"
)
REACH = (
    "Look whether {host} is spelled as it should be, and whether this machine may reach it: a company's network may "
    f"ask for a proxy ({PAGE}). Then run it again."
)
E = TypeVar("E", bound=RotateError)


class Why(NamedTuple):
    """What is told of it."""

    said: str
    cause: Cause = Cause.OTHER
    remedy: str = ""


def explained(error: httpx.HTTPError, host: str, proxy: Proxy | None, spent: float | None) -> NoAnswerError:
    """Judge what failed on the way to a host. `spent`: the seconds that it had in all, if they are over."""
    outcome = Outcome.NO_EFFECT if isinstance(error, NEVER_SENT) else Outcome.UNKNOWN
    if spent is not None:
        said = f"no whole answer came from {host}{_through(proxy)} within {spent:g} seconds"
        return NoAnswerError(outcome, type(error).__name__, said, Cause.LATE)
    why = next((why for one in _chain(error) if (why := _of_connection(one, host, proxy))), None)
    why = why or _of_answer(error, host, proxy)
    return NoAnswerError(outcome, type(error).__name__, *why)


def dressed(usual: E, error: NoAnswerError) -> E:
    """Give a failure the reason and the remedy of its cause, where that is no outage."""
    kind, message, remedy = type(usual), usual.message, error.remedy or usual.remedy
    if error.cause is Cause.CERTIFICATE:
        return kind("certificate-untrusted", message, remedy, outcome=usual.outcome)
    if error.cause is Cause.PROXY:
        return kind("proxy-failed", message, remedy, outcome=usual.outcome)
    return kind(usual.reason, message, remedy, outcome=usual.outcome)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and what led to it. The pool of connections raises what it caught `from None`, which leaves the
    context."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _of_connection(error: BaseException, host: str, proxy: Proxy | None) -> Why | None:
    """Judge one link of the chain. A name is looked up, and a connection refused, at the proxy where there is one."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _untrusted(error, host)
    if isinstance(error, ssl.SSLError):
        return Why(f"no TLS connection to {host} could be made{_through(proxy)}: {error.reason or 'no reason given'}")
    if isinstance(error, socket.gaierror | UnicodeError):
        said = "does not resolve"
    elif isinstance(error, ConnectionRefusedError):
        said = "refuses connections"
    elif isinstance(error, httpx.ConnectTimeout):
        said = "could not be reached in time"
    else:
        return None
    return _of_proxy(proxy, host, said) if proxy else Why(f"{host} {said}", remedy=REACH.format(host=host))


def _of_answer(error: httpx.HTTPError, host: str, proxy: Proxy | None) -> Why:
    if isinstance(error, httpx.ProxyError) and proxy:
        return _of_proxy(proxy, host, f"answers {_status(error)}")
    if isinstance(error, httpx.TimeoutException):
        return Why(f"nothing came from {host}{_through(proxy)} for too long")
    return Why(f"{type(error).__name__} on the way to {host}{_through(proxy)}")


def _of_proxy(proxy: Proxy, host: str, said: str) -> Why:
    remedy = PROXY.format(host=host, variable=proxy.variable, proxy=proxy.name)
    return Why(f"the proxy {proxy.name} (from {proxy.variable}) {said}", Cause.PROXY, remedy)


def _through(proxy: Proxy | None) -> str:
    return f" through the proxy {proxy.name}" if proxy else ""


def _status(error: httpx.ProxyError) -> str:
    """Give the status alone: the words beside it are the proxy's own."""
    status = str(error).partition(" ")[0]
    wants = ": it wants a name and a password, or others" if status == str(AUTHENTICATE) else ""
    return f"HTTP {status}{wants}"


def _untrusted(error: ssl.SSLCertVerificationError, host: str) -> Why:
    """Name the host whose certificate it is, the check that failed, and who signed it."""
    host, *issuers = [one_line(note, LONGEST_NAME) for note in getattr(error, "__notes__", ())] or [host]
    signed = f"; it is signed by “{issuers[0]}”" if issuers else ""
    above = f", below “{issuers[-1]}”" if len(set(issuers)) > 1 else ""
    remedy = CA_BUNDLE
    if error.verify_code in OF_ANOTHER_TIME:
        remedy = RENEW
    if error.verify_code in OF_ANOTHER_HOST:
        remedy = OTHER_HOST
    said = f"the certificate of {host} is not trusted: {one_line(error.verify_message)}{signed}{above}"
    return Why(said, Cause.CERTIFICATE, remedy.format(host=host))
