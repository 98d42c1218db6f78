"""A rule about who may do what, said once and asked three ways; and tables of who sees whom."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

from kernel.errors import NotAllowed
from kernel.scoping import Actor, ScopedModel, ScopedQuerySet, value_of


class Policy:
    """Turn a function that raises into `.require()` for commands and `.allows()` for pages.

    The decorated function returns nothing when the actor may go on, and raises NotAllowed
    (or a subclass with its own code) saying why not. It answers for every kind of actor, persons,
    keys and the system alike (tests/architecture/test_rights.py), and reads no database.
    """

    def __init__(self, rule: Callable[..., None]):
        functools.update_wrapper(self, rule)  # type: ignore[arg-type]
        self.rule = rule

    def require(self, *args: Any, **kwargs: Any) -> None:
        """Raise the refusal, if there is one."""
        self.rule(*args, **kwargs)

    def refusal(self, *args: Any, **kwargs: Any) -> NotAllowed | None:
        """Return the reason for a no, for a hint beside a disabled button."""
        try:
            self.rule(*args, **kwargs)
        except NotAllowed as no:
            return no
        return None

    def allows(self, *args: Any, **kwargs: Any) -> bool:
        """Whether the actor may go on."""
        return self.refusal(*args, **kwargs) is None


@dataclasses.dataclass(frozen=True)
class Right:
    """How far a role's right goes within its reach.

    `direct`: only rows of nodes that stand right under the actor's own. `needs`: a duty entrusted
    to a deputy, or a dataset opened to a key, without which there is no right.
    """

    direct: bool = False
    needs: str = ""


class Visibility:
    """A table of role → Right, from which one row is judged in Python and many are found in SQL.

    `parents` names, for each model, the look-up of the node above the row's own. A role absent
    from the table sees nothing.
    """

    def __init__(self, rights: Mapping[str, Right], parent: str):
        self.rights = rights
        self.parent = parent

    def right(self, actor: Actor) -> Right | None:
        """The actor's right, or None."""
        right = self.rights.get(actor.role)
        return right if right and (not right.needs or actor.entrusted(right.needs)) else None

    def everywhere(self, actor: Actor) -> bool:
        """Whether the right covers the whole reach of the actor."""
        right = self.right(actor)
        return right is not None and not right.direct

    def covers(self, actor: Actor, row: ScopedModel) -> bool:
        """Whether the right covers what stands at this row's node. Asked of institutions."""
        right = self.right(actor)
        return (
            right is not None
            and row.is_within(actor.scope)
            and (not right.direct or value_of(row, self.parent) == actor.unit_id)
        )

    def narrow(self, rows: ScopedQuerySet, actor: Actor, at: str = "") -> Any:
        """The rows that the right covers; `at` is the way from them to the institution."""
        right = self.right(actor)
        if right is None:
            return rows.none()
        rows = rows.visible_to(actor)
        return rows.filter(**{at + self.parent: actor.unit_id}) if right.direct else rows
