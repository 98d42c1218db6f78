"""Pages of pupils: the list, its file, corrections of a profile."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts import identifiers
from accounts.actors import Actor
from accounts.http import HouseRequest
from accounts.roles import Role
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError, NotFound, StaleVersion
from kernel.paging import every
from kernel.parameters import MARKS, asked, code, flag, matching, one_of, reference, words
from kernel.text import plural
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import (
    Act,
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    chosen,
    groups,
    narrowable,
    order_of,
    pager,
    pills,
    seal,
)
from registry.classifiers.selectors import classifiers
from registry.fields.contacts import SEX_LETTERS
from registry.institutions import selectors as institutions
from registry.people import policies
from registry.people import services as pupils
from registry.people.models.guardians import Guardianship
from registry.people.models.pupils import SENSITIVE, Pupil, PupilCategory
from registry.people.portal import forms
from registry.people.selectors import facets, guardians, lists, profile
from registry.people.selectors.filters import NOWHERE, Filters
from registry.people.selectors.reach import by_name
from registry.people.services.guardians import values_of_guardian
from registry.people.services.profile import values_of

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
_SHOWN = (order_of(lists.ORDERS, "name"), FILE, flag("all"))
_NOWHERE = "Живуть тут і ніде не навчаються"
_SEX = {"M": "Хлопці", "F": "Дівчата"}
_WHY = "За іншими стовпцями список упорядковують у межах одного закладу."
TITLE = "Здобувачі освіти"


def _filters(request: HouseRequest) -> Filters:
    return Filters(**asked(request, *_ASKED))


@narrowable
def pupil_list(request: HouseRequest) -> HttpResponseBase:
    """Pupils within reach: search, filters, orders, pages, files; by name or by pseudonym as the
    role sees them. A POST is about the chosen ones: a file of them, or a sheet to print."""
    actor, filters = request.actor, _filters(request)
    given = asked(request, *_SHOWN)
    if request.method == "POST" or given["file"]:
        return _taken(request, filters, given["order"])
    found = lists.listing(
        actor, filters, **asked(request, *MARKS), today=clock.today(), order=given["order"]
    )
    counts = facets.facets(actor, filters, today=clock.today())
    address = Address(request, (*_FILTERS, "order"))
    order = address.in_order(given["order"], found.orders)
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
    if filters.institution:
        picked = found.institution
        choices.append(
            Facet(
                "institution",
                "Заклад",
                [(filters.institution, picked.short_name)] if picked else [],
            )
        )
    may_take = found.named and (
        filters.learns == NOWHERE or policies.export.allows(actor, found.institution)
    )
    may_enrol = own is not None and policies.keep.allows(actor, own)
    on = chips(address, choices)
    shown = dataclasses.replace(
        _list(actor, filters, found, address, order),
        pager=pager(address, found),  # type: ignore[arg-type]
        acts=_acts(address, may_move=may_enrol) if may_take else (),
        total=counts.shown if counts else None,
        everything=seal(lists.keys(actor, filters, today=clock.today()))
        if given["all"] and may_take and counts
        else "",
        most=MOST if may_take else 0,
        chips=on,
        clear=address.with_(**dict.fromkeys(_FILTERS, "")),
    )
    return pages.page(
        request,
        "registry/pupils/list.html",
        {
            "list": shown,
            "rows": found.rows,
            "named": found.named,
            "institution": found.institution or own,
            "one_school": _one_school(actor, found),
            "counts": counts,
            "about": facets.about_how_many(actor) if not filters.chosen() else None,
            "q": filters.q,
            "kept": [(name, value) for name, value in address.now.items() if name != "q"],
            "groups": groups(address, choices, _numbers(counts)) if counts else [],
            "active": len([name for name in filters.chosen() if name != "q"]),
            "grade_urls": [
                (str(n), address.with_(grade=str(n)), filters.grade == str(n)) for n in range(1, 13)
            ],
            "nowhere": nowhere,
            "may_enrol": may_enrol,
        },
        partial="results",
    )


def _one_school(actor: Actor, found: lists.Listing) -> bool:
    own = actor.scope.level == "institution" and len(actor.scope.keys) == 1
    return found.institution is not None or own


def _list(
    actor: Actor, filters: Filters, found: lists.Listing, address: Address, order: str
) -> Listing[lists.Line]:
    """The list as columns, for the page, the printed sheet and the file alike."""
    return Listing(
        address,
        TITLE if filters.learns != NOWHERE else _NOWHERE,
        _columns(found.named, one_school=_one_school(actor, found)),
        found.rows,
        orders=found.orders,
        order=address.in_order(order, found.orders),
        key=lambda line: line.id or "",
        why=_WHY if found.named and len(found.orders) == 1 else "",
    )


_NOBODY = uuid.UUID(int=0)


def _columns(named: bool, *, one_school: bool) -> list[Column[lists.Line]]:
    # The address is composed once, not a hundred times.
    before, _, after = reverse("pupil_detail", args=[_NOBODY]).partition(str(_NOBODY))

    def who(line: lists.Line) -> Name:
        if not named:
            return Name(line.code, code=True)
        url = f"{before}{line.id}{after}"
        return Name(f"{line.surname} {line.given_name}", url, line.patronymic)

    school = [Column[lists.Line]("institution", "Заклад", lambda line: line.institution, width=30)]
    some = [
        Column[lists.Line](
            "name",
            "Прізвище, імʼя, по батькові" if named else "Код",
            who,
            width=20,
            apart=(
                ("Прізвище", lambda line: line.surname),
                ("Імʼя", lambda line: line.given_name),
                ("По батькові", lambda line: line.patronymic),
            )
            if named
            else (),
        ),
        Column("class", "Клас", lambda line: line.class_label, kind="nw", width=8),
        Column("sex", "Стать", lambda line: SEX_LETTERS.get(line.sex, ""), width=7),
        Column(
            "born",
            "Народження" if named else "Рік народження",
            lambda line: line.born_on if named else line.born,
            kind="nw",
        ),
        Column("form", "Форма", lambda line: line.form),
        *([] if one_school else school),
    ]
    if not named:
        return some
    return [
        *some,
        Column("categories", "Категорії", lambda line: line.categories, width=30),
        Column("flag", "Дані", _flag, kind="nw"),
        Column("enrolled", "Зараховано", lambda line: line.enrolled_on, kind="nw"),
    ]


def _flag(line: lists.Line) -> str | Tag:
    if not line.flag:
        return "Заповнено"
    return Tag(facets.FLAGS[line.flag], "plain" if line.flag == "no_rnokpp" else "heed")


def _acts(address: Address, *, may_move: bool) -> list[Act]:
    here = address.with_()
    query = here.partition("?")[2]
    acts = [
        *files.acts(here),
    ]
    if may_move:
        leave = reverse("draft_start_chosen", args=["withdraw"])
        more = reverse("draft_for_chosen")
        acts.insert(0, Act("Відрахувати…", f"{leave}?{query}" if query else leave, kind="primary"))
        acts.insert(1, Act("Інша послуга…", f"{more}?{query}" if query else more, icon="pen"))
    return acts


def chosen_lines(request: HouseRequest, most: int) -> list[lists.Line]:
    """Pupils chosen in the list whose address this is, in its order.

    Raises:
        ChosenChanged: «all» were chosen, and others match now.
        NotAllowed, NotFound: as the list.
    """
    filters, order = _filters(request), asked(request, *_SHOWN)["order"]
    today = clock.today()
    lists.may_take(request.actor, filters)
    ids = chosen(request, lambda: lists.keys(request.actor, filters, today=today))
    found = lists.listing(
        request.actor,
        filters,
        today=today,
        order=order,
        only=ids[:most],
        size=most,
        what="вибрані у списку",
    )
    return found.rows


def _taken(request: HouseRequest, filters: Filters, order: str) -> HttpResponseBase:
    """A file or a sheet of the list or of the chosen; text stays text whatever it begins with."""
    actor, today = request.actor, clock.today()
    lists.may_take(actor, filters)
    address = Address(request, (*_FILTERS, "order"))
    none = lists.listing(actor, filters, today=today, only=())
    shown = dataclasses.replace(
        _list(actor, filters, none, address, order),
        chips=chips(address, _facets(facets.facets(actor, filters, today=today))),
    )
    answer = files.asked_for(
        request,
        shown,
        lambda only: pupils.export(
            actor=actor, filters=filters, today=today, order=order, only=only
        ),
        actor=actor,
        matching=lambda: lists.keys(actor, filters, today=today),
        of=_of(actor, none),
    )
    assert answer is not None  # noqa: S101 - it was asked for
    return answer


def _of(actor: Actor, found: lists.Listing) -> str:
    own = institutions.own_or_none(actor)
    whose = found.institution or own
    return whose.short_name if whose else ""


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
        return {"version": pupil.version, **values_of(pupil)}

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
        note="Закритий профіль лишається в реєстрі; зарахувати дитину за ним не можна.",
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
        return {
            "version": tie.version,
            "guardian_version": tie.guardian.version,
            **values_of_guardian(tie),
            "identity_shown": tie.identity_shown,
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


def guardian_confirm(
    request: HouseRequest, pupil_id: uuid.UUID, guardianship_id: int
) -> HttpResponse:
    """The school saw by what the person represents the child: the parents' window opens to them."""

    def read() -> dict[str, Any]:
        tie = guardians.guardianship(request.actor, pupil_id, guardianship_id)
        return {
            "version": tie.version,
            "guardian_version": tie.guardian.version,
            "ground": guardians.ground_of(tie),
        }

    tie = guardians.guardianship(request.actor, pupil_id, guardianship_id)
    form = forms.ConfirmGuardianForm(request.POST or None, initial=read())
    code = identifiers.masked(tie.guardian.code) if tie.guardian.code else "коду немає"
    return _edit(
        request,
        pupil_id,
        form,
        "Підтвердити представника",
        lambda: pupils.confirm_guardian(
            actor=request.actor,
            pupil_id=pupil_id,
            guardianship_id=guardianship_id,
            today=clock.today(),
            **form.cleaned_data,
        ),
        "Представника підтверджено: дитину видно в його вікні батьків.",
        note=f"{tie.guardian.full_name} ({code}) побачить усе, що записано про дитину.",
        read=read,
    )


