"""Cells of statistical forms by institution, as the state has published ЗНЗ-1: a row a school, a
column a cell («ЗНЗ1 1.12.1», handbook F.1)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from accounts.selectors import placements
from registry.models import Institution
from reports import definition
from reports.models import ReportCount, ReportRun
from reports.open import secrecy
from reports.open.datasets import HIDDEN, Dataset, Field, Table, register
from reports.selectors import figures

OWN = (
    Field("uid", "Ідентифікатор закладу", required=True, about="як у наборі «Заклади освіти»"),
    Field("edebo_id", "Код ЄДЕБО"),
    Field("edrpou", "Код ЄДРПОУ"),
    Field("short_name", "Скорочена назва", required=True),
    Field("territory_code", "Код КАТОТТГ населеного пункту", required=True),
)
UNSHOWN = (
    "SUBV-1",
)  # the contingent of the subvention is counted for its formula, not for readers


def compose(as_of: datetime.date, run: ReportRun | None) -> Table:
    """Every institution that stood under the run's node on its day, by the form as it was then.

    Raises:
        ValueError: no run is given.
    """
    if run is None:
        raise ValueError("a form's set is made from a run")
    form = figures.form_of(run)
    cells = [
        (r, c)
        for r, row in enumerate(form.rows)
        for c, column in enumerate(form.columns)
        if not (row.absent or column.absent)
    ]
    fields = [
        Field(
            form.key(form.rows[r].code, form.columns[c].code),
            f"{form.rows[r].title}; {form.columns[c].title}",
            "integer" if not form.is_sum(form.rows[r], form.columns[c]) else "string",
            "ставки з двома знаками після крапки"
            if form.is_sum(form.rows[r], form.columns[c])
            else "",
        )
        for r, c in cells
    ]
    table = _Rows(run, form, cells)
    return Table((*OWN, *fields), table, table.hidden)


class _Rows:
    """Rows of the set, composed as they are walked; how many cells were kept back is known after."""

    def __init__(self, run: ReportRun, form: definition.Form, cells: list[tuple[int, int]]):
        self.run, self.form, self.cells = run, form, cells
        self.back, self.sums = 0, secrecy.sums_of(form)

    def hidden(self) -> int:
        return self.back

    def __iter__(self) -> Iterator[list[Any]]:
        below = placements.below_on(self.run.as_of, self.run.unit)
        schools = Institution.objects.filter(unit__in=below).order_by("pk")
        counts = (
            ReportCount.objects.filter(run=self.run)
            .order_by("institution_id", "key")
            .values_list("institution_id", "key", "counts")
            .iterator(chunk_size=5000)
        )
        row = next(counts, None)
        for school in schools.iterator(chunk_size=2000):
            by_key: dict[str, list[int]] = {}
            while row is not None and row[0] <= school.pk:
                if row[0] == school.pk:
                    by_key[row[1]] = row[2]
                row = next(counts, None)
            values = figures.cells(self.form, by_key).values
            back = secrecy.kept_back(self.sums, values)
            self.back += len(back)
            yield [
                str(school.uid),
                school.edebo_id,
                school.edrpou,
                school.short_name,
                school.territory_code,
                *(HIDDEN if one in back else self._cell(values, one) for one in self.cells),
            ]

    def _cell(self, values: secrecy.Values, one: tuple[int, int]) -> Any:
        value = values[one[0]][one[1]]
        if value is not None and self.form.is_sum(
            self.form.rows[one[0]], self.form.columns[one[1]]
        ):
            return f"{value // 100}.{value % 100:02d}"
        return value


def announce(code: str) -> None:
    """A set for a form of this code, if the installation knows it."""
    form = definition.load(code)
    register(
        Dataset(
            code=code.lower(),
            title=f"{form.short}: показники за закладами",
            about=f"{form.name}. Рядок — заклад, стовпець — клітинка форми. Показники, за якими "
            f"стоїть менше ніж {secrecy.K} людей, замінено на «{HIDDEN}», так само й ті, з яких їх "
            "можна вирахувати; нулі та кількість класів відкриті.",
            keywords=("статистика освіти", form.short, "контингент", "заклади освіти"),
            key=("uid",),
            compose=compose,
            source=form.act,
            order=20,
            form=code,
        )
    )


for _code in definition.codes():
    if _code not in UNSHOWN:
        announce(_code)
