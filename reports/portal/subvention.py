"""«Освітня субвенція»: computations, a budget with every step, what-if, two dates side by side."""

from __future__ import annotations

import uuid
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.http import HouseRequest
from kernel import clock
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked, identifier
from kernel.tables import dates
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.forms import DateField, Form
from kernel.ui.helpers import number
from kernel.ui.listing import Address, Column, Listing, Name, order_of
from reports import policies, xlsx
from reports.models import Subvention, SubventionLine, SubventionSchool
from reports.selectors import subvention as reads
from reports.services import subvention as commands
from reports.subvention import parameters, places

SERVICE = "Освітня субвенція"
MOVES = 4
HOW = [("close", "закрити, учні переходять"), ("branch", "зробити філією")]
GROUPS = {
    "II": "група II (спеціальні)",
    "evening": "вечірня і заочна",
    "evening_class": "вечірні класи",
    "distance": "дистанційна",
    "individual": "індивідуальні форми",
}


class ComputeForm(Form):
    """Which contingent, by which parameters, for which day."""

    run = forms.ChoiceField(label="Контингент")
    parameters = forms.ChoiceField(label="Параметри формули")
    day = DateField(
        label="На яку дату рахувати",
        help_text="дд.мм.рррр; за цим днем беруть коефіцієнт року, найменшу кількість учнів і території",
    )
    title = forms.CharField(label="Назва розрахунку", max_length=200, required=False)


class ParametersForm(Form):
    """A set of parameters of the formula: numbers, and tables with a row a line."""

    title = forms.CharField(label="Назва набору", max_length=200)
    act = forms.CharField(label="Підстава (акт, дата й номер)", max_length=500)
    since = DateField(label="Діє з")
    salary = forms.CharField(
        label=parameters.NUMBERS["salary"],
        max_length=40,
        help_text="як у постанові, наприклад 15 000,00",
    )
    months = forms.CharField(label=parameters.NUMBERS["months"], max_length=10)
    charges = forms.CharField(label=parameters.NUMBERS["charges"], max_length=10)
    rate_hours = forms.CharField(label=parameters.NUMBERS["rate_hours"], max_length=10)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, (title, heads) in parameters.TABLES.items():
            self.fields[name] = forms.CharField(
                label=title,
                help_text=f"кожен рядок: {heads}",
                required=name != "thresholds",
                max_length=20_000,
                widget=forms.Textarea(attrs={"rows": "12" if name == "sizes" else "5"}),
            )


class PlacesForm(Form):
    """Territories of budgets, copied from a table."""

    since = DateField(label="Діє з")
    source = forms.CharField(
        label="Джерело",
        max_length=500,
        help_text="звідки ці дані: акт, статистичний збірник, дата",
    )
    text = forms.CharField(
        label="Рядки таблиці",
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": "10"}),
        help_text=places.HEADS,
    )


