"""What a program of somebody's own puts somewhere: it gets the value on its standard input, and its exit code says what
came of it.

    put      standard input: the value         0: it stands there, and is used. 75: nobody knows. Else: nothing changed
    prove    standard input: the value         0: this is what stands there. Else it is not
    observe  standard input: nothing           75: it cannot tell. Else the exit code says nothing by itself

The first is asked of the program of the address, the others of the one behind `?prove=`. Asked either, that one may
print the SHA-256 of what stands there, in 64 hexadecimal digits at the begin of a line: with 0, that counts. So a
program that only prints it, whatever it is asked, proves too.

75 is `EX_TEMPFAIL` of BSD's sysexits(3). A program that is ended by a signal, or at the end of its time, leaves the
outcome unknown too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rotate.address import Address
from rotate.errors import DestinationError, InvariantViolated, Outcome, RotateError
from rotate.machine import this_machine
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.destination import DestinationFacts, Held, Mark
from rotate.secret import FINGERPRINT_LENGTH, Secret
from rotate.service.readable import ANOTHERS
from rotate.systems.command.process import Ended, run
from rotate.systems.command.program import PROVE, found, handed_on, passed, seconds
from rotate.systems.command.quoting import quoted

NOTHING = Secret("")
DONE, UNKNOWN = 0, 75
SHA256 = re.compile(r"^([0-9a-f]{64})(?![0-9A-Za-z])", re.MULTILINE)
AGAIN = "Mend what it complains of, or the program; then run this again: it is given the key once more."


class Command:
    """Implements `ports.Destination`, and hears the key's id (`ports.TakesKeyId`)."""

    def __init__(self, address: Address, means: Means) -> None:
        self.name = str(address)
        self._at, self._means = address, means
        self._prover = address.options.get(PROVE, "")
        self._put: Secret | None = None
        self._next_id = self._key_id = ""

    def take_key_id(self, key_id: int) -> None:
        """Hear which key the next value is of."""
        self._next_id = str(key_id)

    def observe(self) -> DestinationFacts:
        """Ask the proving program what stands there. Without one, or where it cannot tell: that something may."""
        return DestinationFacts(None, holds=self._look(), proves=bool(self._prover))

    def put(self, secret: Secret, hindered: Hindered | None = None) -> Receipt:
        """Hand the value to the program.

        Raises:
            DestinationError: it could not be started, or did not end with 0.
        """
        if not secret:
            raise InvariantViolated("put-too-early", f"{self.name} was to be written without a value.")
        if why := hindered and hindered():
            raise why
        # Of a value whose id nobody tells, the id of the one before is not told either.
        self._put, self._key_id, self._next_id = secret, self._next_id, ""
        ended = self._run(self._at.where, "put", secret)
        if ended.code == DONE:
            return Receipt(None)
        said = f"The program of {self.name} did not put the key in its place: {ended.how}."
        if ended.code in (None, UNKNOWN):
            message = f"{said} Whether the key stands there is not known.{self._said(ended)}"
            raise DestinationError("command-undecided", message, AGAIN, outcome=Outcome.UNKNOWN)
        message = f"{said} By that, nothing was changed there.{self._said(ended)}"
        raise DestinationError("command-failed", message, AGAIN)

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Mark:
        """Let the proving program compare. Without one, exit code 0 of the other is all the proof that there is."""
        del before
        if not self._prover:
            if receipt is None:
                raise self._not_confirmed("no exit code told that it stands there, and no program proves it (`prove`).")
            return Held()
        put = self._put or NOTHING
        ended = self._ask("prove", put)
        if not _ours(ended, put):
            raise self._not_confirmed(f"the program that proves it does not say so: {ended.how}.{self._said(ended)}")
        return Held(put.fingerprint)

    def written(self) -> Mark:
        """Ask again what stands there: by its digest, else whether it is what this run has put."""
        seen = self._look()
        if seen.fingerprint or not (self._prover and self._put):
            return seen
        return Held(self._put.fingerprint if _ours(self._ask("prove", self._put), self._put) else ANOTHERS)

    def _look(self) -> Held:
        """Give whose value stands there, as far as the proving program tells; a program that only compares does not."""
        if not self._prover:
            return Held()
        return Held(_digest(self._ask("observe", NOTHING)))

    def _ask(self, verb: str, secret: Secret) -> Ended:
        """Ask the proving program. Raises `DestinationError` where it has no answer."""
        ended = self._run(self._prover, verb, secret)
        if ended.code in (None, UNKNOWN):
            raise DestinationError(
                "command-undecided",
                f"The program that proves {self.name} could not tell what stands there: {ended.how}."
                f"{self._said(ended)}",
                "See that it reaches what it looks at, and ends in time (`timeout`); then run this again.",
                outcome=Outcome.UNKNOWN if verb == "prove" else Outcome.NO_EFFECT,
            )
        return ended

    def _run(self, program: str, verb: str, secret: Secret) -> Ended:
        """Run one of the two programs. Raises `DestinationError` where it cannot be started."""
        environment = self._means.environment
        file = found(program, this_machine(environment))
        try:
            if file is None:
                raise FileNotFoundError(2, "it is not there, or may not be executed")
            given = self._context(verb, secret)
            return run(file, secret.reveal().encode(), given, seconds(self._at), self._means.clock)
        except OSError as error:
            raise self._not_started(program, error) from None

    def _context(self, verb: str, secret: Secret) -> Mapping[str, str]:
        """Give the environment of a program: what is its own, and what it is asked. Never the value."""
        return {
            **handed_on(self._at, self._means.environment, secret.reveal()),
            "NEON_ROTATE_ADDRESS": self.name,
            "NEON_ROTATE_VERB": verb,
            "NEON_ROTATE_FINGERPRINT": secret.fingerprint if secret else "",
            "NEON_ROTATE_KEY_ID": self._key_id if secret else "",
        }

    def _said(self, ended: Ended) -> str:
        named = (self._means.environment.get(name, "") for name in passed(self._at))
        return quoted(ended.said, [self._put.reveal() if self._put else "", *named])

    def _not_started(self, program: str, error: OSError) -> RotateError:
        return DestinationError(
            "command-not-started",
            f"The program {program} of {self.name} could not be started: {error.strerror}. Nothing was changed there.",
            "See that it is a program of this system which this user may execute; a script begins with `#!` and an "
            "interpreter that is there.",
        )

    def _not_confirmed(self, why: str) -> DestinationError:
        message = f"The write of {self.name} is not confirmed: {why}"
        remedy = "Look what stands there, then run this again: the program is given the value once more."
        return DestinationError("write-not-confirmed", message, remedy, outcome=Outcome.UNKNOWN)


def _digest(ended: Ended) -> str:
    """Give the fingerprint of what stands there, where a program has told it."""
    told = SHA256.search(ended.said) if ended.code == DONE else None
    return told[1][:FINGERPRINT_LENGTH] if told else ""


def _ours(ended: Ended, put: Secret) -> bool:
    """Say whether what was put stands there, by a digest that was printed, else by the exit code."""
    return ended.code == DONE and _digest(ended) in ("", put.fingerprint)
