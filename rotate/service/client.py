"""One request to a service, whose answer is either usable or a worded failure."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from rotate.errors import RotateError
from rotate.means import Means
from rotate.problems import Problems
from rotate.secret import Secret
from rotate.service import words
from rotate.service.description import Ask, Service
from rotate.service.pace import Governor
from rotate.wire.network import Network
from rotate.wire.outcome import Answer, NoAnswerError, without


class Client:
    """Asks one service in one run. To make it contacts nobody; `means.hide` hears the credential first.

    `login` gives the credential in place of a stored one, when it is first needed, once in a run: see
    `rotate.service.identity`. `network`: how it is reached, where that differs from all others.
    """

    def __init__(
        self,
        service: Service,
        means: Means,
        login: Callable[[], Secret] | None = None,
        network: Network | None = None,
    ) -> None:
        self.service = service
        unsaid = Problems()  # `lacks` says them before anything is opened
        token = Secret("") if login else service.token(means.environment, unsaid)
        if token:
            means.hide(token)
            if service.style.user is not None:
                means.hide(service.style.carried(token))
        self._token: Callable[[], Secret] = lambda: token
        if login:
            self._token = partial(means.once, f"login to {service.kind}", login)
        self._turn: Callable[[], AbstractContextManager[None]] = nullcontext
        if service.pace:
            self._turn = means.once(f"pace of {service.kind}", partial(Governor, service.pace, means.clock)).turn
        self._url = service.url(means.environment, unsaid)
        self._api = means.api(self._url, network)

    def ask(self, one: Ask) -> Answer:
        """Send one request and give its answer: 2xx with JSON or nothing, or a status that it `takes`.

        Raises:
            Refused: a read was refused as a guard would say it (401, 403, 404). DestinationError: any other failure;
                its `outcome` says what is known of a write. RotateError: `hindered` said why not, or the login failed.
        """
        token = Secret("") if one.anonymous else self._token()
        try:
            answer = self._api.call(
                one.verb,
                one.target,
                token,
                one.body,
                idempotent=one.again,
                style=one.style or self.service.style,
                hindered=one.hindered,
                turn=self._turn,
            )
        except NoAnswerError as error:
            raise words.silent(self.service, one, error) from None
        if failure := self.failure(one, answer):
            raise failure
        return answer

    def failure(self, one: Ask, answer: Answer) -> RotateError | None:
        """Word what is wrong with an answer; nothing where it can be used."""
        said = without(one.value, answer.text) if one.value else answer.text
        return words.failure(self.service, one, answer, said, self._url)
