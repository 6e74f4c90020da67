"""One config var: overwritten by a change that names it alone, read back and compared, and seen to be what runs.

Sources (Heroku's API schema, `config-var`): a PATCH changes the names that it has and no other; what is read is the
whole map, so a name that it lacks is absent. A write makes a release at once. While that one is pending, or if it
failed, the app goes on with the release before, whose config vars hold the previous value: so what is stored counts at
the last look only where the current release has it too. What an add-on's attachment owns cannot be set ("Cannot
overwrite attachment values", heroku-config issue 32); `add-on.config_vars` names it beforehand.
"""

from __future__ import annotations

from rotate.address import Address
from rotate.errors import DestinationError, Outcome, Refused
from rotate.means import Means
from rotate.ports import Deploy, Hindered, Receipt, Stage
from rotate.protocol.facts.destination import DestinationFacts, Mark
from rotate.secret import Secret
from rotate.service import words
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored
from rotate.systems.heroku.app import App, texts
from rotate.systems.heroku.system import SERVICE


class ConfigVar(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._app, self._key = App(address.where, means), address.name

    def observe(self) -> DestinationFacts:
        """Read it, refuse what an add-on owns, and see that the releases can be read."""
        facts = super().observe()
        if owner := self._app.owner(self._key):
            raise Refused(
                "destination-owned",
                f"{self.name} belongs to the add-on {owner}, and nobody else can set it. Nothing was changed there.",
                "Take a config var of another name, or the place from which the add-on has its value.",
            )
        self._app.releases()
        return facts

    def read(self) -> Stored | None:
        """Read it."""
        doing = f"read {self.name}"
        variables = self._app.variables(doing)
        value = variables.get(self._key)
        if self._key in variables and not isinstance(value, str):
            raise words.unexpected(SERVICE, doing, "with a config var that is no text")
        return Stored(Secret(value)) if isinstance(value, str) else None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Send the one name. The same request sets it anew and creates it."""
        del over
        doing, body = f"write {self.name}", {self._key: secret.reveal()}
        path = f"{self._app.path}/config-vars"
        answer = self._app.client.ask(Ask("PATCH", path, doing, body=body, hindered=hindered, value=secret))
        if self._key not in texts(answer, doing, Outcome.UNKNOWN):
            raise words.unexpected(SERVICE, doing, "without the config var that was set", Outcome.UNKNOWN)

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Mark:
        """Read it back; a release of it that has failed already will never run."""
        mark = super().confirm(before, receipt)
        deploy, _ = self._app.runs(self._key)
        if deploy.stage is Stage.FAILED:
            raise self._not_run(deploy)
        return mark

    def written(self) -> Mark | None:
        """Say what stands there and runs: before a key dies, the app must be on a release with the other one."""
        mark = super().written()
        if mark is not None:
            deploy, _ = self._app.runs(self._key)
            if deploy.stage is not Stage.DONE:
                raise self._not_run(deploy)
        return mark

    def _not_run(self, deploy: Deploy) -> DestinationError:
        return DestinationError(
            "redeploy-failed" if deploy.stage is Stage.FAILED else "redeploy-unfinished",
            f"{self.name} holds the value, and {self._app.title} does not run with it: {deploy.told}. "
            "Its dynos have the value before.",
            "Mend what stopped the release (or wait for it), and see that a newer one succeeds; then run this again. "
            "Nothing is revoked until then.",
            outcome=Outcome.UNKNOWN,
        )
