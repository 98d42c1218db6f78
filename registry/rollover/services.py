"""Commands of plans of the coming year: begin, decide otherwise, form the order; ask and remind."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel import audit, batch
from kernel.clock import Moment
from kernel.db import command, part_of_command, violation
from kernel.errors import Invalid, NotAllowed, NotFound, Problem, StaleVersion
from kernel.scoping import grant_of
from kernel.tables import dates
from kernel.tables.cells import storable
from kernel.text import alike, plural
from registry.classes.errors import ClassExists
from registry.classes.models import ClassGroup
from registry.classes.services import ClassSpec
from registry.classes.services.spec import field_problems, leaders_of
from registry.classifiers.models import SchoolYear
from registry.classifiers.selectors import classifiers
from registry.fields.labels import label
from registry.institutions.models.institutions import Institution
from registry.movements.grounds import GROUNDS
from registry.orders import services as orders
from registry.orders.errors import NothingReady
from registry.orders.models import Order
from registry.orders.selectors.issuers import issuer_of
from registry.process import Terms, Verdict
from registry.rollover import events, policies, selectors
from registry.rollover.errors import NoSuchClass, PlanClosed, PlanNotReady
from registry.rollover.models import (
    CHILD_ACTS,
    PlannedChild,
    PlannedClass,
    RolloverCall,
    RolloverPlan,
)
from registry.rollover.plan import Outcome, Plan, in_order
from registry.rollover.process import CODE, certificate_of, told_of
from registry.rollover.states import state_of

MOST_CHILDREN = 5_000
_LONGEST_DOCUMENT = 200
_FACTS = ("form", "type", "language", "shift", "profile", "capacity")


# ── beginning ────────────────────────────────────────────────────────────────
@command
def begin_plan(
    *, actor: Actor, institution: uuid.UUID | str, to_year: str, moment: Moment
) -> RolloverPlan:
    """Compute the plan of an institution for a year; begun already, it is what it is.

    Raises:
        NotFound: no such institution or year within reach.
        NotAllowed: the actor keeps no pupils there.
        NoSchoolYear: the classifier has no year before that one.
    """
    home: Institution = (
        Institution.objects.visible_to(actor).select_related("unit").find(uid=institution)
    )
    policies.keep.require(actor, home)
    plan, _ = _begun(home, classifiers.year(to_year), grant_of(actor), moment.today)
    return plan


@part_of_command
def _begun(
    home: Institution, year: SchoolYear, grant_id: int | None, today: datetime.date
) -> tuple[RolloverPlan, bool]:
    plan, new = RolloverPlan.objects.get_or_create(
        institution=home,
        to_year=year,
        defaults={"from_year": selectors.year_before(year), "begun_by_id": grant_id},
    )
    if new:
        _open_first_grade(plan)
        found = _summed_up(plan, today)
        audit.record(
            events.RolloverBegun(
                subject=home.uid, unit=home.pk, year=year.code, pupils=found.counts["pupils"]
            )
        )
    return plan, new


@part_of_command
def _open_first_grade(plan: RolloverPlan) -> None:
    """As many first classes as there are now, to be filled by admission; those that stand already
    for the coming year stay as they are."""
    item = classifiers.find("institution_type", plan.institution.type)
    first = max(1, (item.attributes.get("grades") or [1, 12])[0] if item else 1)
    groups = ClassGroup.objects.filter(institution=plan.institution, grade=first, closed_on=None)
    there = {
        alike(letter)
        for letter in groups.filter(school_year=plan.to_year).values_list("letter", flat=True)
    }
    PlannedClass.objects.bulk_create(
        PlannedClass(
            plan=plan,
            act="NEW",
            grade=first,
            letter=group.letter,
            **{name: getattr(group, name) for name in _FACTS},
        )
        for group in groups.filter(school_year=plan.from_year).order_by("pk")
        if alike(group.letter) not in there
    )


# ── deciding otherwise ───────────────────────────────────────────────────────
@part_of_command
def _held(actor: Actor, plan_id: Any) -> RolloverPlan:
    """A plan that may be edited, held until the command ends.

    Raises:
        NotFound, NotAllowed: as `selectors.find`.
        PlanClosed: its order waits or is signed.
    """
    rows = RolloverPlan.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    rows.find(pk=plan_id)
    plan = selectors.find(actor, plan_id)
    if state_of(plan, audit.today()) != "draft":
        raise PlanClosed
    return plan


@part_of_command
def _summed_up(plan: RolloverPlan, today: datetime.date) -> Plan:
    found = selectors.plan_of(plan, today)
    plan.summary = found.counts
    plan.save(update_fields=["summary", "updated_at"])
    return found


def _tell(plan: RolloverPlan, what: str, count: int = 1) -> None:
    audit.record(
        events.RolloverChanged(
            subject=plan.institution.uid,
            unit=plan.institution_id,
            year=plan.to_year_id,
            what=what,
            count=count,
        )
    )


@command
def decide_class(
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    plan_id: Any,
    group: uuid.UUID | str,
    version: int,
    moment: Moment,
) -> PlannedClass:
    """What becomes of a class of this year: `act`, and of one that goes on its letter, teacher and
    facts; of one that joins another, that one's letter.

    Raises:
        NotFound, NotAllowed, PlanClosed: not an open plan of the actor's, or no class of its year.
        StaleVersion: somebody decided of the class meanwhile.
        Invalid: every problem of every field.
    """
    plan = _held(actor, plan_id)
    source = ClassGroup.objects.filter(
        uid=group, institution=plan.institution, school_year=plan.from_year
    ).first()
    if source is None:
        raise NotFound
    row = plan.classes.filter(source=source).first()
    if (row.version if row else 0) != version:
        raise StaleVersion(
            "Рішення про цей клас уже змінили. Перегляньте його й повторіть свою зміну."
        )
    act = changes["act"]
    spec = _spec(source.grade + 1, source, changes)
    _require_right(spec, plan, act)
    row = row or PlannedClass(plan=plan, source=source, version=0)
    row.act, row.grade, row.letter = act, spec.grade, spec.letter
    row.teacher_id = spec.teacher
    for name in _FACTS:
        setattr(row, name, getattr(spec, name))
    row.version += 1
    row.save()
    _summed_up(plan, moment.today)
    _tell(plan, "class")
    return row


def _spec(grade: int, source: ClassGroup | None, changes: Mapping[str, Any]) -> ClassSpec:
    base = {name: getattr(source, name) for name in _FACTS} if source else {}
    told = {name: changes[name] for name in (*_FACTS, "letter", "teacher") if name in changes}
    return ClassSpec(grade, **{"letter": source.letter if source else "", **base, **told})


def _require_right(spec: ClassSpec, plan: RolloverPlan, act: str) -> None:
    problems = []
    if act not in {"CARRY", "JOIN", "CLOSE", "GRADUATE", "STAY", "NEW"}:
        problems.append(Problem("act", "unknown", "Виберіть, що станеться з класом"))
    if act in {"CARRY", "NEW"}:
        leaders = leaders_of(plan.institution, [spec.teacher], audit.today())
        problems += field_problems(spec, leaders, plan.to_year.starts_on)
    if problems:
        raise Invalid(problems)


@command
def open_classes(
    specs: Sequence[ClassSpec], *, actor: Actor, plan_id: Any, moment: Moment
) -> list[PlannedClass]:
    """Add classes that the order will open: the first grade, or a part of a class that is split.

    Raises:
        NotFound, NotAllowed, PlanClosed: not an open plan of the actor's.
        Invalid: every problem of every class.
        ClassExists: the plan has one of them.
    """
    plan = _held(actor, plan_id)
    made = _added(plan, specs, moment.today)
    _summed_up(plan, moment.today)
    _tell(plan, "opened", len(made))
    return made


@part_of_command
def _added(
    plan: RolloverPlan, specs: Sequence[ClassSpec], today: datetime.date
) -> list[PlannedClass]:
    there = {one.target.name for one in selectors.plan_of(plan, today).coming}
    problems = [] if specs else [Problem("labels", "required", "Вкажіть хоча б один клас")]
    for spec in specs:
        name = (spec.grade, alike(spec.letter))
        if name in there:
            problems.append(Problem("labels", "class_exists", f"Клас {spec.label} уже є в плані"))
        there.add(name)
        leaders = leaders_of(plan.institution, [spec.teacher], today)
        problems += field_problems(spec, leaders, plan.to_year.starts_on)
    if problems:
        raise Invalid(problems)
    with violation("new_class_planned_once", ClassExists):
        return PlannedClass.objects.bulk_create(
            PlannedClass(
                plan=plan,
                act="NEW",
                grade=spec.grade,
                letter=spec.letter,
                teacher_id=spec.teacher,
                **{name: getattr(spec, name) for name in _FACTS},
            )
            for spec in specs
        )


@command
def take_out(*, actor: Actor, plan_id: Any, key: int, moment: Moment) -> None:
    """Take a class that somebody added out of the plan; children meant for it are told of.

    Raises:
        NotFound, NotAllowed, PlanClosed: not an open plan of the actor's, or no such class.
    """
    plan = _held(actor, plan_id)
    if not plan.classes.filter(pk=key, act="NEW").delete()[0]:
        raise NotFound
    _summed_up(plan, moment.today)
    _tell(plan, "taken_out")


@dataclasses.dataclass(frozen=True)
class ForChildren:
    """What is decided of some children: an act of CHILD_ACTS, or "" to go with their class again."""

    act: str
    letter: str = ""
    reason: str = ""
    document: str = ""


@command
def decide_children(
    wanted: ForChildren,
    *,
    actor: Actor,
    plan_id: Any,
    pupils: Sequence[uuid.UUID],
    moment: Moment,
) -> int:
    """What becomes of some children of one class, otherwise than of their class. A letter that no
    class of that grade has yet opens one like theirs: so a class is split.

    Returns how many were decided of; who does not learn there is left out.

    Raises:
        NotFound, NotAllowed, PlanClosed: not an open plan of the actor's.
        Invalid: no children, or the act, the ground or the document is wrong.
    """
    plan = _held(actor, plan_id)
    found = selectors.plan_of(plan, moment.today)
    asked = set(pupils[:MOST_CHILDREN])
    chosen = [one.child for one in found.children if one.child.id in asked]
    _require_wanted(wanted, chosen)
    rows = plan.children.filter(pupil_id__in=[one.id for one in chosen])
    if not wanted.act:
        rows.delete()
    else:
        if wanted.act in ("CLASS", "REPEAT"):
            _with_classes(plan, found, wanted, {one.class_id for one in chosen})
        rows.delete()
        PlannedChild.objects.bulk_create(
            PlannedChild(
                plan=plan,
                pupil_id=one.id,
                act=wanted.act,
                letter=ClassSpec(1, wanted.letter).letter,
                reason=wanted.reason,
                document=storable(wanted.document),
            )
            for one in chosen
        )
    _summed_up(plan, moment.today)
    _tell(plan, "children", len(chosen))
    return len(chosen)


def _require_wanted(wanted: ForChildren, chosen: Sequence[Any]) -> None:
    problems = []
    if not chosen:
        problems.append(Problem("pupils", "required", "Виберіть хоча б одну дитину"))
    if wanted.act and wanted.act not in CHILD_ACTS:
        problems.append(Problem("act", "unknown", "Виберіть, що станеться з дітьми"))
    if len(ClassSpec(1, wanted.letter).letter) > 8:
        problems.append(Problem("letter", "too_long", "Літера класу має бути до 8 знаків"))
    if wanted.act == "LEAVE" and wanted.reason not in GROUNDS:
        problems.append(Problem("reason", "required", "Виберіть підставу відрахування"))
    if wanted.act == "LEAVE" and wanted.reason == "DEATH":
        problems.append(
            Problem(
                "reason", "own_order", "Про смерть дитини видають окремий наказ про відрахування"
            )
        )
    if len(wanted.document) > _LONGEST_DOCUMENT:
        problems.append(Problem("document", "too_long", f"До {_LONGEST_DOCUMENT} знаків"))
    if wanted.act in ("REPEAT", "LEAVE") and not wanted.document.strip():
        problems.append(
            Problem(
                "document", "required", "Вкажіть документ: заяву з датою, довідку, витяг із наказу"
            )
        )
    if problems:
        raise Invalid(problems)


@part_of_command
def _with_classes(
    plan: RolloverPlan, found: Plan, wanted: ForChildren, class_ids: set[int]
) -> None:
    """A class of the letter for each grade that the children go to; one is opened where none is."""
    there = {one.target.name for one in found.coming}
    letter = ClassSpec(1, wanted.letter).letter
    for line in found.lines:
        if line.source.id not in class_ids:
            continue
        grade = line.source.grade + (0 if wanted.act == "REPEAT" else 1)
        if (grade, alike(letter)) in there:
            continue
        if wanted.act == "REPEAT":
            raise NoSuchClass(
                f"Класу {label(grade, letter)} у плані немає: виберіть клас, що вже є.",
                field="letter",
            )
        there.add((grade, alike(letter)))
        source = line.source
        _added(
            plan,
            [
                ClassSpec(
                    grade, letter, source.form, source.type, source.language, source.shift,
                    source.profile, source.capacity,
                )
            ],
            audit.today(),
        )  # fmt: skip


@command
def start_anew(*, actor: Actor, plan_id: Any, moment: Moment) -> RolloverPlan:
    """Forget what was decided: the plan as it is computed.

    Raises:
        NotFound, NotAllowed, PlanClosed: not an open plan of the actor's.
    """
    plan = _held(actor, plan_id)
    plan.classes.all().delete()
    plan.children.all().delete()
    _open_first_grade(plan)
    _summed_up(plan, moment.today)
    _tell(plan, "anew")
    return plan


# ── the order ────────────────────────────────────────────────────────────────
@command
def prepare(
    *,
    actor: Actor,
    plan_id: Any,
    fields: Mapping[str, str],
    expected: int | None = None,
    moment: Moment,
) -> Order:
    """Freeze the plan as one order that waits for the head's signature. `expected` is the number of
    children the person saw in it.

    Raises:
        NotFound, NotAllowed, PlanClosed: not an open plan of the actor's.
        PlanNotReady: something must be mended first.
        Invalid: number, dates or ground are wrong; every problem is told.
        NothingReady: nobody is in it, or others than were seen.
        NoHead: nobody could sign.
    """
    plan = _held(actor, plan_id)
    institution = plan.institution
    terms = orders.terms_of(CODE, institution, fields, moment)
    found = selectors.plan_of(plan, moment.today)
    if wrong := found.errors:
        told = "; ".join(f"{one.about}: {one.text}" for one in wrong[:5])
        more = f" І ще {len(wrong) - 5}." if len(wrong) > 5 else ""
        raise PlanNotReady(f"{told}{more}", rows=[dataclasses.asdict(one) for one in wrong])
    if terms.year_code != plan.to_year_id:
        raise Invalid(
            [
                Problem(
                    "effective_on",
                    "other_year",
                    f"План складено на {plan.to_year_id}: виберіть день того року.",
                )
            ]
        )
    leaves_on, _ = _leaving_day(terms, plan)
    certificate = certificate_of(terms.extra)
    outcomes = [
        dataclasses.replace(one, leaves_on=leaves_on, document=one.document or certificate)
        if one.act == "leave"
        else one
        for one in in_order(found.children)
    ]
    if not outcomes or (expected is not None and expected != len(outcomes)):
        raise NothingReady(
            f"У плані тепер {len(outcomes)} {plural(len(outcomes), 'дитина', 'дитини', 'дітей')}: "
            "перегляньте його й сформуйте наказ знову."
        )
    selectors.looked(actor, (one.child for one in outcomes), "наказ про новий навчальний рік")
    order = orders.freeze(
        CODE,
        institution,
        [Verdict([], "READY", one.child.id, one) for one in outcomes],
        dataclasses.replace(terms, extra={**terms.extra, **_words(outcomes, found)}),
        issuer_of(institution),
        actor=actor,
        moment=moment,
    )
    plan.order, plan.terms, plan.summary = order, dict(fields), found.counts
    plan.save(update_fields=["order", "terms", "summary", "updated_at"])
    return order


def _leaving_day(terms: Terms, plan: RolloverPlan) -> tuple[datetime.date, bool]:
    """The day graduates leave: typed, or the end of their year, never outside the order's days."""
    typed = dates.parse("leaves_on", terms.extra.get("leaves_on", ""), required=False).value
    usual = max(terms.issued_on, min(plan.from_year.ends_on, terms.effective_on))
    return typed or usual, typed is not None


