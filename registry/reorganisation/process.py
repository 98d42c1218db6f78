"""The order of the authority by which an institution's children and staff pass to its successors, all
by one signature (ADR 0057).

Sources: Закон «Про освіту», ст. 25, 31; Цивільний кодекс, ст. 104–109; handbook D.1, B.1.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kernel.audit.events import Event
from kernel.tables import dates
from kernel.text import plural
from registry.enrolments.models import Enrolment
from registry.orders import texts
from registry.orders.models import Order
from registry.people.models.pupils import Pupil
from registry.process import Conflict, Counted, NamedRow, SignedRow, Terms, Verdict
from registry.reorganisation import effect as passing
from registry.reorganisation import plan as plans
from registry.reorganisation import policies
from registry.reorganisation.authority import OfAuthority
from registry.reorganisation.events import EnrolmentPassed, InstitutionReorganised, PostPassed
from registry.staff.models.posts import Post, lasting

CODE = "reorganise"


class PassRow(SignedRow, frozen=True, kw_only=True, tag="registry.reorganise/1"):
    """One child who goes on learning at the successor."""

    enrolment: int
    from_class: str
    to: str
    to_class: str


class PassPostRow(NamedRow, frozen=True, kw_only=True, tag="registry.reorganise/2"):
    """One person who goes on working there; `at` is the compact id of the successor."""

    post: uuid.UUID
    position: str
    to: str
    at: int

    @property
    def about(self) -> uuid.UUID:
        """The post."""
        return self.post


Row = PassRow | PassPostRow


class Reorganise(OfAuthority[Row]):
    """«Реорганізація закладу»: an order of the authority over a plan (registry.reorganisation.plan)."""

    code = CODE
    name = "Реорганізація закладу"
    about = "про реорганізацію закладу"
    verb = "передано правонаступникові"
    order = 95
    keep = policies.reorganise
    sign = policies.reorganise
    undone_by = policies.take_back_reorganisation
    see = policies.see
    subject = "registry.pupil"
    card = "pupil_detail"
    people_list = "pupil_list"
    to_people = "Переглянути здобувачів освіти"
    row = PassRow
    older = (PassPostRow,)
    rows_are = Counted("Рядки", "Кого стосується", "рядок,рядки,рядків", "рядка,рядків,рядків")
    effective_label = "Дата реорганізації"
    effective_hint = "З цього дня діти й працівники належать правонаступникові, дд.мм.рррр"
    default_ground = "рішення засновника про реорганізацію"
    text = Path(texts.__path__[0]) / "reorganise.toml"
    told = (
        (
            "Народження",
            lambda row: dates.show(row.born_on) if isinstance(row, PassRow) else "",
        ),
    )
    paper = (
        ("Звідки", lambda row: row.from_class if isinstance(row, PassRow) else row.position),
        ("Правонаступник", lambda row: row.to),
        ("Клас", lambda row: row.to_class if isinstance(row, PassRow) else ""),
    )

    optional = frozenset({"learners", "workers", "closed"})

    def words(self, terms: Terms, rows: Sequence[Row]) -> Mapping[str, str]:
        """How many pass; whether the institution ends."""
        learners = sum(isinstance(row, PassRow) for row in rows)
        workers = len(rows) - learners
        source = terms.extra["source"]
        return {
            "day": dates.show(terms.effective_on),
            "learners": f"{learners} {plural(learners, 'учня', 'учнів', 'учнів')}"
            if learners
            else "",
            "workers": f"{workers} {plural(workers, 'працівника', 'працівників', 'працівників')}"
            if workers
            else "",
            "closed": ""
            if terms.extra["way_code"] == plans.SPIN
            else f"Закрити доступ закладу «{source}» до кабінету та доступ до його даних, наданий "
            "інформаційним системам.",
        }

    def signed(self, number: int, verdict: Verdict) -> Row:
        """What the bytes say of one child, or of one post."""
        one, names = verdict.clean
        if isinstance(one, plans.Worker):
            person = one.post.employee
            return PassPostRow(
                no=number,
                surname=person.surname,
                given_name=person.given_name,
                patronymic=person.patronymic,
                post=one.post.pk,
                position=passing.position_of(one.post),
                to=names[one.at],
                at=one.at,
            )
        child = one.enrolment.pupil
        return PassRow(
            no=number,
            pupil=child.pk,
            surname=child.surname,
            given_name=child.given_name,
            patronymic=child.patronymic,
            born_on=child.born_on,
            enrolment=one.enrolment.pk,
            from_class=one.from_class,
            to=names[one.passing.at] if one.passing else next(iter(names.values())),
            to_class=one.passing.to_label if one.passing else "",
        )

    def conflicts(self, order: Order, rows: Sequence[Row]) -> list[Conflict]:
        """Whoever came, left or changed since the plan. The institution is held first: an order of
        its own that is being signed ends before, and is seen, or waits and meets a closed school."""
        held = passing.hold(order)
        found = [Conflict(1, name, what) for name, what in held]
        children = [row for row in rows if isinstance(row, PassRow)]
        posts = [row for row in rows if isinstance(row, PassPostRow)]
        ids = sorted({row.pupil for row in children})
        list(Pupil.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))
        list(
            Enrolment.objects.filter(pk__in=[row.enrolment for row in children])
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)
            .values_list("pk")
        )
        now = passing.learners_now(order)
        spun = passing.document_of(order)["terms"]["way_code"] == plans.SPIN
        for row in children:
            learner = now.pop(row.enrolment, None)
            if learner is None:
                found.append(Conflict(row.no, row.full_name, "вже не навчається у закладі"))
            elif learner.from_class != row.from_class:
                what = f"тепер навчається у класі {learner.from_class}"
                found.append(Conflict(row.no, row.full_name, what))
            elif (learner.enrolment.pupil.full_name, learner.enrolment.pupil.born_on) != (
                row.full_name,
                row.born_on,
            ):
                what = "у профілі змінено імʼя або дату народження"
                found.append(Conflict(row.no, row.full_name, what))
        found += [
            Conflict(len(rows) + 1, one.enrolment.pupil.full_name, "зараховано, поки наказ чекав")
            for one in now.values()
        ]
        works = {
            post.pk: post.employee.full_name
            for post in Post.objects.filter(
                lasting(order.effective_on),
                institution=order.institution_id,
                **({"pk__in": [one.post for one in posts]} if spun else {}),
            )
            .select_related("employee")
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)
        }
        for one in posts:
            if works.pop(one.post, None) is None:
                found.append(Conflict(one.no, one.full_name, "вже не працює у закладі"))
        found += [
            Conflict(len(rows) + 1, name, "прийнято на роботу, поки наказ чекав")
            for name in works.values()
        ]
        return found

    def effect(self, order: Order, rows: Sequence[Row]) -> None:
        """Enrolments, classes and posts end on the day and go on at the successors; the institution is
        liquidated, and with it all access to it."""
        passing.write(order, {row.post: row.at for row in rows if isinstance(row, PassPostRow)})

    def events(self, order: Order, rows: Sequence[Row]) -> Iterable[Event]:
        """One of the institution, one of each child and post."""
        document = passing.document_of(order)
        children = sum(isinstance(row, PassRow) for row in rows)
        yield InstitutionReorganised(
            subject=order.institution.uid,
            unit=order.institution_id,
            order=order.pk,
            way=document["terms"]["way_code"],
            successors=tuple(document["terms"]["successors"].split("; ")),
            pupils=children,
            posts=len(rows) - children,
        )
        for row in rows:
            if isinstance(row, PassRow):
                yield EnrolmentPassed(
                    subject=row.pupil,
                    unit=order.institution_id,
                    order=order.pk,
                    from_class=row.from_class,
                    class_label=row.to_class,
                    passed_on=order.effective_on,
                )
            else:
                yield PostPassed(
                    subject=row.post,
                    unit=order.institution_id,
                    order=order.pk,
                    passed_on=order.effective_on,
                )

    def undone(self, order: Order, row: Row) -> str:
        """Where the child or the post would be no more."""
        return f"передання до «{row.to}» з {dates.show(order.effective_on)}"

    def outcome(self, count: int, day: datetime.date, *, done: bool) -> str:
        """«заклад буде реорганізовано з 24.11.2026: 312 рядків»."""
        rows = f"{count} {plural(count, 'рядок', 'рядки', 'рядків')}"
        return f"заклад {'' if done else 'буде '}реорганізовано з {dates.show(day)}: {rows}"


PROCESS = Reorganise()