class SupposeForm(Form):
    """What would be otherwise in one budget."""

    title = forms.CharField(label="Назва варіанта", max_length=200, required=False)
    size = forms.CharField(
        label="Інша РНК", max_length=10, required=False, help_text="порожньо — як у розрахунку"
    )

    def __init__(self, schools: list[SubventionSchool], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = [
            ("", "—"),
            *((str(one.institution_id), one.institution.short_name) for one in schools),
        ]
        for place in range(1, MOVES + 1):
            self.fields[f"source{place}"] = forms.ChoiceField(
                label=f"Заклад {place}", choices=names, required=False
            )
            self.fields[f"how{place}"] = forms.ChoiceField(
                label="Що з ним", choices=HOW, required=False
            )
            self.fields[f"target{place}"] = forms.ChoiceField(
                label="До якого закладу", choices=names, required=False
            )

    def clean(self) -> dict[str, Any] | None:
        for place in range(1, MOVES + 1):
            one = bool(self.cleaned_data.get(f"source{place}"))
            other = bool(self.cleaned_data.get(f"target{place}"))
            if one != other:
                missing = "target" if one else "source"
                self.add_error(f"{missing}{place}", "Виберіть обидва заклади або жодного")
        if text := self.cleaned_data.get("size"):
            try:
                self.cleaned_data["size"] = parameters.number(text)
            except ValueError:
                self.add_error("size", "Напишіть число, наприклад 14,5")
        return self.cleaned_data

    def supposed(self) -> commands.Supposed:
        """What the form says, as the command takes it."""
        size = self.cleaned_data.get("size")
        moves: list[tuple[int, int, commands.How]] = [
            (
                int(source),
                int(self.cleaned_data[f"target{n}"]),
                self.cleaned_data[f"how{n}"] or "close",
            )
            for n in range(1, MOVES + 1)
            if (source := self.cleaned_data.get(f"source{n}"))
        ]
        return commands.Supposed(size if isinstance(size, Fraction) else None, tuple(moves))


def money(kopiykas: int | None) -> str:
    """«40 330 272,00», or what there is none of."""
    return "—" if kopiykas is None else number(Decimal(kopiykas) / 100, 2)


def _shown(text: str | None, digits: int = 4) -> str:
    """A kept number of a step for people: so many digits at most, no idle zeros."""
    if text is None:
        return "—"
    shown = number(Decimal(text), digits)
    return shown.rstrip("0").rstrip(",") if "," in shown else shown


def _columns(actor: Actor) -> list[Column[Subvention]]:
    """Totals are of a node: who stands below it reads the own budget's line alone."""

    def whole(one: Subvention, value: Any) -> Any:
        return value if actor.stands_above(one.unit.path) else None

    return [
        Column(
            "title",
            "Розрахунок",
            lambda one: Name(one.title, reverse("subvention", args=[one.pk])),
            width=40,
        ),
        Column("unit", "Для кого", lambda one: one.unit.name, width=40),
        Column("as_of", "Контингент станом на", lambda one: one.run.as_of, kind="nw"),
        Column("day", "На дату", lambda one: one.day, kind="nw"),
        Column(
            "pupils", "Учнів групи I", lambda one: whole(one, one.pupils), kind="num", empty="—"
        ),
        Column(
            "amount", "Сума, грн", lambda one: whole(one, money(one.amount)), kind="num", empty="—"
        ),
        Column("made", "Розраховано", lambda one: one.created_at, kind="nw"),
        Column("who", "Хто", lambda one: one.created_by.user.short_name, width=24),
    ]


def subvention_list(request: HouseRequest) -> HttpResponseBase:
    """Computations within reach; the form of a new one."""
    actor = request.actor
    given = asked(request, order_of(reads.ORDERS, reads.LATEST), FILE)
    address = Address(request, ("order",))
    order = address.in_order(given["order"], reads.ORDERS, reads.LATEST)

    def read(mark: str | None = None, **how: Any) -> Page[Subvention]:
        return reads.listing(actor, **{"after": mark, "order": order, **how})

    shown = Listing(
        address,
        "Розрахунки субвенції",
        _columns(actor),
        (),
        orders=reads.ORDERS,
        order=order,
        most=MOST,
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK))
        return files.answer(given["file"], shown, rows, actor=actor, now=timezone.now())
    runs, sets = reads.contingents(actor), reads.parameter_sets(actor)
    form = ComputeForm(request.POST or None, initial={"day": clock.today()})
    form.fields["run"].choices = [  # type: ignore[attr-defined]
        (str(run.pk), f"станом на {dates.show(run.as_of)}: {run.unit.name}") for run in runs
    ]
    form.fields["parameters"].choices = [  # type: ignore[attr-defined]
        (str(one.pk), f"{one.title} (діє з {dates.show(one.since)})") for one in sets
    ]
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            made = commands.compute(
                actor=actor,
                run_id=form.cleaned_data["run"],
                parameters_id=form.cleaned_data["parameters"],
                day=form.cleaned_data["day"],
                title=form.cleaned_data["title"],
                now=timezone.now(),
            )
            return pages.see_other(request, "subvention", made.pk)
    found = read(**asked(request, *MARKS))
    told, known = reads.places(actor)
    return pages.form_page(
        request,
        "reports/subvention/list.html",
        form,
        {
            "list": shown.at(found),
            "no_runs": not runs,
            "no_sets": not sets,
            "told": told,
            "known": known,
            "keeps": policies.keep_parameters.allows(actor),
        },
    )


def _budget_name(one: SubventionLine) -> Name:
    return Name(one.unit.name, reverse("subvention_budget", args=[one.subvention_id, one.unit.uid]))


