"""Groups of «Доступні послуги»: what a tired secretary looks for, in the order of the day."""

from __future__ import annotations

import dataclasses

from kernel.ui import menu


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """A heading of the home page and its place."""

    label: str
    order: int
    icon: str


MOVEMENT = Group("Рух учнів", 20, "users")
NEXT_YEAR = Group("Прийом і новий навчальний рік", 21, "up")
CHILDREN = Group("Відомості про дітей", 22, "user")
COVERAGE = Group("Облік дітей шкільного віку", 23, "user")
ORDERS = Group("Накази й довідки", 24, "file")
CLASSES = Group("Класи й заклад", 25, "school")
STAFF = Group("Працівники", 26, "users")
DATA = Group("Дані та звіти", 40, "grid")

for _group in (MOVEMENT, NEXT_YEAR, CHILDREN, COVERAGE, ORDERS, CLASSES, STAFF, DATA):
    menu.register_group(_group.label, icon=_group.icon)