def _version_of_tie(actor: Actor, pupil_id: uuid.UUID, guardianship_id: int) -> dict[str, Any]:
    return {"version": guardians.guardianship(actor, pupil_id, guardianship_id).version}


def guardian_unconfirm(
    request: HouseRequest, pupil_id: uuid.UUID, guardianship_id: int
) -> HttpResponse:
    """The confirmation was a mistake, or holds no longer."""
    read = partial(_version_of_tie, request.actor, pupil_id, guardianship_id)
    form = forms.UnconfirmForm(request.POST or None, initial=read())
    return _edit(
        request,
        pupil_id,
        form,
        "Скасувати підтвердження представника",
        lambda: pupils.unconfirm_guardian(
            actor=request.actor,
            pupil_id=pupil_id,
            guardianship_id=guardianship_id,
            **form.cleaned_data,
        ),
        "Підтвердження скасовано: дитину у вікні батьків більше не видно.",
        note="Запис про представника лишається; дитина зникне з його вікна одразу.",
        read=read,
    )


def guardian_void(request: HouseRequest, pupil_id: uuid.UUID, guardianship_id: int) -> HttpResponse:
    """The person never represented the child; the row stays, voided."""
    read = partial(_version_of_tie, request.actor, pupil_id, guardianship_id)
    form = forms.VoidForm(request.POST or None, initial=read())
    return _edit(
        request,
        pupil_id,
        form,
        "Вилучити помилкового представника",
        lambda: pupils.void_guardianship(
            actor=request.actor,
            pupil_id=pupil_id,
            guardianship_id=guardianship_id,
            **form.cleaned_data,
        ),
        "Представника вилучено.",
        note="Дитина одразу зникне з його вікна батьків; вилучений запис лишається в картці.",
        read=read,
    )


