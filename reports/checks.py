"""What Django asks before it starts: do the definitions of forms speak of what there is."""

from __future__ import annotations

from typing import Any

from django.core.checks import Error, register

from reports import definition
from reports.desk import measures


@register
def definitions(**_asked: Any) -> list[Error]:
    """An error for every unknown word of a definition, with its file and line."""
    return [Error(problem, id="reports.E001") for problem in definition.problems()]


@register
def desk(**_asked: Any) -> list[Error]:
    """The same of what the desk counts."""
    return [Error(problem, id="reports.E002") for problem in measures.problems()]
