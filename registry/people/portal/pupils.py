"""Pages of pupils: the list, its file, corrections of a profile."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse

from accounts.actors import Actor
from accounts.http import HouseRequest
from accounts.roles import Role
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError, NotFound, StaleVersion
from kernel.parameters import MARKS, asked, code, matching, one_of, reference, words
from kernel.tables.writing import Column, Sheet, workbook
from kernel.ui import pages
from kernel.ui.listing import Address, Facet, chips, groups, pager
from registry.classifiers.selectors import classifiers
from registry.institutions import selectors as institutions
from registry.people import policies
from registry.people import services as pupils
from registry.people.models.pupils import Pupil
from registry.people.portal import forms
from registry.people.selectors import facets, guardians, lists, profile
from registry.people.selectors.filters import NOWHERE, Filters
from registry.people.selectors.reach import by_name

_ASKED = (
    words("q"),
    matching("grade", "номер класу", "[0-9]{1,2}", nothing=""),
    reference("class_id"),
    one_of("sex", "MF"),
    code("form"),
    code("flag"),
    reference("institution"),
    one_of("learns", [NOWHERE]),
)
_FILTERS = tuple(parameter.name for parameter in _ASKED)
_NOWHERE = "Живуть тут і ніде не навчаються"
_SEX = {"M": "Хлопці", "F": "Дівчата"}


def _filters(request: HouseRequest) -> Filters:
    return Filters(**asked(request, *_ASKED))


def pupil_list(request: HouseRequest) -> HttpResponse:
    """Pupils within reach: search, filters, pages; by name or by pseudonym as the role sees them."""
    actor, filters = request.actor, _filters(request)
    found = lists.listing(
        actor,
        filters,
        **asked(request, *MARKS),
        today=clock.today(),
    )
    counts = facets.facets(actor, filters, today=clock.today())
    address = Address(request, _FILTERS)
    choices = _facets(counts)
    own = institutions.own_or_none(actor)
    nowhere = None
    if policies.see_residents.allows(actor):
        choices.append(Facet("learns", "Навчання", [(NOWHERE, _NOWHERE)]))
        nowhere = {
            "label": _NOWHERE,
            "url": address.with_(learns=NOWHERE, institution="", class_id="", grade=""),
            "current": filters.learns == NOWHERE,
        }
    return pages.page(
        request,
        "registry/pupils/list.html",
        {
            "rows": _rows(found),
            "named": found.named,
            "institution": found.institution or own,
            "one_school": found.institution is not None
            or (own is not None and len(actor.scope.keys) == 1),
            "counts": counts,
            "about": facets.about_how_many(actor) if not filters.chosen() else None,
            "q": filters.q,
            "kept": [(name, value) for name, value in address.now.items() if name != "q"],
            "groups": groups(address, choices, _numbers(counts)) if counts else [],
            "active": len([name for name in filters.chosen() if name != "q"]),
            "chips": chips(address, choices),
            "clear": address.with_(**dict.fromkeys(_FILTERS[1:], "")),
            "pager": pager(address, found),  # type: ignore[arg-type]
            "flags": facets.FLAGS,
            "grade_urls": [
                (str(n), address.with_(grade=str(n)), filters.grade == str(n)) for n in range(1, 13)
            ],
            "may_export": found.named
            and (filters.learns == NOWHERE or policies.export.allows(actor, found.institution)),
            "export_query": address.with_().partition("?")[2],
            "nowhere": nowhere,
            "may_enrol": own is not None and policies.keep.allows(actor, own),
        },
        partial="results",
    )


_NOBODY = uuid.UUID(int=0)


def _rows(found: lists.Listing) -> list[dict[str, Any]]:
    """Rows ready to be put into the page: the address is composed once, not a hundred times, and
    templates read a dictionary faster than an object."""
    card = reverse("pupil_detail", args=[_NOBODY])
    return [
        {**vars(line), "url": card.replace(str(_NOBODY), str(line.id)) if line.id else ""}
        for line in found.rows
    ]


def _facets(counts: facets.Facets | None) -> list[Facet]:
    if counts is None:
        return [Facet("grade", "Паралель", [(str(n), f"{n} клас") for n in range(14)])]
    return [
        Facet("grade", "Паралель", [(str(n), f"{n} клас") for n in counts.grades]),
        Facet("class_id", "Клас", [(uid, label) for uid, label, _ in counts.classes]),
        Facet("flag", "Стан даних", list(facets.FLAGS.items()), "Будь-який"),
        Facet("form", "Форма здобуття", classifiers.choices("education_form", clock.today())),
        Facet("sex", "Стать", list(_SEX.items())),
    ]


def _numbers(counts: facets.Facets) -> dict[str, dict[str, int]]:
    return {
        "grade": {str(k): v for k, v in counts.grades.items()},
        "class_id": {uid: number for uid, _, number in counts.classes},
        "flag": counts.flags,
        "form": counts.forms,
        "sex": counts.sexes,
    }


def pupil_export(request: HouseRequest) -> HttpResponse:
    """The filtered list as XLSX; text stays text whatever it begins with."""
    lines = pupils.export(actor=request.actor, filters=_filters(request), today=clock.today())
    columns = [
        Column("№", width=5),
        *(Column(heading, width=20) for heading in ("Прізвище", "Імʼя", "По батькові")),
        *(Column(heading) for heading in ("Стать", "Дата народження", "Клас", "Форма", "Заклад")),
        *(Column(heading) for heading in ("Зараховано", "Категорії")),
    ]
    rows = [
        (
            number, line.surname, line.given_name, line.patronymic, "Ж" if line.sex == "F" else "Ч", line.born,
            line.class_label, line.form, line.institution,
            f"{line.enrolled_on:%d.%m.%Y}" if line.enrolled_on else "", ", ".join(line.categories),
        )
        for number, line in enumerate(lines, start=1)
    ]  # fmt: skip
    content = workbook(Sheet("Здобувачі освіти", columns, rows))
    return pages.file_answer(content, f"Здобувачі освіти {clock.today():%d.%m.%Y}.xlsx", pages.XLSX)


def _edit(
    request: HouseRequest,
    pupil_id: uuid.UUID,
    form: Any,
    title: str,
    save: Callable[[], object],
    done: str,
    *,
    note: str = "",
    read: Callable[[], Mapping[str, Any]] | None = None,
    others: Sequence[Pupil] = (),
) -> HttpResponse:
    """One form of a profile: judge, save, say so; or show every mistake beside its field. What
    somebody saved meanwhile is shown beside what was typed: `read` gives it as the form does."""
    actor = request.actor
    pupil, institution = by_name(actor, pupil_id)
    policies.keep.require(actor, institution)
    context: dict[str, Any] = {"pupil": pupil, "heading": title, "note": note, "others": others}
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except StaleVersion as refusal:
            context["meanwhile"] = pages.meanwhile(form, refusal, read() if read else {})
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, done)
            return pages.see_other(request, "pupil_detail", pupil_id)
    if "confirmed" in form.fields and "confirmed" not in getattr(form, "errors", {}):
        del form.fields["confirmed"]
    return pages.form_page(request, "registry/pupils/edit.html", form, context)


def pupil_edit(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponse:
    """«Оновлення освітнього профілю дитини»."""

    def read() -> dict[str, Any]:
        pupil = profile.find(request.actor, pupil_id)
        return {
            "version": pupil.version,
            "surname": pupil.surname,
            "given_name": pupil.given_name,
            "patronymic": pupil.patronymic,
            "born_on": f"{pupil.born_on:%d.%m.%Y}",
            "sex": pupil.sex,
            "citizenship": pupil.citizenship,
            "rnokpp": pupil.rnokpp or ("відмова" if pupil.rnokpp_state == "REFUSED" else ""),
            "unzr": pupil.unzr or "",
            "contact_status": pupil.contact_status,
        }

    form = forms.ProfileForm(request.POST or None, initial=read())
    return _edit(
        request,
        pupil_id,
        form,
        "Оновлення освітнього профілю дитини",
        lambda: pupils.correct(
            actor=request.actor,
            pupil_id=pupil_id,
            version=form.cleaned_data["version"],
            values=form.values(),
            ground=form.cleaned_data["ground"],
            today=clock.today(),
        ),
        "Профіль оновлено.",
        note="Заклад і клас змінюються лише підписаним наказом.",
        read=read,
    )


def pupil_close(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponse:
    """Close the profile of a child who learns nowhere, by a document."""
    form = forms.CloseForm(request.POST or None)
    return _edit(
        request,
        pupil_id,
        form,
        "Закрити профіль дитини",
        lambda: pupils.close(
            actor=request.actor, pupil_id=pupil_id, moment=moment(), **form.cleaned_data
        ),
        "Профіль закрито.",
        note="Закритий профіль лишається в реєстрі; зарахувати дитину за ним не можна",
    )


def pupil_reopen(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponse:
    """Open a profile that was closed by mistake."""
    form = forms.ReopenForm(request.POST or None)
    return _edit(
        request,
        pupil_id,
        form,
        "Знову відкрити профіль дитини",
        lambda: pupils.reopen(
            actor=request.actor, pupil_id=pupil_id, moment=moment(), **form.cleaned_data
        ),
        "Профіль знову відкрито.",
    )


def document_new(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponse:
    """A further document; earlier ones stay and are still found by search."""
    form = forms.DocumentForm(request.POST or None)
    return _edit(
        request,
        pupil_id,
        form,
        "Новий документ дитини",
        lambda: pupils.add_document(
            actor=request.actor,
            pupil_id=pupil_id,
            values=form.values(),
            today=clock.today(),
        ),
        "Документ додано.",
        note="Попередні документи зберігаються: дитину знайдуть за будь-яким із них.",
    )


def guardian_new(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponse:
    """A further representative."""
    today = clock.today()
    form = forms.GuardianForm(request.POST or None, initial={"starts_on": f"{today:%d.%m.%Y}"})
    return _edit(
        request,
        pupil_id,
        form,
        "Новий представник дитини",
        lambda: pupils.add_guardian(
            actor=request.actor, pupil_id=pupil_id, values=form.values(), today=today
        ),
        "Представника додано.",
    )


def guardian_edit(request: HouseRequest, pupil_id: uuid.UUID, guardianship_id: int) -> HttpResponse:
    """Correct a representative; whose cards change with it is said first."""
    actor = request.actor

    def read() -> dict[str, Any]:
        tie = guardians.guardianship(actor, pupil_id, guardianship_id)
        person = ("surname", "given_name", "patronymic", "phone", "email", "rnokpp")
        return {
            "version": tie.version,
            "guardian_version": tie.guardian.version,
            "relation": tie.relation,
            "starts_on": f"{tie.starts_on:%d.%m.%Y}",
            "ground": tie.ground,
            "identity_shown": tie.identity_shown,
            **{name: getattr(tie.guardian, name) or "" for name in person},
        }

    tie = guardians.guardianship(actor, pupil_id, guardianship_id)
    form = forms.GuardianEditForm(request.POST or None, initial=read())
    return _edit(
        request,
        pupil_id,
        form,
        "Представник дитини",
        lambda: pupils.change_guardian(
            actor=actor,
            pupil_id=pupil_id,
            guardianship_id=guardianship_id,
            version=form.cleaned_data["version"],
            guardian_version=form.cleaned_data["guardian_version"],
            values=form.values(),
            today=clock.today(),
        ),
        "Відомості про представника збережено.",
        note="Інший РНОКПП означає іншу особу.",
        read=read,
        others=guardians.other_children(actor, tie.guardian, tie.pupil),
    )


def guardian_end(request: HouseRequest, pupil_id: uuid.UUID, guardianship_id: int) -> HttpResponse:
    """The person represents the child no longer; what was stays in the card."""

    def read() -> dict[str, Any]:
        tie = guardians.guardianship(request.actor, pupil_id, guardianship_id)
        return {"version": tie.version, "ends_on": tie.ends_on or clock.today()}

    form = forms.EndForm(request.POST or None, initial=read())
    return _edit(
        request,
        pupil_id,
        form,
        "Завершити представництво",
        lambda: pupils.end_guardianship(
            actor=request.actor,
            pupil_id=pupil_id,
            guardianship_id=guardianship_id,
            version=form.cleaned_data["version"],
            ends_on=form.cleaned_data["ends_on"],
        ),
        "Представництво завершено.",
        read=read,
    )


_ADDRESSES = {"actual": "Адреса фактичного місця проживання", "registered": "Адреса реєстрації"}


def address_edit(request: HouseRequest, pupil_id: uuid.UUID, kind: str) -> HttpResponse:
    """Write one of the addresses."""
    if kind not in _ADDRESSES:
        raise NotFound

    def read() -> dict[str, Any]:
        pupil = profile.find(request.actor, pupil_id)
        row = pupil.addresses.filter(kind=kind.upper()).first()
        if row is None:
            return {"version": 0, "country": "UA", "territory_code": "", "line": ""}
        fields = ("version", "country", "territory_code", "line")
        return {name: getattr(row, name) for name in fields}

    form = forms.AddressForm(request.POST or None, initial=read())
    return _edit(
        request,
        pupil_id,
        form,
        _ADDRESSES[kind],
        lambda: pupils.save_address(
            actor=request.actor,
            pupil_id=pupil_id,
            kind=kind.upper(),
            version=form.cleaned_data["version"],
            values=form.values(),
        ),
        "Адресу збережено.",
        note="Що було записано раніше, видно в історії картки.",
        read=read,
    )


def category_new(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponse:
    """A category with its document."""
    form = forms.CategoryForm(request.POST or None)
    return _edit(
        request,
        pupil_id,
        form,
        "Нова категорія дитини",
        lambda: pupils.add_category(
            actor=request.actor,
            pupil_id=pupil_id,
            values=form.values(),
            today=clock.today(),
        ),
        "Категорію додано.",
    )


def category_end(request: HouseRequest, pupil_id: uuid.UUID, category_id: int) -> HttpResponse:
    """End a category on a day; what was stays in the history."""

    def read() -> dict[str, Any]:
        pupil = profile.find(request.actor, pupil_id)
        row = pupil.categories.filter(pk=category_id).first()
        if row is None:
            raise NotFound
        return {"version": row.version, "ends_on": row.ends_on or clock.today()}

    form = forms.EndForm(request.POST or None, initial=read())
    return _edit(
        request,
        pupil_id,
        form,
        "Завершити дію категорії",
        lambda: pupils.end_category(
            actor=request.actor,
            pupil_id=pupil_id,
            category_id=category_id,
            version=form.cleaned_data["version"],
            ends_on=form.cleaned_data["ends_on"],
        ),
        "Дію категорії завершено.",
        read=read,
    )


def sees_pupils(actor: Actor | None) -> bool:
    """Whether the section «Здобувачі освіти» is for this actor."""
    return (
        actor is not None
        and not actor.holds(Role.TECH_ADMIN)
        and policies.list_pupils.allows(actor)
    )
