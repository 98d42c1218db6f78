"""Who may open which address: a row per URL name, a module per room.

    "user": Row(with_(uid=lambda w: w.grants["olena"].uid), opens="admin iryna bohdan",
                absent="hanna taras …", refused="maria dana")

Every persona of tests/world.py stands in exactly one of `opens` (the page or its form comes),
`refused` (403 with a reason) or `absent` (404, the same as if there were nothing). A stranger is
sent to the door, unless the row says `public=True`, or `token=True` where only a secret opens. Addresses of the API take keys and no visits:
`api=True`. Where only POST is answered: `method="POST"`.

A new address without a row fails tests/architecture/test_permission_matrix.py; so does a row
without an address.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

from tests.world import PEOPLE, World

EVERYBODY = " ".join(PEOPLE)
NOWHERE = "019f0000-0000-7000-8000-000000000000"

Args = Callable[[World], dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class Row:
    """What each persona meets at one address."""

    args: Args | None = None
    opens: str = ""
    refused: str = ""
    absent: str = ""
    public: bool = False
    api: bool = False
    token: bool = False
    method: str = "GET"
    query: str = ""

    def stranger(self) -> str:
        """What somebody who has not signed in meets."""
        if self.token:
            return "absent"
        return "opens" if self.public else "key" if self.api else "door"

    def expected(self) -> dict[str, str]:
        """Persona → opens | refused | absent; every persona once.

        Raises:
            AssertionError: somebody is missing or named twice.
        """
        if self.public:
            return dict.fromkeys(PEOPLE, "opens")
        found: dict[str, str] = {}
        for outcome in ("opens", "refused", "absent"):
            for who in getattr(self, outcome).split():
                assert who in PEOPLE, f"nobody is called {who}"
                assert who not in found, f"{who} stands twice"
                found[who] = outcome
        missing = set(PEOPLE) - set(found)
        assert not missing, f"say what {sorted(missing)} meet"
        return found


def with_(**values: Any) -> Args:
    """Arguments of the address; a function is asked with the world."""
    return lambda world: {
        name: value(world) if callable(value) else value for name, value in values.items()
    }


def all_but(*others: str) -> str:
    """Every persona but these."""
    named = {who for part in others for who in part.split()}
    return " ".join(who for who in PEOPLE if who not in named)


def rows() -> dict[str, Row]:
    """All rows of all rooms, by the name of the address.

    Raises:
        AssertionError: two rooms claim one name.
    """
    found: dict[str, Row] = {}
    for module in pkgutil.iter_modules(__path__):
        more = importlib.import_module(f"{__name__}.{module.name}").ROWS
        assert not set(found) & set(more), f"said twice: {set(found) & set(more)}"
        found |= more
    return found