# ── all representatives of a school ──────────────────────────────────────────
_STATE_TAGS = {"WAITS": "heed", "NO_CODE": "off", "CONFIRMED": "good"}
_GUARDIANS: list[Column[Guardianship]] = [
    Column(
        "pupil",
        "Дитина",
        lambda tie: Name(
            f"{tie.pupil.surname} {tie.pupil.given_name}",
            reverse("pupil_detail", args=[tie.pupil_id]),
            tie.pupil.patronymic,
        ),
        width=36,
    ),
    Column(
        "person",
        "Представник",
        lambda tie: (
            f"{tie.guardian.full_name}, {classifiers.label('relation', tie.relation).lower()}"
        ),
        width=40,
    ),
    Column("shown", "Посвідчення", lambda tie: "предʼявлено" if tie.identity_shown else ""),
    Column("since", "З", lambda tie: tie.starts_on, kind="nw"),
    Column(
        "state",
        "Підтвердження",
        lambda tie: Tag(
            guardians.STATES[guardians.state_of(tie)], _STATE_TAGS[guardians.state_of(tie)]
        ),
    ),
]


def _picked(pk: int) -> str:
    """A number as what is chosen in lists is told apart by."""
    return str(uuid.UUID(int=pk))


def guardian_list(request: HouseRequest) -> HttpResponseBase:
    """Representatives of the school's children by whether they are confirmed; many at once."""
    actor, today = request.actor, clock.today()
    guardians.may_confirm(actor)
    given = asked(
        request,
        one_of("state", guardians.STATES),
        order_of(guardians.ORDERS, "pupil"),
        FILE,
        flag("all"),
    )
    state, order = given["state"], given["order"]
    address = Address(request, ("state", "order"))

    def keys() -> list[str]:
        return [_picked(pk) for pk in guardians.keys(actor, state, today)]

    if request.method == "POST" and request.POST.get("do") == "confirm":
        return _confirm_many(request, keys)
    found = guardians.listing(actor, state, today=today, order=order, **asked(request, *MARKS))
    counts = guardians.counts(actor, today)
    shown = Listing(
        address,
        "Представники дітей",
        _GUARDIANS,
        found.rows,
        pager=pager(address, found),
        orders=guardians.ORDERS,
        order=order,
        key=lambda tie: _picked(tie.pk),
        acts=[
            Act(
                "Підтвердити вибраних",
                address.with_(),
                value="confirm",
                kind="primary",
                icon="check",
            )
        ],
        total=counts.get(state, 0) if state else sum(counts.values()),
        everything=seal(keys()) if given["all"] else "",
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", list(guardians.STATES.items()))]),
        clear=address.with_(state=""),
    )
    if given["file"]:
        rows = every(
            lambda mark: guardians.listing(
                actor,
                state,
                today=today,
                order=order,
                after=mark,
                size=files.CHUNK,
                what="файл зі списком представників",
            )
        )
        return files.answer(given["file"], shown, rows, actor=actor, now=moment().now)
    return pages.page(
        request,
        "registry/pupils/guardians.html",
        {
            "list": shown,
            "waits": counts.get("WAITS", 0),
            "pills": pills(address, "state", {"": "Усі", **guardians.STATES}, state, counts),
        },
    )


