"""What a signed reorganisation does, set by set: enrolments and posts end on the day and begin at the
successors on the same one, so past figures stay and nobody is in two schools or in none."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import uuid_utils
from django.db import connection
from django.db.models import F

from kernel import audit
from kernel.db import part_of_command, violation
from registry.classes.errors import ClassExists
from registry.classes.models import ClassGroup
from registry.classes.services.spec import led_from_within
from registry.classifiers.selectors import classifiers
from registry.enrolments import leaving
from registry.enrolments.models import ClassPlacement, Enrolment
from registry.institutions import ports
from registry.institutions.models.institutions import Institution
from registry.institutions.services import institutions, subordination
from registry.orders.errors import EnrolledMeanwhile
from registry.orders.models import Order
from registry.reorganisation import authority, closing
from registry.reorganisation import plan as plans
from registry.reorganisation.plan import Learner, Passing
from registry.staff.events import VacancyChanged
from registry.staff.models.posts import Post, lasting
from registry.staff.models.vacancies import Vacancy
from signatures.models import SessionFile
from signatures.packages import HEAD

REASON = "REORGANISED"


def document_of(order: Order) -> dict[str, Any]:
    """The head of the order, read from the very bytes that are signed."""
    head = SessionFile.objects.get(session_id=order.signing_id, name=HEAD)
    document: dict[str, Any] = msgspec.json.decode(bytes(head.content))["document"]
    return document


def passings_of(order: Order) -> dict[int, Passing]:
    """Where each class passes."""
    return plans.read(document_of(order)["terms"]["classes"])


def successors_of(order: Order) -> list[uuid.UUID]:
    """The public ids of the successors."""
    return [uuid.UUID(one) for one in document_of(order)["terms"]["to"].split()]


def position_of(post: Post) -> str:
    """The position in words."""
    return classifiers.label("position", post.position)


def held(uid: uuid.UUID, *, lock: bool = True) -> Institution:
    """The institution of an order as it is now, held unless it is only to be looked at."""
    rows = Institution.objects.select_related("unit__parent", "hub")
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    return rows.get(uid=uid)


# ── asked when it is signed ──────────────────────────────────────────────────
@part_of_command
def hold(order: Order) -> list[tuple[str, str]]:
    """Hold the institution, its successors and their classes; what of them stands in the way, as
    (name, what)."""
    wanted = successors_of(order)
    rows = {
        one.uid: one
        for one in Institution.objects.filter(uid__in=[order.institution.uid, *wanted])
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    }
    found = []
    for uid in wanted:
        one = rows.get(uid)
        if one is None or one.status != "ACTIVE":
            name = one.short_name if one else "правонаступник"
            found.append((name, "цей заклад не працює, передати до нього не можна"))
    joined = {one.to: one for one in passings_of(order).values() if one.to}
    open_ = {
        one.pk: one.label
        for one in ClassGroup.objects.filter(pk__in=joined, closed_on=None)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    }
    found += [
        (f"клас {one.to_label}", "його закрито або перейменовано")
        for one in joined.values()
        if open_.get(one.to) != one.to_label
    ]
    source = rows[order.institution.uid]
    if _spun(order):
        return found
    if waiting := ports.applying_to(source.pk):
        found.append((source.short_name, f"подано заяв до першого класу: {waiting}"))
    if len(wanted) > 1 and source.branches.exclude(status="LIQUIDATED").exists():
        found.append((source.short_name, "у закладу зʼявилися філії"))
    return found


def learners_now(order: Order) -> dict[int, Learner]:
    """Who learns here from the day on, by enrolment, as the plan would say it now."""
    rows = _passing(order, plans.learning(order.institution_id, order.effective_on))
    first: dict[int, ClassPlacement] = {}
    for place in plans.places(rows, order.effective_on):
        first.setdefault(place.enrolment_id, place)
    groups = ClassGroup.objects.in_bulk([place.class_group_id for place in first.values()])
    return {
        one.pk: Learner(
            one, groups[first[one.pk].class_group_id].label if one.pk in first else "", None
        )
        for one in rows
    }


def _spun(order: Order) -> bool:
    return bool(document_of(order)["terms"]["way_code"] == plans.SPIN)


def _passing(order: Order, learners: Sequence[Enrolment]) -> list[Enrolment]:
    """Those whose class passes: all of them, but of a spin-off."""
    if not _spun(order):
        return list(learners)
    classes = passings_of(order)
    first: dict[int, int] = {}
    for place in plans.places(learners, order.effective_on):
        first.setdefault(place.enrolment_id, place.class_group_id)
    return [one for one in learners if first.get(one.pk, 0) in classes]


# ── written ──────────────────────────────────────────────────────────────────
@part_of_command
def write(order: Order, posts_at: Mapping[uuid.UUID, int]) -> None:
    """Everything the order brings. `Reorganise.conflicts` held and judged it in this transaction."""
    day, source = order.effective_on, order.institution
    document = document_of(order)
    passings = plans.read(document["terms"]["classes"])
    heirs = list(Institution.objects.filter(uid__in=successors_of(order)).order_by("pk"))
    if not heirs:
        raise EnrolledMeanwhile("Правонаступника вже немає. Складіть наказ знову.")
    learners = _passing(order, plans.learning(source.pk, day))
    places = plans.places(learners, day)
    strange = {place.class_group_id for place in places} - passings.keys()
    if strange:
        raise EnrolledMeanwhile("У закладі зʼявилися інші класи. Складіть наказ знову.")
    groups = list(
        ClassGroup.objects.filter(institution=source.pk, closed_on=None)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    authority.begin(order)
    _end(order, learners)
    spun = _spun(order)
    if spun:
        closing.close_classes([one for one in groups if one.pk in passings], source.pk, day)
    else:
        if len(heirs) == 1:
            _pass_vacancies(source.pk, heirs[0].pk)
        ports.closed(source.pk, day, f"Заклад реорганізовано: наказ № {order.number}", order.pk)
    posts = _pass_posts(order, posts_at)
    opened = _open(order, groups, passings, posts)
    target = {of: one.to or opened[of] for of, one in passings.items()}
    _begin(order, learners, places, passings, target, heirs[0].pk)
    _pass_loads(order, posts, target)
    if spun:
        return
    if len(heirs) == 1:
        for branch in source.branches.exclude(status="LIQUIDATED").select_related("unit"):
            subordination.hang(branch, heirs[0].unit, hub=heirs[0])
    heirs_told = "; ".join(one.short_name for one in heirs)
    institutions.turn(
        source,
        "LIQUIDATED",
        since=day,
        order_number=order.number,
        order_date=order.issued_on,
        issued_by=document["terms"]["issuer"],
        ground=f"Реорганізація ({document['terms']['way']}). Правонаступник: {heirs_told}",
    )


@part_of_command
def _end(order: Order, learners: Sequence[Enrolment]) -> None:
    """Whoever has begun leaves on the day; who was to come comes to the successor, never here."""
    begun = {one.pk: REASON for one in learners if one.starts_on < order.effective_on}
    places = ClassPlacement.objects.filter(enrolment__in=list(begun), voided_by=None)
    # Places to come go on at the successor: here they never begin.
    places.filter(starts_on__gte=order.effective_on).update(voided_by=order)
    places.filter(starts_on__lt=order.effective_on, ends_on__gt=order.effective_on).update(
        ends_on=None, closed_by=None
    )
    leaving.end(order.pk, order.effective_on, begun)
    coming = [one.pk for one in learners if one.pk not in begun]
    if coming:
        ClassPlacement.objects.filter(enrolment__in=coming, voided_by=None).update(voided_by=order)
        Enrolment.objects.filter(pk__in=coming).update(voided_by=order)


_BEGIN = """
    WITH passed AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('registry_enrolment', 'id')) AS id, x.*
        FROM unnest(%(old)s::bigint[], %(pupil)s::uuid[], %(kind)s::text[], %(at)s::int[],
                    %(starts_on)s::date[], %(ends_on)s::date[], %(reason)s::text[],
                    %(closed_by)s::uuid[])
            AS x(old, pupil_id, kind, at, starts_on, ends_on, reason, closed_by)
    ), begun AS (
        INSERT INTO registry_enrolment (id, pupil_id, institution_id, kind, starts_on, ends_on,
            end_reason, origin, opened_by_id, closed_by_id)
        SELECT id, pupil_id, at, kind, starts_on, ends_on, reason, 'ORDER', %(order)s, closed_by
        FROM passed
    )
    INSERT INTO registry_classplacement (enrolment_id, class_group_id, form, starts_on, ends_on,
        origin, opened_by_id)
    SELECT passed.id, x.class_group_id, x.form, x.starts_on, x.ends_on, 'ORDER', %(order)s
    FROM unnest(%(of)s::bigint[], %(class_group)s::int[], %(form)s::text[], %(since)s::date[],
                %(until)s::date[]) AS x(old, class_group_id, form, starts_on, ends_on)
    JOIN passed USING (old)
