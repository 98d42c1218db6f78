"""«ОІС»: the public register of connected systems and their functions (п.18–30, handbook H.1)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from accounts.roles import Dataset as Opened
from integrations.eis.models import EisSystem
from integrations.eis.states import WORKING, Function, SystemState
from kernel.text import alphabetically
from reports.models import ReportRun
from reports.open.datasets import Dataset, Field, Table, register

# Before an application is filed there is nothing to tell the public.
UNSEEN = (SystemState.DRAFT,)
EDRPOU = 8  # digits; a sole trader's ten are a person's code and stay out

FIELDS = (
    Field("uid", "Ідентифікатор ОІС", required=True, about="UUID, не змінюється ніколи"),
    Field("name", "Назва ОІС", required=True),
    Field("operator", "Оператор", required=True),
    Field("operator_edrpou", "Код ЄДРПОУ оператора", about="лише юридичних осіб"),
    Field("state", "Стан, код", required=True),
    Field("state_name", "Стан", required=True),
    Field("state_since", "Стан з", "date", required=True),
    Field("works", "Обмінюється даними зараз", "boolean", required=True),
    Field("kszi_valid_to", "Атестат КСЗІ дійсний до", "date"),
    Field("writes", "Передає до бази", about="набори даних через крапку з комою"),
    Field("site", "Вебсайт", "anyURI"),
    Field("functions", "Функціональні можливості", about="через крапку з комою"),
    Field("published_on", "Оприлюднено", "date"),
)


def compose(as_of: datetime.date, run: ReportRun | None) -> Table:
    """Every system that has filed an application, in the order of names."""
    return Table(FIELDS, _rows())


def _rows() -> Iterator[list[Any]]:
    found = EisSystem.objects.exclude(state__in=UNSEEN).select_related("operator")
    for one in found.order_by(alphabetically("name"), "pk"):
        code = one.operator.code
        yield [
            str(one.uid),
            one.name,
            one.operator.name,
            code if len(code) == EDRPOU else None,
            one.state,
            SystemState(one.state).label,
            one.state_since,
            one.state in WORKING,
            one.kszi_valid_to,
            [Opened(each).label for each in one.writes] or None,
            one.site or None,
            [Function(each).label for each in one.functions] or None,
            one.published_on,
        ]


register(
    Dataset(
        code="eis",
        title="Освітні інформаційні системи, підключені до бази",
        about="ОІС, які подали заявку на підключення: оператор, стан, функції. Ключів, доступів "
        "шкіл і осіб тут немає.",
        keywords=("ОІС", "оператори", "електронний журнал"),
        key=("uid",),
        compose=compose,
        source="Положення про ЦБД, п. 16–30",
        order=30,
        monthly=True,
    )
)