def _words(outcomes: Sequence[Outcome], found: Plan) -> dict[str, str]:
    """What the points of the order say: whom, in which rows of the list, and the classes."""
    told, at = {}, 1
    for act, name in (("promote", "promoted"), ("repeat", "repeated"), ("leave", "left")):
        count = sum(one.act == act for one in outcomes)
        pupils = plural(count, "учень", "учні", "учнів")
        rows = f"рядок {at}" if count == 1 else f"рядки {at}–{at + count - 1}"
        told[name] = f"{count} {pupils}, {rows} списку" if count else ""
        at += count
    opened = [one.target for one in found.coming if one.is_new]
    told["opened"] = "; ".join(
        f"{one.label} (класний керівник {one.teacher_name})" if one.teacher_name else one.label
        for one in opened
    )
    told["classes"] = told_of(found.coming)
    return told


# ── the authority ────────────────────────────────────────────────────────────
@command
def ask_all(*, actor: Actor, to_year: str, now: datetime.datetime) -> RolloverCall:
    """Ask for plans at all schools of the authority that have none; a job begins them.

    Raises:
        NotAllowed: the actor is no authority.
        NotFound: no such year.
    """
    policies.call.require(actor)
    if actor.unit_id is None:
        raise NotAllowed
    year = classifiers.year(to_year)
    running = RolloverCall.objects.filter(
        unit_id=actor.unit_id, to_year=year, state__in=batch.UNDER_WAY
    ).first()
    if running is None:
        total = len(selectors.without_plan(actor.unit_path, year, 0, MOST_SCHOOLS))
        with violation("one_rollover_call", lambda: PlanClosed("Плани вже складаються.")):
            running = RolloverCall.objects.create(
                unit_id=actor.unit_id,
                to_year=year,
                asked_by_id=grant_of(actor),
                total=total,
                created_at=now,
                touched_at=now,
            )
    audit.record(
        events.RolloverCalled(
            subject=running.pk, unit=running.unit_id, year=year.code, schools=running.total
        )
    )
    return running


