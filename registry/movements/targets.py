"""The class that a movement leads to: as it is signed, and asked again when it is."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from django.db import connection

from kernel.db import part_of_command
from registry.fields.labels import ClassRef


class ClassOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """The class as the register had it: asked again at signing. Orders of before said no more than
    the label."""

    id: int
    label: str
    grade: int
    form: str = ""
    language: str = ""
    shift: int = 0


_WORDS = {"form": "форму здобуття освіти", "language": "мову навчання", "shift": "зміну"}


def told_of(ref: ClassRef) -> ClassOf:
    """What a signed row says of the class."""
    return ClassOf(ref.id, ref.label, ref.grade, ref.form, ref.language, ref.shift)


@part_of_command
def held(institution_id: int, ids: Iterable[int]) -> dict[int, ClassRef]:
    """The open classes of the institution among these, held until the order is in effect."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, grade, letter, form, language, shift FROM registry_classgroup
            WHERE id = ANY(%s) AND institution_id = %s AND closed_on IS NULL ORDER BY id FOR SHARE
            """,
            [sorted(set(ids)), institution_id],
        )
        return {found[0]: ClassRef(*found) for found in cursor.fetchall()}


def differs(said: ClassOf, held: dict[int, ClassRef]) -> str:
    """What of a class is no longer as the row was signed to say; empty when all is."""
    if (now := held.get(said.id)) is None:
        return f"клас {said.label} закрито"
    if now.label != said.label:
        return f"клас {said.label} тепер {now.label}"
    other = [
        word
        for field, word in _WORDS.items()
        if getattr(said, field) and getattr(said, field) != getattr(now, field)
    ]
    return f"у класі {said.label} змінено {', '.join(other)}" if other else ""
