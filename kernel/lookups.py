"""Look-ups of our own. Importing the module registers them.

A trigram index serves `name__holds="вка"` and `name__prefixed="Іван"`: Django's own `icontains` and
`istartswith` say UPPER(column), which an index on the column itself cannot answer. `pk__among=ids`
is `in` with the keys as one value, so that the statement is the same however many there are. `Guarded`
is the reverse: what no look-up finds.
"""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Field, Func, Lookup, TextField
from django.db.models.fields.related import ForeignObject


class _Like(Lookup):  # type: ignore[type-arg]
    pattern = "{}"

    def get_prep_lookup(self) -> str:
        return self.pattern.format(re.sub(r"([\\%_])", r"\\\1", str(self.rhs)))

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} ILIKE {right}", (*left_params, *right_params)


@TextField.register_lookup
class Prefixed(_Like):
    """`ILIKE 'text%'`: begins with the text, in any case."""

    lookup_name = "prefixed"
    pattern = "{}%"


@TextField.register_lookup
class Holds(_Like):
    """`ILIKE '%text%'`: holds the text anywhere, in any case."""

    lookup_name = "holds"
    pattern = "%{}%"


@Field.register_lookup
@ForeignObject.register_lookup
class Among(Lookup):  # type: ignore[type-arg]
    """`= ANY(array)`; where one plan is to serve any array (`kernel.kept`), one that hides its length:
    PostgreSQL plans anew, for longer than it looks up, whatever it knows to be shorter than usual."""

    lookup_name = "among"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        return "%s", [list(value)]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        if getattr(self.rhs, "one_plan", False):
            of = self.lhs.output_field.db_type(connection)
            right = f"ARRAY(SELECT unnest({right}::{of}[]))"
        return f"{left} = ANY({right})", (*left_params, *right_params)


class Guarded(Func):
    """A key as an exclusion constraint alone asks for it: an expression answers no look-up.

    The planner holds the index of an exclusion (GiST) for as cheap as the plain one beside it, or
    cheaper, and took it for every look-up by the key: four pages and up to twenty times as long.
    """

    template = "coalesce(%(expressions)s, %(expressions)s)"
    arity = 1
