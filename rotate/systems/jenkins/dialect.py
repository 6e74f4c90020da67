"""How Jenkins is asked, and what it says: XML both ways, and pages where it refuses.

Sources (jenkinsci/jenkins): core/src/main/java/hudson/security/AccessDeniedException3.java: a refusal names the
permission in `X-Required-Permission`; jenkins/security/BasicHeaderProcessor.java: a wrong token is 401;
hudson/security/csrf/CrumbFilter.java: a POST without a crumb, which an API token does not need, is 403, and its page
says so; hudson/Functions.java (`advertiseHeaders`): `X-Jenkins` on pages of its own. Of a page nothing is told.
"""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus

from rotate.wire.http import Style, basic
from rotate.wire.outcome import REFUSAL, SUCCESS, Answer

XML = "application/xml; charset=utf-8"
MARKS = ("x-jenkins", "x-required-permission")
REALM = 'realm="Jenkins"'
CRUMB = "No valid crumb was included in the request"
PERMISSION = "com.cloudbees.plugins.credentials.CredentialsProvider."


class Dialect(Style):
    """A style whose bodies are XML, as text."""

    __slots__ = ()

    @classmethod
    def by(cls, user: str) -> Dialect:
        """Give the style of a user, whose token goes by HTTP Basic."""
        return cls._make(basic(user)._replace(headers={"Content-Type": XML}, read=understood))

    @property
    def looking(self) -> Dialect:
        """Give the style of a read, where 404 is whoever's: what is absent is proven by another answer."""
        return self._replace(read=looked)

    def sent(self, body: object) -> tuple[dict[str, str], str | None]:
        """Send a text as it is."""
        headers, text = super().sent(body)
        return headers, body if isinstance(body, str) else text


def looked(answer: Answer) -> Answer:
    """Give the answer to a read in the usual form."""
    return replace(answer, text="") if answer.status == HTTPStatus.NOT_FOUND else understood(answer)


def understood(answer: Answer) -> Answer:
    """Give an answer in the usual form: XML as a JSON object with one text, and of Jenkins' own pages the reason."""
    if answer.status in SUCCESS:
        xml = "xml" in answer.headers.get("content-type", "")
        return replace(answer, text=json.dumps({"xml": answer.text})) if xml else answer
    if answer.status in REFUSAL and _own(answer):
        return replace(answer, text=json.dumps({"message": _reason(answer)}))
    return answer


def _own(answer: Answer) -> bool:
    """Say whether a page is Jenkins' own."""
    marked = any(name in answer.headers for name in MARKS)
    return marked or REALM in answer.headers.get("www-authenticate", "") or CRUMB in answer.text


def _reason(answer: Answer) -> str:
    if CRUMB in answer.text:
        return "it asks for a crumb, which an API token does not need and a password does"
    permission = answer.headers.get("x-required-permission", "")
    return f"the user lacks the permission {permission.replace(PERMISSION, 'Credentials/')}" if permission else ""