"""


@part_of_command
def _begin(
    order: Order,
    learners: Sequence[Enrolment],
    places: Sequence[ClassPlacement],
    passings: Mapping[int, Passing],
    target: Mapping[int, int],
    first: int,
) -> None:
    """Each enrolment goes on at the successor of its class, with every place that is to come."""
    day = order.effective_on
    at: dict[int, int] = {}
    for place in places:
        at.setdefault(place.enrolment_id, passings[place.class_group_id].at)
    # The plan refuses it; who was moved to such a class meanwhile would be in it and in another school.
    if any(passings[one.class_group_id].at != at[one.enrolment_id] for one in places):
        raise EnrolledMeanwhile("Дитину тим часом перевели до іншого класу. Складіть наказ знову.")
    rows = sorted(learners, key=lambda one: one.pupil_id)
    with connection.cursor() as cursor:
        cursor.execute(
            _BEGIN,
            {
                "order": order.pk,
                "old": [one.pk for one in rows],
                "pupil": [one.pupil_id for one in rows],
                "kind": [one.kind for one in rows],
                "at": [at.get(one.pk, first) for one in rows],
                "starts_on": [max(one.starts_on, day) for one in rows],
                "ends_on": [one.ends_on for one in rows],
                "reason": [one.end_reason for one in rows],
                "closed_by": [one.closed_by_id for one in rows],
                "of": [one.enrolment_id for one in places],
                "class_group": [target[one.class_group_id] for one in places],
                "form": [one.form for one in places],
                "since": [max(one.starts_on, day) for one in places],
                "until": [one.ends_on for one in places],
            },
        )


@part_of_command
def _pass_vacancies(source: int, to: int) -> None:
    """Places that nobody fills go with the only successor; of a split they end with the institution."""
    rows = Vacancy.objects.filter(institution=source, closed_on=None).order_by("pk")
    ids = list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    Vacancy.objects.filter(pk__in=ids).update(institution=to, version=F("version") + 1)
    audit.record(*(VacancyChanged(subject=pk, unit=to, changed=("institution",)) for pk in ids))


@part_of_command
def _pass_posts(
    order: Order, at: Mapping[uuid.UUID, int]
) -> dict[uuid.UUID, tuple[uuid.UUID, int]]:
    """Posts end on the day and go on at the successors; one that has not begun moves as it is.
    Returns the new post and its institution by the old one."""
    day = order.effective_on
    posts = list(
        Post.objects.filter(lasting(day), institution=order.institution_id, pk__in=at).order_by(
            "pk"
        )
    )
    begun = [post for post in posts if post.starts_on < day]
    new = {post.pk: uuid.UUID(str(uuid_utils.uuid7())) for post in begun}
    Post.objects.filter(pk__in=list(new)).update(ends_on=day)
    Post.objects.bulk_create(
        Post(
            pk=new[post.pk],
            employee_id=post.employee_id,
            institution_id=at[post.pk],
            position=post.position,
            is_main=post.is_main,
            rate=post.rate,
            category=post.category,
            is_full=post.is_full,
            grade=post.grade,
            starts_on=day,
            ends_on=post.ends_on,
        )
        for post in begun
    )
    for post in posts:
        if post.pk not in new:
            new[post.pk] = post.pk
            Post.objects.filter(pk=post.pk).update(institution_id=at[post.pk])
    return {post.pk: (new[post.pk], at[post.pk]) for post in posts}


@part_of_command
def _open(
    order: Order,
    groups: Sequence[ClassGroup],
    passings: Mapping[int, Passing],
    posts: Mapping[uuid.UUID, tuple[uuid.UUID, int]],
) -> dict[int, int]:
    """Classes that pass as they were are opened at the successor, led by the same person."""
    fresh = [one for one in groups if one.pk in passings and not passings[one.pk].to]

    def teacher(group: ClassGroup, at: int) -> uuid.UUID | None:
        post, works_at = posts.get(group.teacher_id or uuid.UUID(int=0), (None, 0))
        return post if works_at == at else None

    with violation("one_class_of_a_name", ClassExists), led_from_within():
        made = ClassGroup.objects.bulk_create(
            ClassGroup(
                institution_id=passings[one.pk].at,
                school_year_id=one.school_year_id,
                grade=one.grade,
                letter=passings[one.pk].letter,
                form=one.form,
                type=one.type,
                language=one.language,
                profile=one.profile,
                shift=one.shift,
                capacity=one.capacity,
                teacher_id=teacher(one, passings[one.pk].at),
                opened_on=max(one.opened_on, order.effective_on),
            )
            for one in fresh
        )
    return {old.pk: new.pk for old, new in zip(fresh, made, strict=True)}


@part_of_command
def _pass_loads(
    order: Order,
    posts: Mapping[uuid.UUID, tuple[uuid.UUID, int]],
    target: Mapping[int, int],
) -> None:
    """The load goes on with the post: the same subjects and hours, in the classes as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH post AS (
                SELECT * FROM unnest(%(old)s::uuid[], %(new)s::uuid[]) AS x(old, new)
            ), of_class AS (
                SELECT * FROM unnest(%(class)s::int[], %(target)s::int[]) AS x(old, new)
            ), ended AS MATERIALIZED (
                SELECT l.*, post.new AS new_post, uuidv7() AS new_id
                FROM registry_load l JOIN post ON post.old = l.post_id
                WHERE l.voided_by_id IS NULL
                  AND (l.ends_on IS NULL OR l.ends_on > %(day)s) AND post.new <> post.old
            ), closed AS (
                UPDATE registry_load l SET
                    ends_on = CASE WHEN l.starts_on < %(day)s THEN %(day)s ELSE l.ends_on END,
                    closed_by_id = CASE WHEN l.starts_on < %(day)s THEN %(order)s ELSE l.closed_by_id END,
                    voided_by_id = CASE WHEN l.starts_on < %(day)s THEN NULL ELSE %(order)s END
                FROM ended WHERE l.id = ended.id
            ), begun AS (
                INSERT INTO registry_load (id, post_id, school_year_id, type, subject, name,
                    is_primary, hours, line, starts_on, ends_on, origin, opened_by_id, version)
                SELECT new_id, new_post, school_year_id, type, subject, name, is_primary, hours, line,
                       greatest(starts_on, %(day)s), ends_on, 'ORDER', %(order)s, 1
                FROM ended
                RETURNING id, institution_id
            )
            SELECT ended.new_id, begun.institution_id, part.class_group_id
            FROM ended JOIN begun ON begun.id = ended.new_id
            LEFT JOIN registry_loadclass part ON part.load_id = ended.id
            """,
            {
                "old": list(posts),
                "new": [new for new, _ in posts.values()],
                "class": list(target),
                "target": list(target.values()),
                "day": order.effective_on,
                "order": order.pk,
            },
        )
        parts = [(load, at, target.get(group)) for load, at, group in cursor.fetchall() if group]
        homes = dict(
            ClassGroup.objects.filter(pk__in=target.values()).values_list("pk", "institution_id")
        )
        # Two classes may have become one: it is taught once.
        kept = sorted({(load, group) for load, at, group in parts if group and homes[group] == at})
        cursor.execute(
            "INSERT INTO registry_loadclass (load_id, class_group_id)"
            " SELECT * FROM unnest(%s::uuid[], %s::int[])",
            [[load for load, _ in kept], [group for _, group in kept]],
        )
