"""Look-ups a trigram index serves. Django's own `icontains` and `istartswith` say UPPER(column),
which an index on the column itself cannot answer.

Importing the module registers them on text columns: `name__holds="вка"`, `name__prefixed="Іван"`.
"""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Lookup, TextField


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
