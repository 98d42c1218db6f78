"""Who may be what, where: the role cascade's writes (handbook B.1, B.3)."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Sequence

from django.conf import settings

from accounts import identifiers, policies
from accounts.actors import Actor
from accounts.errors import (
    AlreadyGranted,
    AnotherName,
    GrantHasEnded,
    GrantOnlyDownwards,
    SecondHead,
    WrongState,
)
from accounts.events import (
    DutiesChanged,
    GrantActivated,
    GrantEnded,
    GrantGiven,
    GrantRestored,
    GrantSuspended,
    InvitationWithdrawn,
    UserRenamed,
)
from accounts.models import Grant, NameMismatch, OrgUnit, User, UserSession
from accounts.roles import Duty, GrantState, Role, UnitKind
from accounts.services import invitations, people, units
from accounts.services.people import Person
from accounts.services.units import NewUnit
from kernel import audit
from kernel.db import command, part_of_command, violation
from kernel.errors import DomainError, Invalid, NotAllowed, NotFound, Problem, StaleVersion
from kernel.text import clean

MAX_HEADS_AT_ONCE = 1000


# ── giving ───────────────────────────────────────────────────────────────────
@command
def create_administrator(
    *,
    actor: Actor,
    unit: uuid.UUID | NewUnit,
    person: Person,
    position: str = "",
    ground: str = "",
) -> Grant:
    """Create the administrator of a level below: «…адміністратора нижчого рівня».

    `unit` is an authority of the tree, or one to be added in the same act. The role follows from
    the kind of the node.

    Raises:
        Invalid: what was typed is wrong; every problem at once.
        NotFound: no such authority within reach.
        GrantOnlyDownwards: not below the actor.
        UnitMisplaced, UnitExists: the new authority does not fit.
        AnotherName: the person's code belongs to somebody of another name.
        AlreadyGranted: the person administers this authority already.
    """
    person = people.checked(person)
    node = (
        units.add_unit(actor, unit)
        if isinstance(unit, NewUnit)
        else OrgUnit.objects.visible_to(actor).find(uid=unit)
    )
    role = policies.ADMINISTRATOR_OF.get(node.kind)
    if role is None:
        role = Role.ANALYST if node.kind == UnitKind.OWNER else Role.OBLAST_ADMIN
    return _give(actor, node, role, person, position=position, ground=ground)


@command
def create_head(
    *,
    actor: Actor,
    institution: uuid.UUID,
    person: Person,
    ground: str = "",
    acting_until: datetime.date | None = None,
) -> Grant:
    """Create the head of an institution: «Створення облікового запису Керівника ЗО».

    `acting_until` makes an acting head (в. о.) with all that a head may, until the day of the order;
    nothing ends by itself that day, the authority is told.

    `institution` is the public id of its node. Locks the node, so that of two who appoint at once
    the second reads who was first.

    Raises:
        Invalid, NotFound, GrantOnlyDownwards, AnotherName: as for an administrator.
        SecondHead: there is a head who is not НЕАКТИВНИЙ; the context names the grant.
    """
    person = people.checked(person)
    _check_acting(acting_until)
    node = _lock_unit(actor, institution)
    return _give(actor, node, Role.HEAD, person, ground=ground, acting_until=acting_until)


ACTING = "Виконувач обовʼязків керівника"


def _check_acting(until: datetime.date | None) -> None:
    if until is not None and until < audit.today():
        raise Invalid(
            [Problem("acting_until", "over", "Останній день виконання обовʼязків уже минув.")]
        )


@dataclasses.dataclass(frozen=True)
class HeadRow:
    """One row of the table of heads: the institution by its public id."""

    institution: uuid.UUID | None
    person: Person
    ground: str = ""


@command
def create_heads(*, actor: Actor, rows: Sequence[HeadRow]) -> list[Grant]:
    """Create many heads as one act: all of them or none.

    Raises:
        Invalid: problems of all rows at once; the field is `rows.N.name`, N from 0.
    """
    if len(rows) > MAX_HEADS_AT_ONCE:
        raise Invalid(
            [Problem("rows", "too_many", f"За один раз — найбільше {MAX_HEADS_AT_ONCE} рядків.")]
        )
    rows = [dataclasses.replace(row, person=row.person.normal()) for row in rows]
    if problems := head_problems(actor, rows):
        raise Invalid(problems)
    nodes = {
        node.uid: node
        for node in OrgUnit.objects.visible_to(actor)
        .filter(uid__in=[row.institution for row in rows])
        .select_for_update(of=("self",), no_key=True)
        .order_by("id")
    }
    made = []
    for number, row in enumerate(rows):
        try:
            assert row.institution is not None  # noqa: S101 - head_problems refused it
            made.append(
                _give(actor, nodes[row.institution], Role.HEAD, row.person, ground=row.ground)
            )
        except DomainError as refusal:
            field = refusal.field or "institution"
            raise Invalid(
                [Problem(f"rows.{number}.{field}", refusal.code, refusal.detail)]
            ) from refusal
    return made


def head_problems(actor: Actor, rows: Sequence[HeadRow]) -> list[Problem]:
    """Everything wrong with a table of heads (persons in normal form), without changing anything.

    Three queries whatever the number of rows.
    """
    nodes = {
        node.uid: node
        for node in OrgUnit.objects.visible_to(actor).filter(
            uid__in=[row.institution for row in rows if row.institution]
        )
    }
    taken = {
        grant.unit_id: grant
        for grant in Grant.objects.filter(
            unit_id__in=[node.id for node in nodes.values()], role=Role.HEAD
        )
        .exclude(state=GrantState.INACTIVE)
        .select_related("user")
    }
    known = {
        user.person_code: user
        for user in User.objects.filter(person_code__in=[row.person.person_code for row in rows])
    }
    problems: list[Problem] = []
    first_at: dict[int, int] = {}
    for number, row in enumerate(rows):
        prefix = f"rows.{number}."
        problems += row.person.problems(prefix)
        user = known.get(row.person.person_code)
        if user and not identifiers.names_agree(user.full_name, row.person.full_name):
            problems.append(
                Problem(
                    f"{prefix}person_code",
                    AnotherName.code,
                    "За цим номером записано людину з іншим іменем. Перевірте номер.",
                )
            )
        node = nodes.get(row.institution) if row.institution else None
        if node is None:
            problems.append(
                Problem(
                    f"{prefix}institution",
                    "not_found",
                    "Такого закладу серед підпорядкованих вам немає.",
                )
            )
            continue
        if refusal := policies.give.refusal(actor, Role.HEAD, node):
            problems.append(Problem(f"{prefix}institution", refusal.code, refusal.detail))
        elif node.id in first_at:
            problems.append(
                Problem(
                    f"{prefix}institution",
                    "twice",
                    f"Цей заклад уже є в рядку {first_at[node.id] + 1}: керівник може бути один.",
                )
            )
        elif node.id in taken:
            problems.append(
                Problem(
                    f"{prefix}institution", SecondHead.code, _second_head(taken[node.id]).detail
                )
            )
        first_at.setdefault(node.id, number)
    return problems


@command
def create_deputy(
    *,
    actor: Actor,
    person: Person,
    duties: Sequence[str],
    institution: uuid.UUID | None = None,
    position: str = "",
    ground: str = "",
) -> Grant:
    """Create a deputy or responsible person with named duties: only the head does it.

    `institution` is one's own when empty, or a branch of one's hub. Signing orders is never among
    the duties (handbook B.1, rule 5).

    Raises:
        Invalid, NotFound, GrantOnlyDownwards, AnotherName, AlreadyGranted.
    """
    person = people.checked(person)
    known = _known_duties(duties)
    node = OrgUnit.objects.visible_to(actor).find(
        **({"uid": institution} if institution else {"id": actor.unit_id})
    )
    return _give(actor, node, Role.DEPUTY, person, duties=known, position=position, ground=ground)


def _known_duties(duties: Sequence[str]) -> list[str]:
    chosen = [duty for duty in Duty.values if duty in set(duties)]
    if not chosen or set(duties) - set(Duty.values):
        raise Invalid([Problem("duties", "no_duties", "Позначте хоча б один обовʼязок.")])
    return chosen


@part_of_command
def _give(
    actor: Actor,
    unit: OrgUnit,
    role: str,
    person: Person,
    *,
    duties: Sequence[str] = (),
    position: str = "",
    ground: str = "",
    acting_until: datetime.date | None = None,
) -> Grant:
    """Give a role to a checked person and invite them. The database is the second net."""
    policies.give.require(actor, role, unit)
    if role == Role.HEAD:
        standing = (
            Grant.objects.filter(unit=unit, role=Role.HEAD)
            .exclude(state=GrantState.INACTIVE)
            .select_related("user")
            .first()
        )
        if standing is not None:
            raise _second_head(standing)
    user = people.find_or_create(person)

    def twice() -> DomainError:
        return AlreadyGranted(
            f"{person.full_name} вже має роль «{Role(role).label}» тут.", field="person_code"
        )

    with (
        violation("grant_only_downwards", GrantOnlyDownwards),
        violation("grant_role_fits_unit", GrantOnlyDownwards),
        violation("one_head_per_institution", lambda: SecondHead(field="institution")),
        violation("one_grant_of_a_kind", twice),
    ):
        grant = Grant.objects.create(
            user=user,
            unit=unit,
            role=role,
            duties=list(duties),
            position=clean(position) or (ACTING if acting_until else ""),
            ground=clean(ground),
            acting_until=acting_until,
            given_by_id=actor.grant_id,
        )
    grant.refresh_from_db(fields=["uid"])
    audit.record(
        GrantGiven(
            subject=grant.uid,
            unit=grant.unit_id,
            role=role,
            ground=grant.ground,
            duties=tuple(duties),
        )
    )
    invitations.invite(grant, person.email)
    return grant


def _second_head(standing: Grant) -> SecondHead:
    return SecondHead(
        f"Керівник цього закладу — {standing.user.full_name} "
        f"(стан: {GrantState(standing.state).label}). "
        "Спершу зробіть цей запис неактивним або призначте наступника з його картки.",
        field="institution",
        grant=str(standing.uid),
    )


def _lock_unit(actor: Actor, uid: uuid.UUID) -> OrgUnit:
    node: OrgUnit = (
        OrgUnit.objects.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .find(uid=uid, kind=UnitKind.INSTITUTION)
    )
    return node


# ── life of a grant ──────────────────────────────────────────────────────────
@command
def change_duties(
    *, actor: Actor, grant: uuid.UUID, seen: Collection[str], duties: Sequence[str]
) -> Grant:
    """Change what a deputy is entrusted with; it holds from the next click. `seen` are the duties
    that the actor read: the whole list is written, so it is its own version.

    Raises:
        StaleVersion: somebody changed the duties after the actor read them.
        Invalid, NotFound, GrantOnlyDownwards, GrantHasEnded, WrongState: not a deputy.
    """
    row = _managed(actor, grant)
    if row.role != Role.DEPUTY:
        raise WrongState("Обовʼязки визначають лише відповідальним особам.")
    if set(row.duties) != set(seen):
        raise StaleVersion
    before, row.duties = row.duties, _known_duties(duties)
    row.save(update_fields=["duties"])
    audit.record(
        DutiesChanged(
            subject=row.uid, unit=row.unit_id, before=tuple(before), duties=tuple(row.duties)
        )
    )
    return row


@command
def suspend(*, actor: Actor, grant: uuid.UUID, reason: str) -> Grant:
    """Stop a grant for a time (постанова 1255 п.28): sessions end at once, nothing is lost.

    Raises:
        Invalid: no reason given.
        NotFound, GrantOnlyDownwards, GrantHasEnded.
        WrongState: only an active grant is suspended.
    """
    told = _reason(reason)
    row = _change_state(actor, grant, to=GrantState.SUSPENDED, only_from=GrantState.ACTIVE)
    ended = _end_visits(row, f"Ваш обліковий запис зупинено: {told}", audit.now())
    audit.record(
        GrantSuspended(subject=row.uid, unit=row.unit_id, reason=told, sessions_ended=ended)
    )
    return row


@command
def restore(*, actor: Actor, grant: uuid.UUID, reason: str) -> Grant:
    """Let a suspended grant act again.

    Raises:
        Invalid, NotFound, GrantOnlyDownwards, GrantHasEnded, WrongState.
    """
    told = _reason(reason)
    row = _change_state(actor, grant, to=GrantState.ACTIVE, only_from=GrantState.SUSPENDED)
    audit.record(GrantRestored(subject=row.uid, unit=row.unit_id, reason=told))
    return row


@command
def deactivate(*, actor: Actor, grant: uuid.UUID, reason: str) -> Grant:
    """Set a grant НЕАКТИВНИЙ for good: sessions end at once, what was signed stays valid.

    Raises:
        Invalid: no reason given.
        NotFound, GrantOnlyDownwards, GrantHasEnded.
    """
    row = _managed(actor, grant)
    _deactivate(row, _reason(reason))
    return row


@command
def deactivate_many(*, actor: Actor, grants: Sequence[uuid.UUID], reason: str) -> int:
    """Set several grants НЕАКТИВНИЙ with one reason: all of them or none.

    Raises:
        Invalid, NotFound, GrantOnlyDownwards, GrantHasEnded.
    """
    told = _reason(reason)
    for uid in sorted(set(grants)):
        _deactivate(_managed(actor, uid), told)
    return len(set(grants))


@command
def replace_head(
    *,
    actor: Actor,
    grant: uuid.UUID,
    reason: str,
    person: Person,
    ground: str = "",
    acting_until: datetime.date | None = None,
) -> Grant:
    """Change the head in one act: the old grant НЕАКТИВНИЙ, the successor invited; with
    `acting_until` the successor acts for a time.

    Drafts, orders that wait, tasks and requests are the institution's, so the successor has them;
    the former head comes in no more, and what was signed stays.

    Raises:
        Invalid: problems of the reason and of the person together.
        NotFound, GrantOnlyDownwards, GrantHasEnded, AnotherName.
        WrongState: the grant is not a head's.
    """
    person = person.normal()
    problems = person.problems()
    if not clean(reason):
        problems.insert(0, _NO_REASON)
    if problems:
        raise Invalid(problems)
    row = _managed(actor, grant)
    if row.role != Role.HEAD:
        raise WrongState("Наступника призначають керівникові закладу.")
    if row.user.person_code == person.person_code:
        raise WrongState(
            "Наступник — та сама особа. Щоб виправити пошту, надішліть запрошення ще раз.",
            field="person_code",
        )
    _lock_unit(actor, row.unit.uid)
    _check_acting(acting_until)
    _deactivate(row, clean(reason))
    return _give(actor, row.unit, Role.HEAD, person, ground=ground, acting_until=acting_until)


@command
def withdraw_invitation(*, actor: Actor, grant: uuid.UUID, reason: str = "") -> Grant:
    """Take back an invitation nobody used: the link stops working, the grant is НЕАКТИВНИЙ.

    Raises:
        NotFound, GrantOnlyDownwards, GrantHasEnded.
        WrongState: the person has already come in.
    """
    row = _managed(actor, grant)
    if row.state != GrantState.INVITED:
        raise WrongState("Особа вже прийняла запрошення. Запис можна зробити неактивним.")
    told = clean(reason)
    _end(row, told or "Запрошення відкликано")
    audit.record(InvitationWithdrawn(subject=row.uid, unit=row.unit_id, reason=told))
    return row


@command
def accept_certificate_name(*, actor: Actor, grant: uuid.UUID) -> User:
    """Take the name from the certificate the invited person came with (B.3, name mismatch).

    The first three words are surname, given name, patronymic, as certificates write them.

    Raises:
        NotFound, GrantOnlyDownwards, GrantHasEnded.
        WrongState: there is no such difference to settle.
    """
    row = _managed(actor, grant)
    mismatch = NameMismatch.objects.filter(grant=row, resolved_at=None).first()
    if mismatch is None:
        raise WrongState("Розбіжності в імені немає.")
    words = [identifiers.name(word) for word in mismatch.certificate_name.split()]
    user = row.user
    before = user.full_name
    user.surname, user.given_name = words[0], words[1] if len(words) > 1 else user.given_name
    user.patronymic = " ".join(words[2:])
    user.save(update_fields=["surname", "given_name", "patronymic"])
    NameMismatch.objects.filter(grant__user=user, resolved_at=None).update(resolved_at=audit.now())
    audit.record(UserRenamed(subject=row.uid, unit=row.unit_id, before=before, name=user.full_name))
    return user


@command
def appoint_technical_administrator(*, actor: Actor, person: Person) -> Grant:
    """Appoint a technical administrator from the server's console; run again, it changes nothing.

    Raises:
        NotAllowed: asked for by a person rather than by the installation.
        NotFound: the installation has no node of the technical administrator yet.
        Invalid, AnotherName.
    """
    if not actor.is_system:
        raise NotAllowed
    person = people.checked(person)
    node = OrgUnit.objects.filter(kind=UnitKind.TECH_ADMIN).first()
    if node is None:
        raise NotFound("Спершу створіть вузол технічного адміністратора.")
    user = people.find_or_create(person)
    standing = (
        Grant.objects.filter(user=user, unit=node, role=Role.TECH_ADMIN)
        .exclude(state=GrantState.INACTIVE)
        .first()
    )
    if standing is not None:
        return standing
    grant = Grant.objects.create(user=user, unit=node, role=Role.TECH_ADMIN, given_by=None)
    grant.refresh_from_db(fields=["uid"])
    audit.record(GrantGiven(subject=grant.uid, unit=grant.unit_id, role=Role.TECH_ADMIN.value))
    invitations.invite(grant, person.email)
    return grant


@command
def confirm_for_training(*, actor: Actor, grants: Sequence[int]) -> int:
    """Make invited grants of the training world active, as if each person had come with their key.

    Nobody is signed in by this: every visit still begins with a verified signature.

    Raises:
        NotAllowed: this is not an installation with invented people.
    """
    if not (actor.is_system and settings.SYNTHETIC_DATA):
        raise NotAllowed("Лише для навчального середовища з вигаданими даними.")
    count = 0
    for grant in Grant.objects.select_related("unit").filter(
        pk__in=grants, state=GrantState.INVITED
    ):
        activate(grant)
        count += 1
    return count


@part_of_command
def activate(grant: Grant) -> None:
    """Turn an invited grant active: the person was seen with the right key (or it is training)."""
    now = audit.now()
    grant.state = GrantState.ACTIVE
    grant.activated_at = now
    grant.save(update_fields=["state", "activated_at"])
    grant.invitations.filter(used_at=None, withdrawn_at=None).update(used_at=now)
    NameMismatch.objects.filter(grant=grant, resolved_at=None).update(resolved_at=now)
    audit.record(GrantActivated(subject=grant.uid, unit=grant.unit_id))


# ── steps ────────────────────────────────────────────────────────────────────
_NO_REASON = Problem("reason", "no_reason", "Впишіть підставу: її побачать в історії запису.")


def _reason(text: str) -> str:
    told = clean(text)
    if not told:
        raise Invalid([_NO_REASON])
    return told


def _managed(actor: Actor, uid: uuid.UUID) -> Grant:
    """A grant the actor looks after, locked; never an ended one."""
    row: Grant = (
        Grant.objects.visible_to(actor)
        .select_related("unit", "user")
        .select_for_update(of=("self",), no_key=True)
        .find(uid=uid)
    )
    policies.manage.require(actor, row)
    if row.state == GrantState.INACTIVE:
        raise GrantHasEnded("Неактивний запис не змінюють: створіть новий.")
    return row


@part_of_command
def end_all(unit_id: int, reason: str) -> int:
    """Set every grant at a node НЕАКТИВНИЙ, for the command that closes the node. How many."""
    rows = list(
        Grant.objects.filter(unit=unit_id)
        .exclude(state=GrantState.INACTIVE)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    for row in rows:
        _deactivate(row, reason)
    return len(rows)


@part_of_command
def _deactivate(row: Grant, reason: str) -> None:
    ended = _end(row, reason)
    audit.record(GrantEnded(subject=row.uid, unit=row.unit_id, reason=reason, sessions_ended=ended))


@part_of_command
def _end(row: Grant, reason: str) -> int:
    now = audit.now()
    row.state, row.ended_at, row.ended_reason = GrantState.INACTIVE, now, reason
    row.save(update_fields=["state", "ended_at", "ended_reason"])
    invitations.close_open(row.pk)
    NameMismatch.objects.filter(grant=row, resolved_at=None).update(resolved_at=now)
    return _end_visits(row, f"Ваш обліковий запис неактивний: {reason}", now)


def _end_visits(row: Grant, farewell: str, now: datetime.datetime) -> int:
    return UserSession.objects.filter(grant=row, ended_at=None).update(
        ended_at=now, ended_reason=farewell
    )


@part_of_command
def _change_state(actor: Actor, uid: uuid.UUID, *, to: GrantState, only_from: GrantState) -> Grant:
    row = _managed(actor, uid)
    if row.state != only_from:
        raise WrongState(
            f"Запис зараз у стані «{GrantState(row.state).label}», а потрібен «{only_from.label}»."
        )
    row.state = to
    row.save(update_fields=["state"])
    return row
