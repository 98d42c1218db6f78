"""What happened to a child and to an institution, in the interface's words."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping

from kernel import clock
from kernel.audit.events import Event
from kernel.tables import dates
from kernel.text import plural, years
from registry.cards.selectors.pupil import Card
from registry.cards.selectors.timeline import Noted, Step
from registry.certificates import events as certificates
from registry.certificates.states import VOIDED_FOR
from registry.classes import events as classes
from registry.classifiers.selectors import classifiers
from registry.enrolments import events as enrolments
from registry.fields import documents
from registry.groups import events as groups
from registry.identity import events as identity
from registry.institutions import events as institutions
from registry.movements import events as movements
from registry.people import events as people
from registry.people.models.pupils import CLOSED, SENSITIVE
from registry.reorganisation import events as reorganisation
from registry.rollover import events as rollover
from registry.staff import events as staff

OF_PUPIL: dict[type[Event], str] = {
    people.PupilCorrected: "Виправлено профіль",
    people.DocumentAdded: "Додано документ",
    people.GuardianSaved: "Змінено відомості про представника",
    people.GuardianshipEnded: "Завершено представництво",
    people.GuardianshipVoided: "Вилучено помилкового представника",
    people.GuardianConfirmed: "Підтверджено представника",
    people.GuardianUnconfirmed: "Скасовано підтвердження представника",
    people.ResidenceMoved: "Облік за місцем проживання веде інша громада",
    people.AddressSaved: "Змінено адресу",
    people.AddressVoided: "Вилучено помилкову адресу",
    people.CategoryAdded: "Додано категорію",
    people.CategoryEnded: "Завершено дію категорії",
    people.CategoryVoided: "Вилучено помилкову категорію",
    people.ContactNoted: "Змінився стан звʼязку",
    people.ContactVoided: "Вилучено помилковий запис про звʼязок",
    people.PupilClosed: "Профіль закрито",
    people.PupilReopened: "Профіль знову відкрито",
    certificates.CertificateIssued: "Видано довідку про навчання",
    certificates.CertificateVoided: "Анульовано довідку про навчання",
    identity.MergeAsked: "Просять обʼєднати з іншим профілем дитини",
    identity.MergeRejected: "Обʼєднання з іншим профілем відхилено",
    identity.PupilMerged: "Обʼєднано: далі за дитину відповідає інший профіль",
    identity.PupilTookOver: "Обʼєднано з іншим профілем дитини",
    identity.UnmergeAsked: "Просять скасувати обʼєднання з іншим профілем",
    identity.UnmergeRefused: "Обʼєднання з іншим профілем залишено",
    identity.PupilUnmerged: "Обʼєднання з іншим профілем скасовано",
    identity.PupilGaveBack: "Обʼєднання з іншим профілем скасовано",
}
# Of these the card tells by the orders themselves.
TOLD_BY_ORDERS = {
    enrolments.EnrolmentOpened,
    enrolments.EnrolmentClosed,
    enrolments.PlacementMoved,
    enrolments.SupplementaryOpened,
    enrolments.SupplementaryClosed,
    movements.MovementAnnulled,
    movements.PupilReleased,
    reorganisation.EnrolmentPassed,
}
OF_INSTITUTION: dict[type[Event], str] = {
    institutions.InstitutionCreated: "Створено картку",
    institutions.InstitutionUpdated: "Змінено дані картки",
    institutions.InstitutionConfirmed: "Дані підтвердив орган управління освітою",
    institutions.InstitutionStatusChanged: "Змінено стан",
    institutions.InstitutionPlaced: "Змінено підпорядкування",
    reorganisation.InstitutionReorganised: "Реорганізовано",
    classes.ClassesOpened: "Відкрито класи",
    classes.ClassOpened: "Відкрито клас",
    classes.ClassUpdated: "Змінено клас",
    classes.ClassClosed: "Закрито клас",
    movements.ClassOrderAnnulled: "Скасовано наказ про клас",
    groups.GroupOpened: "Створено групу",
    groups.GroupChanged: "Змінено групу",
    groups.GroupClosed: "Закрито групу",
    rollover.RolloverBegun: "Складено план переведення на новий рік",
    rollover.RolloverChanged: "Змінено план переведення на новий рік",
    rollover.RolloverSigned: "Підписано переведення на новий рік",
    rollover.RolloverReminded: "Орган управління нагадав про переведення на новий рік",
}
OF_POST: dict[type[Event], str] = {
    staff.StaffHired: "Прийнято на роботу",
    staff.StaffCorrected: "Змінено посаду або відомості",
    staff.StaffDismissed: "Звільнено",
    reorganisation.PostPassed: "Продовжує роботу в правонаступника",
    staff.LoadChanged: "Змінено навантаження",
    staff.StaffAttested: "Атестація",
    staff.StaffTrained: "Підвищення кваліфікації",
    staff.StaffEducated: "Змінено відомості про освіту",
    movements.StaffOrderAnnulled: "Скасовано наказ",
    identity.StaffMergeAsked: "Просять обʼєднати з іншим профілем працівника",
    identity.StaffMergeRejected: "Обʼєднання з іншим профілем відхилено",
    identity.StaffMerged: "Обʼєднано: далі за людину відповідає інший профіль",
    identity.StaffTookOver: "Обʼєднано з іншим профілем працівника",
    identity.StaffUnmergeAsked: "Просять скасувати обʼєднання з іншим профілем",
    identity.StaffUnmergeRefused: "Обʼєднання з іншим профілем залишено",
    identity.StaffUnmerged: "Обʼєднання з іншим профілем скасовано",
    identity.StaffGaveBack: "Обʼєднання з іншим профілем скасовано",
}
# Of deferments the head alone is told.
OF_POST_TO_HEAD: dict[type[Event], str] = {staff.StaffDeferred: "Продовжено відстрочку"}
TAKEN_OUT: dict[type[Event], str] = {people.PupilsExported: "Вивантажено список учнів"}
# Details of what rooms above do to an institution or its classes.
_SAID_ABOVE: dict[type[Event], Callable[[Event], Iterator[str]]] = {}


def tell(titles: Mapping[type[Event], str], said: Callable[[Event], Iterator[str]]) -> None:
    """Words of a room above for its own events of institutions, classes and groups, given as the room
    starts; without them cards could not tell what it did. Nothing changes when given again."""
    OF_INSTITUTION.update(titles)
    _SAID_ABOVE.update(dict.fromkeys(titles, said))


# ── a child ──────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Line:
    """One line of a child's timeline."""

    when: datetime.datetime | datetime.date
    who: str
    title: str
    text: str
    kind: str  # act, data
    icon: str
    order_id: uuid.UUID | None = None
    proof: str = ""