_LINES: list[Column[SubventionLine]] = [
    Column("unit", "Бюджет", _budget_name, width=50),
    Column("pupils", "Учнів групи I", lambda one: one.pupils, kind="num"),
    Column("eligible", "Із них у розрахунку", lambda one: one.steps["eligible"], kind="num"),
    Column("density", "Учнів на км²", lambda one: _shown(one.steps["density"], 2), kind="num"),
    Column("rural", "Сільське населення, %", lambda one: _shown(one.steps["rural"], 2), kind="num"),
    Column("size", "РНК", lambda one: _shown(one.steps["size"], 1), kind="num"),
    Column("rates", "Ставок", lambda one: _shown(one.steps["rates"], 2), kind="num"),
    Column("amount", "Сума, грн", lambda one: money(one.amount), kind="num"),
    Column(
        "missing", "Чого бракує", lambda one: "; ".join(one.steps["missing"]), width=40, empty="—"
    ),
]


def subvention(request: HouseRequest, subvention_id: uuid.UUID) -> HttpResponseBase:
    """One computation: every budget within reach with its sum, or what is missing for it."""
    actor = request.actor
    of = reads.find(actor, subvention_id)
    given = asked(request, order_of(reads.LINE_ORDERS, reads.BY_NAME), FILE)
    address = Address(request, ("order",))
    order = address.in_order(given["order"], reads.LINE_ORDERS, reads.BY_NAME)

    def read(mark: str | None = None, **how: Any) -> Page[SubventionLine]:
        return reads.lines(actor, of, **{"after": mark, "order": order, **how})

    shown = Listing(
        address, "Бюджети", _LINES, (), orders=reads.LINE_ORDERS, order=order, most=MOST
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK))
        return files.answer(given["file"], shown, rows, actor=actor, now=timezone.now())
    found = read(**asked(request, *MARKS))
    return pages.page(
        request,
        "reports/subvention/detail.html",
        {
            "of": of,
            "amount": money(of.amount),
            "whole": actor.stands_above(of.unit.path),
            "list": shown.at(found),
            "others": reads.comparable(actor, of),
            "crumbs": [(SERVICE, reverse("subventions"))],
        },
    )


def _told_steps(one: SubventionLine) -> dict[str, Any]:
    """The steps of a budget with numbers as people read them."""
    steps = one.steps
    return {
        name: _shown(steps[name])
        for name in (
            "area", "rural", "density", "size", "teachers", "support_rate", "support", "rates",
            "yearly", "share",
        )
    } | {
        "eligible": steps["eligible"],
        "named_size": steps["named_size"] is not None,
        "missing": steps["missing"],
        "bands": [
            {key: value if key in {"title", "pupils"} else _shown(value) for key, value in band.items()}
            for band in steps["bands"]
        ],
        "classes": _shown(str(sum(Decimal(band["classes"]) for band in steps["bands"]))),
    }  # fmt: skip


def _told_school(one: SubventionSchool) -> dict[str, Any]:
    return {
        "school": one,
        "pupils": sum(one.grades.values()),
        "others": "; ".join(f"{GROUPS[name]}: {n}" for name, n in one.others.items()),
        "amount": money(one.amount),
    }


