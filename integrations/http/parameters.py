"""Query parameters of an API beyond `kernel.parameters`: its pages, a dry run, and its schema."""

from __future__ import annotations

import dataclasses

from drf_spectacular.utils import OpenApiParameter

from kernel.paging import BadCursor
from kernel.parameters import Parameter, matching, truth, whole
from kernel.projections import Projection

LIMIT = 100
MOST = 500
PAGE_SIZE = dataclasses.replace(
    whole("limit", 1, MOST), rule=f"Скільки рядків на сторінці, 1–{MOST}; типово {LIMIT}"
)
DRY_RUN = truth("dry_run", "true — лише перевірити: відповідь така сама, але нічого не змінено")


def after(projection: Projection) -> Parameter:
    """The mark of a page; what is none of this list's is told as such.

    Raises:
        BadCursor: (when read) the mark was damaged, or belongs to another list.
    """
    mark = matching("after", "Позначка сторінки з поля next попередньої відповіді", projection.mark)

    def read(text: str) -> str:
        if mark.read(text) is None:
            raise BadCursor
        return text

    return dataclasses.replace(mark, read=read)


def openapi(parameter: Parameter) -> OpenApiParameter:
    """The parameter in the published schema; a list goes by comma."""
    several = parameter.schema["type"] == "array"
    return OpenApiParameter(
        parameter.name,
        dict(parameter.schema),
        description=parameter.rule,
        style="form" if several else None,
        explode=False if several else None,
    )
