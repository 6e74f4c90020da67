"""What a plain HTTP service is asked with, and what its answers mean: the same words for every system.

401, 403, 404, 409, 412, 422 and other refusals      no effect (unknown after a try whose effect is unknown)
429                                                  no effect: it was not acted upon
redirects, 5xx, no answer, an answer cut short       unknown, where something was written
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rotate.errors import ConfigurationError, DestinationError, Outcome, Refused, RotateError, one_line
from rotate.means import Means
from rotate.ports import Hindered
from rotate.problems import Problems
from rotate.secret import Secret
from rotate.settings.parse import secret, url, without_values
from rotate.wire.outcome import SUCCESS, Answer, NoAnswerError
from rotate.wire.trouble import dressed

REDIRECTS, REFUSALS = range(300, 400), range(400, 500)
# What services call their own words.
SAID = ("message", "error_description", "error", "errors", "detail")
LONGEST = 200


class Service(NamedTuple):
    """One service. `urls`: the variables that may say where it is, beside our own; `usual`: where it is else. `path`:
    the path of its API. `tokens`: the variables of its token, the first that is set counts. `right`: what the token
    needs, and where it is made."""

    kind: str
    title: str
    urls: tuple[str, ...]
    usual: str
    path: str
    tokens: tuple[str, ...]
    right: str

    def base(self, environment: Mapping[str, str], problems: Problems) -> str:
        """Give the URL of its API; a path before that of the API stays."""
        ours = f"NEON_ROTATE_{self.kind.upper().replace('-', '_')}_URL"
        name = next((one for one in (ours, *self.urls) if environment.get(one, "").strip()), "")
        return url(environment[name].strip(), name, problems) + self.path if name else self.usual + self.path

    def token(self, environment: Mapping[str, str], problems: Problems) -> Secret:
        """Give its token, which must be there."""
        name = next((one for one in self.tokens if environment.get(one, "").strip()), "")
        found = secret({name: environment.get(name, "").strip()}, name, problems) if name else None
        if found is None:
            wanted = self.tokens[0]
            message = f"The environment variable {wanted} is missing or blank: {self.title} is asked with its token."
            remedy = f"{self.right}\n\n    env:\n      {wanted}: ${{{{ secrets.{wanted} }}}}"
            problems.add(ConfigurationError("destination-token-missing", message, remedy))
        return found or Secret("")

    def lacks(self, environment: Mapping[str, str]) -> tuple[RotateError, ...]:
        """Say what is wrong with what the environment has for it."""
        problems = Problems()
        self.base(environment, problems)
        self.token(environment, problems)
        return tuple(problem for _, problem in problems.found)


class Asking:
    """Asks one service with its token, about one place, which every message names."""

    def __init__(self, service: Service, means: Means, place: str) -> None:
        unsaid = Problems()  # `lacks` says them before anything is opened
        self._service, self._place = service, place
        self._token = service.token(means.environment, unsaid)
        means.hide(self._token)
        self._api = means.api(service.base(means.environment, unsaid))

    def ask(
        self,
        verb: str,
        path: str,
        doing: str,
        body: object = None,
        *,
        again: bool = True,
        hindered: Hindered | None = None,
    ) -> Answer:
        """Send one request; `again`: it may be repeated, but never while `hindered` says why not. `doing`: what it is
        for, as in *could not …*.

        Raises:
            DestinationError: no answer came; its outcome tells what is known of the effect. RotateError: it was
                hindered before it was first sent.
        """
        try:
            return self._api.call(verb, path, self._token, body, idempotent=again, hindered=hindered)
        except NoAnswerError as error:
            message = f"Could not {doing} of {self._place}: {self._service.title} did not answer ({error.said})."
            told = DestinationError("destination-unreachable", message, "Run it again.", outcome=error.outcome)
            raise dressed(told, error) from None

    def row(self, answer: Answer, doing: str, *, wrote: bool = False) -> dict[str, object]:
        """Give the object that an answer holds. Raises the refusal that the answer is, or that it holds none."""
        found = answer.json()
        if answer.status in SUCCESS and isinstance(found, dict):
            return found
        raise self.refusal(answer, doing, wrote=wrote)

    def refusal(self, answer: Answer, doing: str, *, wrote: bool = False) -> RotateError:
        """Turn an answer that is no success, or no JSON object, into a failure with its remedy. Where something was
        written the outcome counts, and it is never a guard's no."""
        found = self._refusal(answer, f"Could not {doing} of {self._place}: ")
        if not wrote:
            return found
        outcome = Outcome.UNKNOWN if answer.outcome is Outcome.APPLIED else answer.outcome
        return DestinationError(found.reason, found.message, found.remedy, outcome=outcome)

    def _refusal(self, answer: Answer, failed: str) -> RotateError:
        said, right = f"{failed}{self._service.title} answers {self._said(answer)}.", self._service.right
        match answer.status:
            case 401:
                wrong = f"The token is wrong, revoked or has expired. {right}"
                return Refused("destination-token-invalid", said, wrong)
            case 403:
                return Refused("destination-permission-missing", said, right)
            case 404:
                return Refused("destination-not-found", said, f"Check the spelling of the address. {right}")
            case 429:
                wait = answer.headers.get("retry-after", "")
                when = f"in {wait} seconds" if wait.isdigit() else "in a few minutes"
                return DestinationError("destination-busy", said, f"Nothing was done. Run it again {when}.")
            case status if status in REDIRECTS:
                where = f"Nothing was sent there. Say where {self._service.title} is, without a redirect."
                return DestinationError("destination-redirects", said, where)
            case status if status in REFUSALS:
                mend = "It will refuse the same again: mend what its message names."
                return DestinationError("destination-refused", said, mend)
            case _:
                proxy = "Run it again. What answers may be a proxy between the two."
                return DestinationError("destination-unexpected-answer", said, proxy)

    def _said(self, answer: Answer) -> str:
        """Quote the status, and of its words those under the names that services use, without what may be a value."""
        found = answer.json()
        words = [found[name] for name in SAID if found.get(name)] if isinstance(found, dict) else []
        text = one_line(without_values(str(words[0])))[:LONGEST] if words else ""
        shape = "" if found is not None else " with no JSON"
        return f"HTTP {answer.status}{shape}" + (f" ({text})" if text else "")