def subvention_budget(
    request: HouseRequest, subvention_id: uuid.UUID, unit_uid: uuid.UUID
) -> HttpResponse:
    """A budget: each step from pupils to the sum, its schools, and the form of a what-if."""
    actor = request.actor
    of = reads.find(actor, subvention_id)
    line = reads.line(actor, of, unit_uid)
    schools = reads.schools(line)
    form = SupposeForm(schools, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            made = commands.suppose(
                actor=actor,
                base_id=of.pk,
                unit_uid=line.unit.uid,
                title=form.cleaned_data["title"],
                what=form.supposed(),
                now=timezone.now(),
            )
            return pages.see_other(request, "subvention_budget", made.pk, line.unit.uid)
    base = reads.line(actor, of.base, line.unit.uid) if of.base else None
    return pages.form_page(
        request,
        "reports/subvention/budget.html",
        form,
        {
            "of": of,
            "line": line,
            "steps": _told_steps(line),
            "amount": money(line.amount),
            "schools": [_told_school(one) for one in schools],
            "base": base,
            "base_steps": _told_steps(base) if base else None,
            "base_amount": money(base.amount) if base else "",
            "difference": money(line.amount - base.amount)
            if base and base.amount is not None and line.amount is not None
            else "",
            "scenarios": [
                (one, money(one.amount)) for one in reads.scenarios(actor, of, line.unit)
            ],
            "moves": range(1, MOVES + 1),
            "crumbs": [
                (SERVICE, reverse("subventions")),
                (of.title, reverse("subvention", args=[of.pk])),
            ],
        },
    )


def subvention_budget_file(
    request: HouseRequest, subvention_id: uuid.UUID, unit_uid: uuid.UUID
) -> HttpResponse:
    """A budget with its steps and schools as XLSX."""
    actor = request.actor
    of = reads.find(actor, subvention_id)
    line = reads.line(actor, of, unit_uid)
    content = xlsx.subvention(of, line, reads.schools(line))
    name = f"Субвенція, {line.unit.name}, {of.day:%d.%m.%Y}.xlsx"
    return pages.file_answer(content, name, pages.XLSX)


_WITH = identifier("with")


_CHANGES: list[Column[reads.Change]] = [
    Column("unit", "Бюджет", lambda one: one.unit.name, width=50),
    Column("pupils0", "Учнів спершу", lambda one: one.pupils[0], kind="num", empty="—"),
    Column("pupils1", "Учнів потім", lambda one: one.pupils[1], kind="num", empty="—"),
    Column("amount0", "Сума першого, грн", lambda one: money(one.amounts[0]), kind="num"),
    Column("amount1", "Сума другого, грн", lambda one: money(one.amounts[1]), kind="num"),
    Column("shared", "Перерозподіл, грн", lambda one: money(one.shared), kind="num"),
    Column("difference", "Зміна, грн", lambda one: money(one.difference), kind="num"),
]


def subvention_compare(request: HouseRequest, subvention_id: uuid.UUID) -> HttpResponseBase:
    """Two computations side by side, and the first total shared anew by the second."""
    actor = request.actor
    before = reads.find(actor, subvention_id)
    given = asked(request, _WITH, FILE)
    after = reads.find(actor, given["with"]) if given["with"] else None
    changes = reads.changes(actor, before, after) if after else []
    shown = Listing(
        Address(request, ("with",)), "Порівняння розрахунків", _CHANGES, changes, most=MOST
    )
    if given["file"] and after:
        return files.answer(given["file"], shown, changes, actor=actor, now=timezone.now())
    return pages.page(
        request,
        "reports/subvention/compare.html",
        {
            "before": before,
            "after": after,
            "list": shown,
            "others": reads.comparable(actor, before),
            "crumbs": [
                (SERVICE, reverse("subventions")),
                (before.title, reverse("subvention", args=[before.pk])),
            ],
        },
    )


def subvention_parameters(request: HouseRequest) -> HttpResponse:
    """Sets of parameters; the ministry's analyst adds one."""
    actor = request.actor
    sets = reads.parameter_sets(actor)
    keeps = policies.keep_parameters.allows(actor)
    form = ParametersForm(request.POST or None, initial=_beginning(sets))
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            commands.add_parameters(
                actor=actor,
                title=form.cleaned_data["title"],
                act=form.cleaned_data["act"],
                since=form.cleaned_data["since"],
                values={
                    name: form.cleaned_data[name]
                    for name in (*parameters.NUMBERS, *parameters.TABLES)
                },
                now=timezone.now(),
            )
            messages.success(request, "Набір параметрів додано.")
            return pages.see_other(request, "subvention_parameters")
    return pages.form_page(
        request,
        "reports/subvention/parameters.html",
        form,
        {
            "sets": sets,
            "titles": {**parameters.NUMBERS, **{k: v[0] for k, v in parameters.TABLES.items()}},
            "keeps": keeps,
            "crumbs": [(SERVICE, reverse("subventions"))],
        },
    )


def _beginning(sets: list[Any]) -> dict[str, str]:
    return sets[0].values if sets else parameters.beginning()


def subvention_places(request: HouseRequest) -> HttpResponse:
    """Territories of budgets: how many are said, and the form to say more."""
    actor = request.actor
    told, known = reads.places(actor)
    form = PlacesForm(request.POST or None, initial={"since": clock.today()})
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            said = commands.say_places(
                actor=actor,
                text=form.cleaned_data["text"],
                since=form.cleaned_data["since"],
                source=form.cleaned_data["source"],
                now=timezone.now(),
            )
            messages.success(request, f"Записано бюджетів: {said}.")
            return pages.see_other(request, "subvention_places")
    return pages.form_page(
        request,
        "reports/subvention/places.html",
        form,
        {
            "told": told,
            "known": known,
            "keeps": policies.keep_parameters.allows(actor),
            "crumbs": [(SERVICE, reverse("subventions"))],
        },
    )
