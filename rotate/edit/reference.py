"""Whether a text is a value, or a reference that something replaces by a value: such a text is never overwritten.

Sources: the docs of Compose (`${NAME:-default}`), 1Password (`op://vault/item/field`), bank-vaults (`vault:path#key`),
vals (`ref+vault://…`), Helm and Jinja (`{{ … }}`), VS Code (`${env:NAME}`, `${input:id}`), GitHub (`${{ … }}`).
"""

from __future__ import annotations

import re

# `${NAME:default}` of Spring, `${NAME:-default}` of shells: what stands behind the name may be a key, and is not shown.
_SEALED = re.compile(r"\A(?:ENC[([]|encrypted:)")
_BRACES = re.compile(r"\$\{\{?\s*(?P<name>(?:(?:env|input|config|secrets?|file):)?[A-Za-z_][\w.]*)?", re.ASCII)
_TEMPLATE = re.compile(r"\{\{|\{%|<%|#\{|%\{")
_VARIABLE = re.compile(r"\$(?P<name>[A-Za-z_][A-Za-z0-9_]*)", re.ASCII)
_WHOLE = re.compile(r"\$(env:)?[A-Za-z_][A-Za-z0-9_]*|%[A-Za-z_][A-Za-z0-9_]*%", re.ASCII)
_STORE = re.compile(
    r"\b(?:op|(?:secret)?ref\+[a-z]+|keyring|akv|awssm|gcpsm|infisical)://[\w./#@-]*|\Avault:[\w./#@-]+", re.ASCII
)


def braces(text: str) -> str:
    """Name the `${NAME}` in a text; without what it says of a default, which may be a key. Nothing: an empty text."""
    found = _BRACES.search(text)
    return f"${{{found['name'] or '…'}}}" if found else ""


def variable(text: str) -> str:
    """Name the `$NAME` or `${NAME}` in a text, wherever it stands."""
    found = _VARIABLE.search(text)
    return braces(text) or (f"${found['name']}" if found else "")


def reference(text: str) -> str:
    """Name what is used in place of a text in a file that has no rule of its own for it. Nothing: an empty text."""
    if found := braces(text):
        return found
    if sealed := _SEALED.match(text):
        return f"{sealed[0]}…"
    if template := _TEMPLATE.search(text):
        return f"{template[0]} …"
    whole, store = _WHOLE.fullmatch(text.strip()), _STORE.search(text)
    return whole[0] if whole else store[0] if store else ""
