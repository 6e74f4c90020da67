"""A pretend Jenkins: the credentials of its own store and of folders, in domains.

Behaviour after jenkinsci/credentials-plugin (CredentialsStoreAction.java, ViewCredentialsAction.java,
SystemCredentialsProvider.java, docs/user.adoc) and jenkinsci/jenkins (Secret.java, AccessDeniedException3.java,
BasicHeaderProcessor.java): every secret reads `<secret-redacted/>`; what is posted is read field by field, so that a
redacted secret becomes the text around that element; another id is a failure; an accepted write answers nothing;
whoever may not view a store gets 404; refusals are pages, with the permission in a header.
"""

from __future__ import annotations

import base64
import html
import re
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import unquote
from xml.parsers import expat

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import RefusalError, Reply, Request

STRING = "org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl"
PASSWORD = "com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl"
# The fields of each class, in the order in which they are shown, and those of them that are secrets.
CLASSES = {
    STRING: (("scope", "id", "description", "secret"), {"secret"}),
    PASSWORD: (("scope", "id", "description", "username", "password"), {"password"}),
}
PLUGINS = {STRING: "plain-credentials@195.vb_906e9073dee", PASSWORD: "credentials@1415.v831096eb_5534"}
STORE = re.compile(r"((?:/job/[^/]+)*)/credentials/store/(system|folder)/domain/([^/]+)/(.+)")
CREDENTIAL = re.compile(r"credential/([^/]+)/config\.xml")
PERMISSION = "com.cloudbees.plugins.credentials.CredentialsProvider"
DEPTH = 2  # of a field: it stands in the credential
VIEW, CREATE, UPDATE = "View", "Create", "Update"
HTML = {"Content-Type": "text/html;charset=utf-8", "X-Content-Type-Options": "nosniff"}
OWN = {"X-Hudson": "1.395", "X-Jenkins": "2.528.2"}


@dataclass(slots=True)
class Credential:
    """One credential: its class, and its fields under their names, secrets as they are."""

    kind: str
    fields: dict[str, str] = field(repr=False)

    def shown(self) -> str:
        """Give it as XML without its secrets, as XStream prints it."""
        names, secret = CLASSES[self.kind]
        lines = [f'<{self.kind} plugin="{PLUGINS[self.kind]}">']
        for name in names:
            if name in secret:
                lines += [f"  <{name}>", "    <secret-redacted/>", f"  </{name}>"]
            elif name in self.fields:
                lines.append(f"  <{name}>{html.escape(self.fields[name])}</{name}>")
        return "\n".join([*lines, f"</{self.kind}>"])


@dataclass(slots=True)
class User:
    """A user's token, and what it may."""

    token: str = field(repr=False)
    permissions: set[str]


Domain = dict[str, Credential]


class JenkinsServer:
    """`stores`: by the folder's full name, empty for Jenkins' own; in each the domains, `_` being the global one."""

    name = "jenkins"
    bases = ("",)

    def __init__(self, clock: Clock) -> None:
        """Start with the store of the whole installation, and its global domain."""
        self.clock = clock
        self.url = ""
        self.stores: dict[str, dict[str, Domain]] = {"": {"_": {}}}
        self.users: dict[str, User] = {}

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals are pages."""
        user = self._user(request.headers.get("Authorization", ""))
        if user is None:
            return Reply(401, _page("Unauthorized"), {**HTML, "WWW-Authenticate": 'Basic realm="Jenkins"'})
        found = STORE.fullmatch(request.path)
        folder = "/".join(unquote(one) for one in found[1].split("/job/")[1:]) if found else ""
        store = self.stores.get(folder) if found and (found[2] == "folder") == bool(folder) else None
        domain = store.get(unquote(found[3])) if found and store and VIEW in user.permissions else None
        if found is None or domain is None:
            return Reply(404, _page("Not Found"), HTML)
        try:
            return self._within(domain, found[4], request, user)
        except RefusalError as refusal:
            return Reply(refusal.status, _page(refusal.message), {**HTML, **OWN, **refusal.headers})

    def _within(self, domain: Domain, rest: str, request: Request, user: User) -> Reply:
        if rest == "api/json" and request.query.get("tree") == "credentials[id]":
            rows = [{"id": name} for name in domain]
            kind = "com.cloudbees.plugins.credentials.CredentialsStoreAction$DomainWrapper"
            return Reply.of(200, {"_class": kind, "credentials": rows}, OWN)
        if rest == "createCredentials" and request.method == "POST":
            _need(user, CREATE)
            if not request.headers.get("Content-Type", "").startswith(("application/xml", "text/xml")):
                raise RefusalError(400, "This page expects a form submission")
            new = _read(request)
            if new.fields["id"] in domain:
                return Reply(409)
            domain[new.fields["id"]] = new
            return Reply(200)
        one = CREDENTIAL.fullmatch(rest)
        name = unquote(one[1]) if one else ""
        if name not in domain:
            raise RefusalError(404, "Not Found")
        if request.method == "GET":
            return Reply(200, domain[name].shown().encode(), {"Content-Type": "application/xml;charset=utf-8"})
        _need(user, UPDATE)
        new = _read(request)
        if new.fields["id"] != name:
            raise RefusalError(500, "Credentials' IDs do not match, will not update.")
        domain[name] = new
        return Reply(200)

    def _user(self, authorization: str) -> User | None:
        scheme, _, encoded = authorization.partition(" ")
        name, _, token = base64.b64decode(encoded).decode().partition(":") if scheme == "Basic" else ("", "", "")
        found = self.users.get(name)
        return found if found and found.token == token else None


def _need(user: User, permission: str) -> None:
    if permission not in user.permissions:
        raise RefusalError(403, "Access Denied", {"X-Required-Permission": f"{PERMISSION}.{permission}"})


def _read(request: Request) -> Credential:
    """Read a credential as Jenkins does: the text right in each known field, and what it does not know is dropped."""
    path, fields = list[str](), dict[str, str]()
    kinds: list[str] = []

    def begin(name: str, _: dict[str, str]) -> None:
        path.append(name)
        if len(path) == 1:
            kinds.append(name)
        elif len(path) == DEPTH:
            fields[name] = ""

    def text(more: str) -> None:
        if len(path) == DEPTH:
            fields[path[-1]] += more

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.CharacterDataHandler = begin, text
    parser.EndElementHandler = lambda _: path.pop()
    try:
        parser.ParseFile(BytesIO(request.body))
    except expat.ExpatError:
        raise RefusalError(500, "Failed to parse credential") from None
    if kinds[0] not in CLASSES:
        raise RefusalError(500, "No such class")
    names, _ = CLASSES[kinds[0]]
    return Credential(kinds[0], {name: found for name, found in fields.items() if name in names})


def _page(title: str) -> bytes:
    return f"<html><head><title>Error</title></head><body><h2>HTTP ERROR {title}</h2></body></html>".encode()