def _confirm_many(request: HouseRequest, keys: Callable[[], list[str]]) -> HttpResponse:
    try:
        count = pupils.confirm_guardians(
            actor=request.actor,
            ids=[uuid.UUID(one).int for one in chosen(request, keys)],
            today=clock.today(),
        )
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, no.detail)
    else:
        words_ = plural(count, "представника", "представників", "представників")
        messages.success(request, f"Підтверджено {count} {words_}.")
    query = request.META["QUERY_STRING"]
    return pages.see_other(request, reverse("guardian_list") + (f"?{query}" if query else ""))


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


def address_void(request: HouseRequest, pupil_id: uuid.UUID, kind: str) -> HttpResponse:
    """The child never had this address; the row stays, voided."""
    if kind not in _ADDRESSES:
        raise NotFound

    def read() -> dict[str, Any]:
        row = profile.find(request.actor, pupil_id).addresses.filter(kind=kind.upper()).first()
        if row is None:
            raise NotFound
        return {"version": row.version}

    form = forms.VoidForm(request.POST or None, initial=read())
    return _edit(
        request,
        pupil_id,
        form,
        "Вилучити помилкову адресу",
        lambda: pupils.void_address(
            actor=request.actor, pupil_id=pupil_id, kind=kind.upper(), **form.cleaned_data
        ),
        "Адресу вилучено.",
        note="Вилучений запис лишається в картці; змінену адресу записують, а не вилучають.",
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


def fact_new(request: HouseRequest, pupil_id: uuid.UUID, fact: str) -> HttpResponse:
    """Special needs, free meals, displacement: from a day, with what each asks. What lasted and was
    otherwise ends on that day."""
    try:
        of, title = forms.OWN_FORMS[fact]
    except KeyError:
        raise NotFound from None
    form = of(request.POST or None)
    return _edit(
        request,
        pupil_id,
        form,
        title,
        lambda: pupils.add_category(
            actor=request.actor, pupil_id=pupil_id, values=form.values(), today=clock.today()
        ),
        "Збережено.",
        note="Що було раніше, лишиться в картці.",
    )


def contact_new(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponse:
    """Contact was lost, or restored, from a day."""
    form = forms.ContactForm(request.POST or None)
    return _edit(
        request,
        pupil_id,
        form,
        "Звʼязок із дитиною та представниками",
        lambda: pupils.note_contact(
            actor=request.actor, pupil_id=pupil_id, values=form.values(), today=clock.today()
        ),
        "Стан звʼязку записано.",
    )


def contact_void(request: HouseRequest, pupil_id: uuid.UUID, contact_id: int) -> HttpResponse:
    """The state that lasts never was so."""

    def read() -> dict[str, Any]:
        row = profile.find(request.actor, pupil_id).contacts.filter(pk=contact_id).first()
        if row is None:
            raise NotFound
        return {"version": row.version}

    form = forms.VoidForm(request.POST or None, initial=read())
    return _edit(
        request,
        pupil_id,
        form,
        "Вилучити помилковий запис про звʼязок",
        lambda: pupils.void_contact(
            actor=request.actor, pupil_id=pupil_id, contact_id=contact_id, **form.cleaned_data
        ),
        "Запис вилучено.",
        note="Вилучений запис лишається в історії; діє той, що був перед ним.",
        read=read,
    )


def category_void(request: HouseRequest, pupil_id: uuid.UUID, category_id: int) -> HttpResponse:
    """A category never was so; the row stays, voided."""

    def read() -> dict[str, Any]:
        return {"version": _category(request, pupil_id, category_id).version}

    form = forms.VoidForm(request.POST or None, initial=read())
    return _edit(
        request,
        pupil_id,
        form,
        "Вилучити помилковий запис",
        lambda: pupils.void_category(
            actor=request.actor, pupil_id=pupil_id, category_id=category_id, **form.cleaned_data
        ),
        "Запис вилучено.",
        note="Вилучений запис лишається в історії, та в звітах і картці його немає.",
        read=read,
    )


def _category(request: HouseRequest, pupil_id: uuid.UUID, category_id: int) -> PupilCategory:
    """A category of a child that the actor may know of.

    Raises:
        NotFound: no such one, it was voided, or it is hidden from the actor.
    """
    pupil, institution = by_name(request.actor, pupil_id)
    row: PupilCategory | None = pupil.categories.filter(pk=category_id, voided_at=None).first()
    if row is None or (
        row.code in SENSITIVE and not policies.see_needs.allows(request.actor, institution)
    ):
        raise NotFound
    return row


def category_end(request: HouseRequest, pupil_id: uuid.UUID, category_id: int) -> HttpResponse:
    """End a category on a day; what was stays in the history."""

    def read() -> dict[str, Any]:
        row = _category(request, pupil_id, category_id)
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
