"""The card of one child: now, what happened with who and why, papers, who looked."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.actors import Actor
from kernel import audit
from kernel.audit.models import EventRow, Look
from registry.classifiers.selectors import classifiers
from registry.enrolments.models import ClassPlacement
from registry.institutions.models.institutions import Institution
from registry.orders.models import Order
from registry.people import policies
from registry.people.models.guardians import Guardianship
from registry.people.models.pupils import Pupil, PupilCategory, PupilDocument
from registry.people.selectors.reach import by_name
from signatures.models import SigningSession


@dataclasses.dataclass(frozen=True)
class Moment:
    """One line of a child's timeline."""

    when: datetime.datetime | datetime.date
    who: str
    title: str
    text: str
    kind: str  # act, data
    icon: str
    order_id: uuid.UUID | None = None
    proof: str = ""


@dataclasses.dataclass(frozen=True)
class Card:
    """Everything of one child that its page shows."""

    pupil: Pupil
    institution: Institution | None
    class_label: str
    class_teacher: str
    age: int
    form: str
    place: ClassPlacement | None
    documents: list[PupilDocument]
    addresses: list[Any]
    guardianships: list[Guardianship]
    categories: list[PupilCategory]
    timeline: list[Moment]
    looks: list[Look]
    may_edit: bool


def card(actor: Actor, pupil_id: Any, *, today: datetime.date) -> Card:
    """The card of one child; the look is noted.

    Raises:
        NotFound, NotAllowed: as `find`.
    """
    pupil, institution = by_name(actor, pupil_id)
    places = _places(pupil)
    now = next(
        (
            place
            for place in reversed(places)
            if place.enrolment.kind == "MAIN" and place.lasts(today)
        ),
        None,
    )
    teacher = now.class_group.teacher if now else None
    shown = Card(
        pupil=pupil,
        institution=pupil.institution,
        class_label=now.class_group.label if now else "",
        class_teacher=(
            f"{teacher.surname} {teacher.given_name[:1]}. {teacher.patronymic[:1]}."
            if teacher
            else ""
        ),
        age=today.year
        - pupil.born_on.year
        - ((today.month, today.day) < (pupil.born_on.month, pupil.born_on.day)),
        form=classifiers.label("education_form", pupil.form) if pupil.form else "",
        place=now,
        documents=list(pupil.documents.order_by("-is_primary", "-id")),
        addresses=list(pupil.addresses.order_by("kind")),
        guardianships=list(
            pupil.guardianships.select_related("guardian").order_by(
                F("ends_on").desc(nulls_first=True), "id"
            )
        ),
        categories=list(pupil.categories.order_by("ends_on", "starts_on")),
        timeline=_timeline(pupil, places),
        looks=list(
            Look.objects.filter(subject_type="registry.pupil", subject_id=str(pupil.pk)).order_by(
                "-id"
            )[:20]
        ),
        may_edit=institution is not None and policies.keep.allows(actor, institution),
    )
    audit.looked_at(actor, "registry.pupil", [pupil.pk], "картка")
    return shown


def _places(pupil: Pupil) -> list[ClassPlacement]:
    """Every place in a class the child ever had, voided ones too, the latest first."""
    return list(
        ClassPlacement.objects.filter(enrolment__pupil=pupil)
        .select_related(
            "class_group__teacher",
            "opened_by",
            "enrolment__institution",
            "enrolment__opened_by",
            "enrolment__closed_by",
        )
        .order_by("-enrolment__starts_on", "-starts_on", "-id")
    )


_TITLES = {
    "registry.pupil.corrected": "Виправлено профіль",
    "registry.pupil.document_added": "Додано документ",
    "registry.pupil.guardian_saved": "Змінено відомості про представника",
    "registry.pupil.guardianship_ended": "Завершено представництво",
    "registry.pupil.address_written": "Змінено адресу",
    "registry.pupil.residence_moved": "Облік за місцем проживання веде інша громада",
    "registry.pupil.category_added": "Додано категорію",
    "registry.pupil.category_ended": "Завершено дію категорії",
}

