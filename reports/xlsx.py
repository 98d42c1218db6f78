"""The form as a workbook: the node's table on the first sheet, its parts on the second."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from kernel import clock
from kernel.tables.writing import Column, Sheet, Value
from kernel.tables.writing import workbook as written
from kernel.text import sort_key
from reports.models import ReportRun, Subvention, SubventionLine, SubventionSchool
from reports.selectors.figures import Child, Figures, is_ahead


def workbook(run: ReportRun, name: str, figures: Figures, parts: list[Child]) -> bytes:
    """Return the XLSX file's bytes, the same whenever it is asked for. Text is written as text."""
    form = figures.form
    ahead = " (попередньо)" if is_ahead(run) else ""
    done = clock.local(run.finished_at or run.created_at)
    absent = sorted(
        {line.absent for line in (*form.rows, *form.columns) if line.absent}, key=sort_key
    )
    table = Sheet(
        "Показники",
        [
            Column("Рядок", width=8),
            Column("Показник", width=58, wrap=True),
            *(Column(column.title, width=10) for column in form.columns),
        ],
        [
            [
                row.code,
                row.title,
                *(
                    _value(value, hundredths=form.is_sum(row, column))
                    for column, value in zip(form.columns, values, strict=True)
                ),
            ]
            for row, values in zip(form.rows, figures.values, strict=True)
        ],
        above=(
            form.name,
            f"{name}. Станом на {run.as_of:%d.%m.%Y}{ahead}. {form.act}.",
            f"Сформовано {done:%d.%m.%Y %H:%M} за даними реєстру.",
            *([f"«—»: реєстр ще не веде: {', '.join(absent)}."] if absent else []),
        ),
        frozen_columns=2,
        grid=True,
        landscape=True,
    )
    below = Sheet(
        "Підпорядковані",
        [
            Column("Орган управління або заклад", width=70, wrap=True),
            Column("ЄДРПОУ", width=14),
            *(Column(headline.title, width=14) for headline in form.headlines),
        ],
        [
            [
                part.unit.name,
                part.unit.edrpou or "",
                *(
                    _value(value, hundredths=form.is_sum_of(headline.row, headline.column))
                    for headline, value in zip(form.headlines, part.headlines, strict=True)
                ),
            ]
            for part in parts
        ],
        grid=True,
    )
    return written(*([table, below] if parts else [table]), made=run.finished_at)


PLACES = ("Закладів, усього", "Опорних", "Філій", "Без учнів", "Призупинених")


def of_campaign(
    about: Sequence[str],
    sections: Sequence[tuple[str, Figures]],
    places: Sequence[tuple[str, Sequence[int]]],
    *,
    made: datetime.datetime,
) -> bytes:
    """A report of a campaign, or a summary with its parts (76-РВК): a sheet for each section, named by
    the pair's word; first, where `places` are told, institutions by kind. `about` stands above each."""
    titles: dict[str, int] = {}
    sheets = [
        _section(_sheet_title(title, titles), found, [*about, title]) for title, found in sections
    ]
    if places:
        first = Sheet(
            "Заклади",
            [Column("Частина", width=40, wrap=True), *(Column(head, width=16) for head in PLACES)],
            [[title, *counts] for title, counts in places],
            above=tuple(about),
            grid=True,
        )
        sheets.insert(0, first)
    return written(*sheets, made=made)


def _sheet_title(title: str, taken: dict[str, int]) -> str:
    """A name of a sheet: 31 characters at most, none twice."""
    short = title.removeprefix("ЗНЗ-1, ")[:28].strip(" ,")
    taken[short] = taken.get(short, 0) + 1
    return short if taken[short] == 1 else f"{short} {taken[short]}"


def _section(title: str, found: Figures, about: Sequence[str]) -> Sheet:
    form = found.form
    return Sheet(
        title,
        [
            Column("Рядок", width=8),
            Column("Показник", width=58, wrap=True),
            *(Column(column.title, width=10) for column in form.columns),
        ],
        [
            [
                row.code,
                row.title,
                *(
                    _value(value, hundredths=form.is_sum(row, column))
                    for column, value in zip(form.columns, values, strict=True)
                ),
            ]
            for row, values in zip(form.rows, found.values, strict=True)
        ],
        above=(*about, form.note),
        frozen_columns=2,
        grid=True,
        landscape=True,
    )


def _value(value: int | None, *, hundredths: bool) -> Value:
    if value is None:
        return "—"
    return value / 100 if hundredths else value


def subvention(of: Subvention, line: SubventionLine, schools: list[SubventionSchool]) -> bytes:
    """A budget of the subvention: every step on the first sheet, its schools on the second."""
    steps = line.steps
    told: list[tuple[str, Value]] = [
        ("Учнів групи I", line.pupils),
        ("Із них у розрахунку", steps["eligible"]),
        ("Площа, км²", _exact(steps["area"])),
        ("Щільність: учнів на км²", _exact(steps["density"])),
        ("Частка сільського населення, %", _exact(steps["rural"])),
        ("РНК", _exact(steps["size"])),
        *(
            (f"Паралелі {band['title']}: {name}", _exact(band[key]))
            for band in steps["bands"]
            for key, name in (
                ("pupils", "учнів"),
                ("classes", "розрахункових класів"),
                ("hours", "годин на тиждень"),
                ("rates", "ставок учителів"),
            )
        ),
        ("Ставок учителів", _exact(steps["teachers"])),
        ("Інших педагогічних ставок на клас", _exact(steps["support_rate"])),
        ("Інших педагогічних ставок", _exact(steps["support"])),
        ("Ставок разом", _exact(steps["rates"])),
        ("Ставка на рік із нарахуваннями, грн", _exact(steps["yearly"])),
        ("Коефіцієнт року", _exact(steps["share"])),
        ("Сума, грн", "—" if line.amount is None else line.amount / 100),
        *(("Бракує", one) for one in steps["missing"]),
    ]
    about = (
        of.title,
        f"{line.unit.name}. Контингент станом на {of.run.as_of:%d.%m.%Y}, розрахунок на {of.day:%d.%m.%Y}.",
        f"Параметри: {of.parameters.title} ({of.parameters.act}).",
    )
    first = Sheet(
        "Розрахунок",
        [Column("Крок", width=60, wrap=True), Column("Значення", width=22)],
        [list(row) for row in told],
        above=about,
        grid=True,
    )
    second = Sheet(
        "Заклади",
        [
            Column("Заклад", width=60, wrap=True),
            Column("ЄДРПОУ", width=12),
            Column("Учнів групи I", width=12),
            Column("Найменша кількість", width=12),
            Column("У розрахунку", width=12),
            Column("Частка, грн", width=18),
        ],
        [
            [
                one.institution.short_name,
                one.institution.edrpou or "",
                sum(one.grades.values()),
                "—" if one.fewest is None else one.fewest,
                "так" if one.counted else "ні",
                one.amount / 100,
            ]
            for one in schools
        ],
        grid=True,
    )
    return written(first, second, made=of.created_at)


def _exact(kept: str | int | None) -> Value:
    return "—" if kept is None else float(kept)
