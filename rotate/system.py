"""What one outside system can do, told in one place: the engine, the settings and the commands work on that alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rotate.address import Address

if TYPE_CHECKING:
    from rotate.context import Context
    from rotate.errors import RotateError
    from rotate.fields import Field, Input
    from rotate.line import Line
    from rotate.machine import Machine, Sighting
    from rotate.means import Means
    from rotate.ports import Hide
    from rotate.problems import Problems

Texts: TypeAlias = Mapping[str, str]


class Proof(StrEnum):
    """How a write is shown to stand: the strongest means that the system has."""

    VALUE = "the value, read back and compared"
    TAIL = "its last characters"
    DIGEST = "its digest"
    VERSION = "its version"
    TIME = "the time of the write"
    ACCEPTED = "the accepted answer alone"


class PickUp(StrEnum):
    """When a consumer sees a new value."""

    AT_READ = "whenever it reads it"
    NEXT_JOB = "with its next job"
    NEXT_DEPLOY = "with its next deploy"
    RESTART = "after a restart"


class Traits(NamedTuple):
    """What a system declares of its destinations. `creates`: it can create one, where somebody says that it is meant.
    `compare_and_set`: two writers at once do not overwrite each other unseen. `keeps`: what a write leaves as it was.
    `else_proof`: how its other kind of places shows a write, where that differs. `notes`: it can keep a note and a
    lock. `lists`: it can list who holds a secret of a name. `readers`: it tells which runs may still hold an earlier
    value. `redeploys`: it can start anew what runs with an earlier value. `else_picked_up`: when a consumer sees the
    value of places that begin so, where that differs."""

    proof: Proof
    picked_up: PickUp
    creates: bool = False
    compare_and_set: bool = False
    keeps: tuple[str, ...] = ()
    notes: bool = False
    lists: bool = False
    readers: bool = False
    else_proof: Proof | None = None
    redeploys: bool = False
    else_picked_up: Mapping[str, PickUp] = MappingProxyType({})

    def when(self, name: str) -> PickUp:
        """Say when a consumer sees the value of one place; `name` is its address."""
        where = name.partition("://")[2]
        return next((one for form, one in self.else_picked_up.items() if where.startswith(form)), self.picked_up)

    def late(self, name: str) -> bool:
        """Say whether what runs with the value of one place keeps it until it is started anew."""
        return self.when(name) in (PickUp.NEXT_DEPLOY, PickUp.RESTART)


class Place(NamedTuple):
    """One destination as it was asked for, checked.

    `name`: its address; empty while it is not known, and where it is `patterned`: it stands for several that only the
    system can name. `spot` tells it from every other place of the system. `owner`: whose it is; new keys are named
    after the first place's. `names_credential`: the credential has this name, if nobody gives it another. `creates`: a
    first rotation may create it. `terms`: what else was asked of it, which must be the same wherever it stands; `own`:
    what the system itself knows of it. `redeploy`: a write there stands once what runs with the value was started anew,
    which may take so long.
    """

    kind: str
    name: str
    spot: tuple[str, ...]
    owner: str = ""
    names_credential: str = ""
    creates: bool = False
    patterned: bool = False
    terms: tuple[object, ...] = ()
    own: object = None
    redeploy: timedelta | None = None


class Keeper(NamedTuple):
    """Who keeps the note and the lock: a system, and where in it. `host` and `number` tell its lineages from all
    others; a number of 0 is not known yet."""

    kind: str
    where: str
    host: str = ""
    number: int = 0


class Reader(ABC):
    """How texts become places of one system. Nothing is contacted.

    `examples`: addresses to paste. `common`: which inputs count for an address too. `where`: which fields say where a
    place is, in an address's stead. `homeless` says that places of this system alone cannot keep a note.
    """

    examples: tuple[str, ...] = ()
    common: tuple[str, ...] = ("secret_name", "create")
    where: tuple[str, ...] = ()
    homeless: str = "Nothing says where the note and the lock are kept: no destination has a place for them."

    @abstractmethod
    def of_address(self, at: Address) -> dict[str, str]:
        """Give the texts that an address is the short form of. Raises `ValueError`, with what is wrong about it."""

    @abstractmethod
    def of_fields(self, texts: Texts, context: Context) -> list[dict[str, str]]:
        """Give the texts of every place that one destination of a policy file means."""

    @abstractmethod
    def place(self, raw: Texts, texts: Texts, context: Context, problems: Problems) -> Place:
        """Check one place. `raw`: what was said of the whole credential."""

    @abstractmethod
    def keeper(self, places: Sequence[Place], context: Context) -> Keeper | None:
        """Give who can keep the note, of these places or where the run happens; `None`: nobody can."""


class UsualReader(Reader):
    """The reader of the system that has inputs of its own; of them `login` says who asks, each in the others' stead."""

    inputs: tuple[Input, ...]
    login: tuple[str, ...]

    @abstractmethod
    def of_inputs(self, raw: Texts, context: Context, *, alone: bool) -> list[dict[str, str]]:
        """Give the texts of every place that its inputs mean. `alone`: no address is given beside them."""

    @abstractmethod
    def share(self, raw: Texts, problems: Problems, needed: Callable[[], str] | None) -> object:
        """Read what its inputs say of a whole credential. `needed`: a login must be there; gives what may have left it
        blank."""


class Fields(NamedTuple):
    """What a policy file takes for a system: of a destination beside its address, of a credential, of the whole run."""

    of_destination: tuple[Field, ...] = ()
    of_credential: tuple[Field, ...] = ()
    of_run: tuple[Field, ...] = ()


class System(NamedTuple):
    """One outside system. `fields`: what a policy file takes for it, loaded where there is one. `open` gives the way to
    it for one run, and contacts nobody. `lacks` says what the environment lacks for its destinations; `lacks_at`, for
    those of some addresses in particular. `sightings` gives every key that lies in the files of this system on a
    machine; each value is hidden, by the last of its arguments, before it is given."""

    kind: str
    traits: Traits
    fields: Callable[[], Fields]
    reader: Reader
    open: Callable[[Means, Context], Line]
    lacks: Callable[[Mapping[str, str]], tuple[RotateError, ...]] = lambda _: ()
    lacks_at: Callable[[Mapping[str, str], Sequence[str]], tuple[RotateError, ...]] = lambda *_: ()
    sightings: Callable[[Machine, Hide], Iterator[Sighting]] | None = None