def timeline(card: Card) -> list[Line]:
    """What happened to the child, the latest day first."""
    told = [noted for noted in card.happened if card.sees_needs or not _is_of_health(noted)]
    lines = [*map(_of_step, card.steps), *map(_of_event, told)]
    return sorted(lines, key=lambda line: _day(line.when), reverse=True)


def _is_of_health(noted: Noted) -> bool:
    """Whether it tells of the child's health, which is open to its institution alone."""
    return getattr(noted.happened.event, "code", "") in SENSITIVE


def _day(when: datetime.datetime | datetime.date) -> datetime.date:
    return clock.day_of(when) if isinstance(when, datetime.datetime) else when


def _of_step(step: Step) -> Line:
    title, icon = _titled(step), "plus" if step.what in {"entered", "moved"} else "minus"
    order, session = step.order, step.session
    if order is None:
        return Line(step.day, "", title, "Перенесено під час наповнення реєстру", "act", icon)
    proof = ""
    if session is not None and session.signed_at is not None:
        proof = (
            f"КЕП {session.signer_name}, сертифікат {session.certificate_serial}, "
            f"{clock.local(session.signed_at):%d.%m.%Y %H:%M:%S}, перевірено. Підстава: {order.ground}."
        )
    many = f", разом із {order.rows_count - 1} іншими" if order.rows_count > 1 else ""
    return Line(
        step.day,
        session.signer_name if session else "",
        title,
        f"Наказ № {order.number} від {order.issued_on:%d.%m.%Y}{many}",
        "act",
        icon,
        order.pk,
        proof,
    )