MOST_SCHOOLS = 20_000
PORTION = 20


@part_of_command
def _begin_some(run: RolloverCall, now: datetime.datetime) -> batch.Portion:
    """Begin plans at the next schools that have none; one that somebody began meanwhile is as it is."""
    unit = OrgUnit.objects.get(pk=run.unit_id)
    ids = selectors.without_plan(unit.path, run.to_year, int(run.cursor or 0), PORTION)
    homes = Institution.objects.select_related("unit").filter(pk__in=ids).order_by("pk")
    for home in homes:
        _begun(home, run.to_year, run.asked_by_id, audit.today())
    return batch.Portion(len(ids), str(ids[-1]) if ids else run.cursor, len(ids) < PORTION)


WORK = batch.Work(
    runs=RolloverCall,
    told=events.CALL,
    portion=_begin_some,
    unit_of=lambda run: run.unit_id,
    alone="one_rollover_call",
)


@command
def remind(
    *, actor: Actor, institutions: Sequence[uuid.UUID | str], to_year: str, moment: Moment
) -> int:
    """Remind the heads of these schools that their plan is not signed; those signed are left alone.

    Raises:
        NotAllowed: the actor is no authority.
        NotFound: no such year.
    """
    policies.call.require(actor)
    year = classifiers.year(to_year)
    page = selectors.schools(
        actor,
        year,
        moment.today,
        size=max(len(institutions), 1),
        only=[str(one) for one in institutions],
    )
    late = [one for one in page.rows if one.state in ("absent", "draft", "waiting")]
    audit.record(
        *(
            events.RolloverReminded(subject=one.card.uid, unit=one.card.pk, year=year.code)
            for one in late
        )
    )
    return len(late)