_LABELS = {
    "surname": "прізвище", "given_name": "імʼя", "patronymic": "по батькові",
    "born_on": "дата народження", "sex": "стать", "rnokpp": "РНОКПП", "unzr": "УНЗР",
    "citizenship": "громадянство", "contact_status": "звʼязок",
}  # fmt: skip


def _timeline(pupil: Pupil, places: Sequence[ClassPlacement]) -> list[Moment]:
    steps = [step for place in places for step in _steps(place)]
    steps += [
        (order, order.issued_on, f"Скасовано наказ № {order.corrects.number}", "out")
        for order in Order.objects.filter(
            rows__pupil=pupil, state="EFFECTIVE", corrects__isnull=False
        ).select_related("corrects")
    ]
    orders = [order for order, *_ in steps if order is not None]
    sessions = {
        session.pk: session
        for session in SigningSession.objects.filter(pk__in={o.signing_id for o in orders}).only(
            "signer_name", "certificate_serial", "signed_at"
        )
    }
    moments = [_of_order(order, sessions, day, title, way) for order, day, title, way in steps]
    events = (
        EventRow.objects.filter(
            subject_type="registry.pupil", subject_id=str(pupil.pk), code__in=_TITLES
        )
        .select_related("act")
        .order_by("-id")[:50]
    )
    moments += [
        Moment(
            event.act.at,
            event.act.actor_label,
            _TITLES[event.code],
            _changes(event.payload),
            "data",
            "pen",
        )
        for event in events
    ]
    return sorted(moments, key=lambda m: _as_date(m.when), reverse=True)


def _steps(place: ClassPlacement) -> Iterator[tuple[Order | None, datetime.date, str, str]]:
    """What orders did to a place, the latest first: the order, the day, the words, in or out."""
    enrolment = place.enrolment
    label = f"{place.class_group.label}, {enrolment.institution.short_name}"
    if place.is_last and enrolment.ends_on is not None:
        yield enrolment.closed_by, enrolment.ends_on, f"Вибуття з {label}", "out"
    if place.starts_on == enrolment.starts_on:
        yield enrolment.opened_by, enrolment.starts_on, f"Зараховано до {label}", "in"
    else:
        yield place.opened_by, place.starts_on, f"Переведено до {label}", "in"


def _as_date(when: datetime.datetime | datetime.date) -> datetime.date:
    return timezone.localtime(when).date() if isinstance(when, datetime.datetime) else when


def _of_order(
    order: Order | None,
    sessions: Mapping[uuid.UUID, SigningSession],
    day: datetime.date,
    title: str,
    way: str,
) -> Moment:
    icon = "plus" if way == "in" else "minus"
    if order is None:
        return Moment(day, "", title, "Перенесено під час наповнення реєстру", "act", icon)
    session = sessions.get(order.signing_id) if order.signing_id else None
    proof = ""
    if session is not None and session.signed_at is not None:
        proof = (
            f"КЕП {session.signer_name}, сертифікат {session.certificate_serial}, "
            f"{timezone.localtime(session.signed_at):%d.%m.%Y %H:%M:%S}, перевірено. Підстава: {order.ground}."
        )
    many = f", разом із {order.rows_count - 1} іншими" if order.rows_count > 1 else ""
    return Moment(
        day,
        session.signer_name if session else "",
        title,
        f"Наказ № {order.number} від {order.issued_on:%d.%m.%Y}{many}",
        "act",
        icon,
        order.pk,
        proof,
    )


def _changes(payload: Mapping[str, Any]) -> str:
    changed = payload.get("changed")
    if isinstance(changed, dict):
        return "; ".join(
            f"{_LABELS.get(field, field)}: {was or '—'} → {now or '—'}"
            for field, (was, now) in changed.items()
        )
    if "relation" in payload:
        relation = classifiers.label("relation", payload["relation"])
        return f"{relation}: {payload['name']}"
    if "kind" in payload and "now" in payload:
        was = payload["was"]["line"] if payload["was"] else ""
        return f"{was or '—'} → {payload['now']['line'] or '—'}"
    return str(payload.get("text", ""))
