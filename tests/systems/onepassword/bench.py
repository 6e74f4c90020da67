"""Fields of one item behind the pretend Connect server, and what writes to them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import cast

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.exchange import Json
from rotate.sandbox.onepassword.server import OnePasswordServer
from rotate.sandbox.world import World
from rotate.secret import Secret as Value
from rotate.systems.onepassword.field import ItemField
from rotate.systems.onepassword.system import SERVICE
from tests.support.bench import BEFORE, NAME, Bench, Web, means_of

NEW = Value("napi_new_value_0123456789")
TEXT = f"onepassword://Production/Neon#{NAME}"
Field = dict[str, Json]


def field(label: str = NAME, value: str = BEFORE, **more: Json) -> Field:
    """Give a field as Connect shows it; its id follows from its label."""
    return {"id": f"id/of~{label}", "label": label, "type": "CONCEALED", "value": value, **more}


class Items:
    """One item with a field, and a token that may write it."""

    def __init__(self, world: World) -> None:
        self.world, self.state = world, OnePasswordServer(world.clock)
        world.serve(self.state)
        self.vault = self.state.add_vault("Production")
        self.item = self.state.add_item(self.vault, "Neon", field(section={"id": "api"}), field("password", "hunter2"))
        self.token = self.state.add_token()
        self.state.let(self.token, self.vault, "write")
        self.environment = {"OP_CONNECT_HOST": self.state.url, "OP_CONNECT_TOKEN": self.token}

    @property
    def ours(self) -> dict[str, Json]:
        """The item."""
        return self.state.vaults[self.vault].items[self.item]

    @property
    def fields(self) -> list[Field]:
        """Its fields."""
        return cast("list[Field]", self.ours["fields"])

    @property
    def by_ids(self) -> str:
        """The address of the field, with ids."""
        return f"onepassword://{self.vault}/{self.item}#{NAME}"

    def held(self) -> str | None:
        """Give what stands in the field."""
        return next((str(one["value"]) for one in self.fields if one["label"] == NAME), None)

    def opened(self, text: str = TEXT) -> Destination:
        """Open a field as a run does."""
        return ItemField(parsed(text), means_of(self.environment))

    def written(self, text: str = TEXT) -> None:
        """Write and confirm."""
        opened = self.opened(text)
        before = opened.observe()
        opened.confirm(before, opened.put(NEW))

    def write(self, text: str | None) -> None:
        """Write or delete the field as somebody else does."""
        kept = [one for one in self.fields if one["label"] != NAME]
        self.ours["fields"] = [*kept, *([field(value=text)] if text is not None else [])]

    def arrange(self, dice: Random) -> None:
        """Give the field and its neighbours properties by chance."""
        made = [
            field(
                label,
                type=dice.choice(["CONCEALED", "STRING"]),
                section={"id": dice.choice(["api", "more"])},
                purpose=dice.choice(["", "PASSWORD"]),
            )
            for label in (NAME, "password", "username")
        ]
        self.ours.update(
            fields=dice.sample(made, 3), tags=[*dice.choice(["", "x"])], favorite=dice.choice([True, False])
        )

    def beside(self) -> object:
        """Show the item without what a write may change."""
        shown = copy.deepcopy(self.ours) | {"version": 0}
        for one in cast("list[Field]", shown["fields"]):
            one["value"] = "" if one["label"] == NAME else one["value"]
        return shown


@contextmanager
def onepassword() -> Iterator[Bench]:
    """An item's field, by ids: the tests of names are the system's own."""
    with World() as world:
        bench = Items(world)
        web = Web(
            world,
            "onepassword",
            parsed(bench.by_ids),
            ItemField,
            SERVICE.lacks,
            bench.environment,
            blind=lambda: bench.state.let(bench.token, bench.vault, ""),
            gag=lambda: bench.state.let(bench.token, bench.vault, "read"),
            arrange=bench.arrange,
            beside=bench.beside,
            pretend=bench,
            writes="PATCH",
            unseen="destination-not-allowed",
            foretells=False,
        )
        yield Bench(web.opened(), bench.held, bench.write, web=web)