def _titled(step: Step) -> str:
    if step.place is None:
        return f"Скасовано наказ № {step.order.corrects.number}"  # type: ignore[union-attr]
    label = f"{step.place.class_group.label}, {step.place.enrolment.institution.short_name}"
    words = {"entered": "Зараховано до", "moved": "Переведено до", "left": "Вибуття з"}
    beside = " (додаткове навчання)" if step.place.enrolment.kind != "MAIN" else ""
    return f"{words[step.what]} {label}{beside}"


def of_post(happened: Iterable[Noted]) -> list[Line]:
    """What happened to a post, the latest first."""
    titles = OF_POST | OF_POST_TO_HEAD
    return [
        _line_of(noted, titles[type(noted.happened.event)], _said_of_post) for noted in happened
    ]


def _said_of_post(event: Event) -> str:
    if isinstance(event, staff.StaffHired):
        return f"{classifiers.label('position', event.position)}, з {dates.show(event.starts_on)}"
    if isinstance(event, staff.StaffDismissed):
        last = event.ends_on - datetime.timedelta(days=1)
        ground = classifiers.label("dismissal_ground", event.reason) if event.reason else ""
        return ". ".join(filter(None, (f"Останній робочий день {dates.show(last)}", ground)))
    if isinstance(event, reorganisation.PostPassed):
        return f"З {dates.show(event.passed_on)}"
    if isinstance(event, staff.LoadChanged):
        lines = plural(event.lines, "рядок", "рядки", "рядків")
        return f"{event.lines} {lines} з {dates.show(event.since)}"
    if isinstance(event, staff.StaffAttested) and event.category:
        return classifiers.label("staff_category", event.category)
    if isinstance(event, staff.StaffCorrected) and event.since:
        return f"Діє з {dates.show(event.since)}"
    return ""


def _of_event(noted: Noted) -> Line:
    return _line_of(noted, OF_PUPIL[type(noted.happened.event)], _said_of_pupil)


def _line_of(noted: Noted, title: str, words: Callable[[Event], str]) -> Line:
    one, order = noted.happened, noted.order
    said = [words(one.event)]
    if order is not None:
        said.append(f"Підстава: наказ № {order.number} від {order.issued_on:%d.%m.%Y}")
    elif one.ground:
        said.append(f"Підстава: {one.ground}")
    return Line(
        one.at,
        one.who,
        title,
        ". ".join(filter(None, said)),
        "data",
        "pen",
        order.pk if order else None,
    )


def _said_of_pupil(event: Event) -> str:
    match event:
        case people.PupilCorrected(changed=changed):
            return "; ".join(_change(name, *pair) for name, pair in changed.items())
        case people.DocumentAdded(type=kind, number=number):
            return f"{documents.NAMES[kind]} {number}"
        case (
            people.GuardianSaved(name=name, relation=relation)
            | people.GuardianshipEnded(name=name, relation=relation)
            | people.GuardianshipVoided(name=name, relation=relation)
            | people.GuardianConfirmed(name=name, relation=relation)
            | people.GuardianUnconfirmed(name=name, relation=relation)
        ):
            return f"{classifiers.label('relation', relation)}: {name}"
        case people.AddressSaved(before=before, line=line):
            return f"{before or '—'} → {line}"
        case people.AddressVoided(line=line):
            return line
        case people.CategoryAdded(code=code, starts_on=day):
            return f"{classifiers.label('pupil_category', code)} з {dates.show(day)}"
        case people.CategoryEnded(code=code, ends_on=day):
            return f"{classifiers.label('pupil_category', code)} до {dates.show(day)}"
        case people.CategoryVoided(code=code):
            return classifiers.label("pupil_category", code)
        case people.ContactNoted(status=status, starts_on=day):
            return f"{classifiers.label('contact_status', status)} з {dates.show(day)}"
        case people.ContactVoided(status=status):
            return classifiers.label("contact_status", status)
        case certificates.CertificateIssued(number=number, issued_on=day, recipient=recipient):
            return (
                f"№ {number} від {dates.show(day)}, для подання: {recipient or 'за місцем вимоги'}"
            )
        case certificates.CertificateVoided(number=number, issued_on=day, reason=reason):
            return f"№ {number} від {dates.show(day)}: {VOIDED_FOR[reason]}"
        case people.PupilClosed(reason=reason, closed_on=day):
            return f"{CLOSED[reason]}, {dates.show(day)}"
    return ""


