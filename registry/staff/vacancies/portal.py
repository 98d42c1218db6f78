"""Pages of vacancies: the list for a school and for whoever is above it, and the form."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import HouseRequest
from kernel import clock
from kernel.errors import DomainError, StaleVersion
from kernel.once import KeyReused, Once, Replayed
from kernel.paging import every
from kernel.parameters import MARKS, asked, code, flag, one_of, reference
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.forms import Form
from kernel.ui.listing import (
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    groups,
    narrowable,
    order_of,
    pager,
    seal,
)
from registry.classifiers.selectors import classifiers
from registry.institutions import policies
from registry.institutions import selectors as institutions
from registry.institutions.models.institutions import Institution
from registry.staff import selectors as staff
from registry.staff.models.vacancies import REASONS, Vacancy
from registry.staff.portal import may_hire
from registry.staff.vacancies import selectors, services


def _columns(actor: Any, *, one_school: bool) -> list[Column[Vacancy]]:
    keeps = bool(may_hire(actor))

    def name(one: Vacancy) -> Name:
        label = classifiers.label("position", one.position)
        url = reverse("vacancy_edit", args=[one.pk]) if keeps and one.closed_on is None else ""
        return Name(label, url, note=one.note)

    def state(one: Vacancy) -> Tag:
        if one.closed_on is None:
            return Tag("Вільна", "heed")
        return Tag("Заповнено", "good") if one.filled_by_id else Tag("Знято", "off")

    school = [
        Column[Vacancy]("institution", "Заклад", lambda one: one.institution.short_name, width=34)
    ]
    return [
        Column("position", "Посада", name, width=34),
        *([] if one_school else school),
        Column(
            "subject",
            "Предмет",
            lambda one: classifiers.label("subject", one.subject) if one.subject else "",
            width=26,
        ),
        Column("rate", "Ставка", lambda one: one.rate, kind="num"),
        Column("hours", "Годин на тиждень", lambda one: one.hours, kind="num"),
        Column("reason", "Чому вільна", lambda one: REASONS.get(one.reason, ""), width=34),
        Column("opened", "Вільна з", lambda one: one.opened_on, kind="nw"),
        Column("until", "До", lambda one: one.until, kind="nw", empty="постійно"),
        Column("state", "Стан", state, width=14),
    ]


@narrowable
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HouseRequest) -> HttpResponseBase:
    """Vacancies within reach, those open the longest first. A POST is about the chosen ones."""
    actor = request.actor
    given = asked(
        request,
        code("position"),
        code("subject"),
        reference("institution"),
        one_of("closed", "1"),
        order_of(selectors.ORDERS, "opened"),
        FILE,
        flag("all"),
    )
    filters = selectors.Filters(
        given["position"], given["subject"], given["institution"], given["closed"]
    )
    address = Address(request, ("position", "subject", "institution", "closed", "order"))
    order = address.in_order(given["order"], selectors.orders_of(actor), "opened")

    def read(mark: str | None = None, **how: Any) -> selectors.Listing:
        return selectors.listing(actor, filters, **{"after": mark, "order": order, **how})

    found = selectors.listing(actor, filters, order=order, **asked(request, *MARKS))
    is_school = selectors.is_school(actor)
    facets = [
        Facet("position", "Посада", list(classifiers.labels("position").items())),
        Facet("subject", "Предмет", list(classifiers.labels("subject").items())),
    ]
    here = address.with_()
    off = [Facet("closed", "Стан", [("1", "Закриті")])]
    shown = Listing(
        address,
        "Вакансії" if not filters.closed else "Закриті вакансії",
        _columns(actor, one_school=is_school and len(actor.scope.keys) == 1),
        found.page.rows,
        pager=pager(address, found.page),
        orders=selectors.orders_of(actor),
        order=order,
        key=lambda one: str(one.pk),
        acts=files.acts(here),
        total=found.total,
        everything=seal(selectors.keys(actor, filters)) if given["all"] else "",
        most=MOST,
        chips=chips(address, [*facets, *off]),
        clear=address.with_(position="", subject="", institution="", closed=""),
    )
    own = institutions.own_or_none(actor)
    answer = files.asked_for(
        request,
        shown,
        lambda only: every(lambda mark: read(mark, size=files.CHUNK, only=only).page),
        actor=actor,
        matching=lambda: selectors.keys(actor, filters),
        of=own.short_name if own else "",
    )
    return answer or pages.page(
        request,
        "registry/vacancies/list.html",
        {
            "list": shown,
            "total": found.total,
            "rates": found.rates,
            "closed": {
                "url": address.with_(closed="" if filters.closed else "1"),
                "on": filters.closed,
            }
            if is_school
            else None,
            "may_keep": bool(may_hire(actor)),
            "groups": groups(
                address, facets, {"position": found.positions, "subject": found.subjects}
            ),
            "active": int(bool(filters.position)) + int(bool(filters.subject)),
        },
    )


def _text(label: str, help_text: str = "", **attributes: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, help_text=help_text, widget=forms.TextInput(attrs=attributes)
    )


class VacancyForm(Form):
    """A place to fill, as typed: the command's rules judge all fields at once."""

    expected = frozenset({"position", "rate", "reason", "opened_on"})

    position = forms.ChoiceField(label="Посада", required=False)
    subject = forms.ChoiceField(label="Предмет (для вчителя)", required=False)
    rate = _text("Ставка", "Наприклад, 1 або 0,5", inputmode="decimal")
    hours = _text("Годин на тиждень", "За наявності", inputmode="decimal")
    reason = forms.ChoiceField(label="Чому вільна", required=False)
    opened_on = _text("Вільна з", "дд.мм.рррр", inputmode="numeric", **{"data-ak-date": ""})
    until = _text("Вільна до", "Для тимчасової заміни", inputmode="numeric", **{"data-ak-date": ""})
    note = _text("Примітка", "Без імен: її бачать органи управління")

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        today = clock.today()
        for name, items in (
            ("position", classifiers.choices("position", today)),
            ("subject", classifiers.choices("subject", today)),
            ("reason", list(REASONS.items())),
        ):
            empty = "немає" if name == "subject" else "Виберіть"
            self.fields[name].choices = [("", empty), *items]  # type: ignore[attr-defined]

    def values(self) -> dict[str, str]:
        """Every field as text."""
        return {name: str(self.cleaned_data.get(name) or "") for name in VacancyForm.base_fields}


