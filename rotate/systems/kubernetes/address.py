"""Addresses of keys of Kubernetes Secrets: `kubernetes://<namespace>/<secret>?context=<context>#<key>`.

Sources: Kubernetes' documentation, "Object Names and IDs" (a namespace is a label of RFC 1123, a Secret's name a
subdomain), "Secrets" (keys of `data`); k8s.io/apimachinery pkg/util/validation (lengths).
"""

from __future__ import annotations

import re

from rotate.address import Address

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAMESPACE, _SECRET = re.compile(rf"(?=.{{1,63}}\Z){_LABEL}"), re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_KEY = re.compile(r"(?!\.\.?\Z|\.\.)[A-Za-z0-9._-]{1,253}")


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    namespace, _, secret = address.where.partition("/")
    if not (address.slashes and _NAMESPACE.fullmatch(namespace) and _SECRET.fullmatch(secret)):
        return "it names a namespace and a Secret there: `kubernetes://payments/neon`"
    if not address.options.get("context", "-").isprintable():
        return "`context` is the name of a context of the kubeconfig"
    return "" if not address.name or _KEY.fullmatch(address.name) else "a key has letters, digits, `-`, `_` and `.`"