_FIELDS_OF_PUPIL = {
    "surname": "прізвище", "given_name": "імʼя", "patronymic": "по батькові",
    "born_on": "дата народження", "sex": "стать", "rnokpp": "РНОКПП", "unzr": "УНЗР",
    "citizenship": "громадянство", "contact_status": "звʼязок",
}  # fmt: skip
_CODED = {"citizenship": "country", "contact_status": "contact_status"}


def _change(name: str, was: str, now: str) -> str:
    shown = (_value(name, one) or "—" for one in (was, now))
    return f"{_FIELDS_OF_PUPIL.get(name, name)}: {' → '.join(shown)}"


def _value(name: str, kept: str) -> str:
    if name == "born_on" and kept:
        return dates.show(datetime.date.fromisoformat(kept))
    return classifiers.label(_CODED[name], kept) if name in _CODED and kept else kept


# ── an institution ───────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Deed:
    """One thing done to an institution: when, by whom (unless it is not told), what."""

    at: datetime.datetime
    who: str
    title: str
    detail: str


def deeds(noted: Iterable[Noted], *, named: bool) -> list[Deed]:
    """What was done to a card and its classes; who did it only where names are open."""
    return [
        Deed(
            one.happened.at,
            one.happened.who if named else "",
            (OF_INSTITUTION | TAKEN_OUT)[type(one.happened.event)],
            ", ".join(_said(one.happened.event)),
        )
        for one in noted
    ]


def _said(event: Event) -> Iterator[str]:
    return _SAID_ABOVE.get(type(event), _said_of_institution)(event)


def _said_of_institution(event: Event) -> Iterator[str]:
    match event:
        case institutions.InstitutionUpdated(fields=fields):
            yield from (FIELDS_OF_INSTITUTION.get(field, field) for field in fields)
        case institutions.InstitutionStatusChanged(to=status, order=order):
            yield classifiers.label("institution_status", status)
            if order:
                yield f"наказ № {order}"
        case institutions.InstitutionPlaced(name=name, document=document):
            yield name
            yield document
        case reorganisation.InstitutionReorganised(successors=names, pupils=count):
            yield from names
            yield f"{count} {plural(count, 'учень', 'учні', 'учнів')}"
        case classes.ClassesOpened(labels=labels):
            yield from labels
        case (
            rollover.RolloverBegun()
            | rollover.RolloverChanged()
            | rollover.RolloverSigned()
            | rollover.RolloverReminded()
        ):
            yield years(event.year)
        case classes.ClassOpened() | classes.ClassUpdated() | classes.ClassClosed():
            yield event.label
        case groups.GroupOpened() | groups.GroupChanged() | groups.GroupClosed():
            yield f"{event.taught}, {event.name}"
        case people.PupilsExported(rows=rows, filters=filters):
            yield f"{rows} {plural(rows, 'учень', 'учні', 'учнів')}"
            if filters:
                yield f"відібрано за: {', '.join(_FILTERS[name] for name in filters)}"


_FILTERS = {
    "q": "пошук", "grade": "паралель", "class_id": "клас", "sex": "стать",
    "form": "форма здобуття", "flag": "стан даних", "institution": "заклад",
    "learns": "навчання",
}  # fmt: skip
FIELDS_OF_INSTITUTION = {
    "full_name": "повна назва",
    "short_name": "скорочена назва",
    "kind": "вид",
    "type": "тип",
    "ownership": "форма власності",
    "edrpou": "ЄДРПОУ",
    "founder_edrpou": "ЄДРПОУ засновника",
    "diso_id": "ID у ДІСО",
    "edebo_id": "ID у ЄДЕБО",
    "territory_code": "населений пункт",
    "city_district_code": "район міста",
    "koatuu": "КОАТУУ",
    "postal_code": "індекс",
    "address": "адреса",
    "phone": "телефон",
    "email": "пошта",
    "site": "сайт",
    "director": "керівник",
    "managing_body": "орган управління",
    "languages": "мови навчання",
    "shifts": "кількість змін",
    "capacity": "проєктна потужність",
    "licensed_volume": "ліцензований обсяг",
    "is_hub": "опорний",
    "is_rural": "сільський",
    "is_mountain": "гірський",
    "is_boarding": "інтернат",
    "status": "стан",
    "hub_id": "опорний заклад",
}