class NewForm(VacancyForm):
    """A new one; sent twice, it is opened once."""

    form_id = forms.CharField(widget=forms.HiddenInput)
    institution = forms.ChoiceField(label="Заклад")

    field_order = ("form_id", "institution")

    def __init__(self, *args: Any, schools: list[Institution], **options: Any):
        super().__init__(*args, **options)
        choices = [(str(one.uid), one.short_name) for one in schools]
        self.fields["institution"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("institution", choices[0][0])
        if len(choices) == 1:
            self.fields["institution"].widget = forms.HiddenInput()


class EditForm(VacancyForm):
    """An open one as it was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HouseRequest) -> HttpResponse:
    """Open a vacancy; of a post that ends (`post`), filled with what it was."""
    actor, today = request.actor, clock.today()
    schools = may_hire(actor)
    if not schools:
        policies.keep_staff.require(actor, institutions.own(actor))
    initial: dict[str, Any] = {
        "form_id": uuid.uuid4(),
        "opened_on": f"{today:%d.%m.%Y}",
        "rate": "1",
    }
    if of := asked(request, reference("post"))["post"]:
        post = staff.find(actor, of)
        kept = {name: value for name, value in selectors.after(post).items() if value}
        initial |= {**kept, "institution": str(post.institution.uid)}
    form = NewForm(request.POST or None, schools=schools, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.open_vacancy(
                actor=actor,
                institution_uid=form.cleaned_data["institution"],
                values=form.values(),
                today=today,
                once=Once.of_form(
                    "registry.vacancy", request.POST, pack=lambda one: {"vacancy": str(one.pk)}
                ),
            )
        except Replayed:
            return pages.see_other(request, "vacancy_list")
        except KeyReused:
            form.data = anew = request.POST.copy()
            anew["form_id"] = str(uuid.uuid4())
            form.add_error(
                None,
                "Цю форму вже надіслано з іншими відомостями: та вакансія є у списку. "
                "Якщо це інша вакансія, надішліть форму ще раз.",
            )
        except DomainError as refusal:
            if refusal.http_status == 404:
                raise
            form.refuse(refusal)
        else:
            messages.success(request, "Вакансію додано.")
            return pages.see_other(request, "vacancy_list")
    return pages.form_page(
        request, "registry/vacancies/edit.html", form, {"heading": "Нова вакансія"}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HouseRequest, vacancy_id: uuid.UUID) -> HttpResponse:
    """Change an open vacancy."""
    actor = request.actor
    one = selectors.find(actor, vacancy_id)
    policies.keep_staff.require(actor, one.institution)

    def read(vacancy: Vacancy) -> dict[str, Any]:
        numbers = {
            name: f"{value.normalize():f}".replace(".", ",") if value is not None else ""
            for name, value in (("rate", vacancy.rate), ("hours", vacancy.hours))
        }
        days = {
            name: f"{value:%d.%m.%Y}" if value else ""
            for name, value in (("opened_on", vacancy.opened_on), ("until", vacancy.until))
        }
        plain = {name: getattr(vacancy, name) for name in ("position", "subject", "reason", "note")}
        return {"version": vacancy.version, **plain, **numbers, **days}

    form = EditForm(request.POST or None, initial=read(one))
    context: dict[str, Any] = {"heading": "Змінити вакансію", "vacancy": one}
    if request.method == "POST" and form.is_valid():
        try:
            services.change_vacancy(
                actor=actor,
                vacancy_id=vacancy_id,
                version=form.cleaned_data["version"],
                values=form.values(),
                today=clock.today(),
            )
        except StaleVersion as refusal:
            context["meanwhile"] = pages.meanwhile(
                form, refusal, read(selectors.find(actor, vacancy_id))
            )
        except DomainError as refusal:
            if refusal.http_status == 404:
                raise
            form.refuse(refusal)
        else:
            messages.success(request, "Вакансію збережено.")
            return pages.see_other(request, "vacancy_list")
    return pages.form_page(request, "registry/vacancies/edit.html", form, context)


@require_POST
def withdraw(request: HouseRequest, vacancy_id: uuid.UUID) -> HttpResponse:
    """The place is not to be filled any more."""
    version = request.POST.get("version", "")
    try:
        services.withdraw_vacancy(
            actor=request.actor,
            vacancy_id=vacancy_id,
            version=int(version)
            if version.isascii() and version.isdigit() and len(version) < 9
            else 0,
            today=clock.today(),
        )
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, f"{no.title}. {no.detail}")
        return pages.see_other(request, "vacancy_edit", vacancy_id)
    messages.success(request, "Вакансію знято.")
    return pages.see_other(request, "vacancy_list")
