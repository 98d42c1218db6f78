"""Lawful representatives of children: persons, and the periods for which they represent (D.2)."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from django.db import connection
from django.db.models import Q

from accounts import identifiers
from accounts.actors import Actor
from kernel import audit
from kernel.db import command, part_of_command, violation
from kernel.errors import Busy, Invalid, NotFound, StaleVersion
from kernel.errors import Problem as FieldProblem
from kernel.scoping import grant_of
from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.tables.findings import Checked, warning
from kernel.text import sort_key
from registry.fields import contacts, names, numbers
from registry.fields.reader import Reader
from registry.institutions.models.institutions import Institution
from registry.people import policies
from registry.people.errors import NothingToConfirm, RepresentsAlready
from registry.people.events import (
    GuardianConfirmed,
    GuardianSaved,
    GuardianshipEnded,
    GuardianshipVoided,
    GuardianUnconfirmed,
)
from registry.people.models.guardians import Guardian, Guardianship
from registry.people.models.pupils import Pupil
from registry.people.selectors.guardians import ground_of
from registry.people.services.steps import kept, require_version
from registry.people.services.voiding import by_person, void

_PERSON = ("surname", "given_name", "patronymic", "phone", "email", "rnokpp", "passport")
_TIE = ("relation", "starts_on", "ground", "identity_shown")
OTHER_NAME = (
    "У реєстрі за цим РНОКПП записано особу з іншим іменем. Звірте номер та імʼя з документом."
)


@command
def add_guardian(
    *, actor: Actor, pupil_id: Any, values: Mapping[str, str], today: datetime.date
) -> Guardianship:
    """Add a representative. A person whose РНОКПП the register knows is that person (see Guardian):
    what is said of them now is written to their row, what is left empty stays.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
        Invalid: every wrong field; a known number with another name until `confirmed`.
        RepresentsAlready: the person represents this child in that period.
    """
    pupil = kept(actor, pupil_id)
    said = _read(values, today)
    known = _of_number(said["rnokpp"])
    _doubt_names(known, said, values)
    if known is not None:
        person, changed = known, _filled(known, said)
    else:
        person, changed = _created(said)
    tie = Guardianship(pupil=pupil, guardian=person, **{name: said[name] for name in _TIE})
    with violation("guardianships_never_overlap", RepresentsAlready):
        tie.save()
    _tell(tie, pupil)
    if changed:
        _tell_others(person, tie, changed, today)
    return tie


@command
def change_guardian(
    *,
    actor: Actor,
    pupil_id: Any,
    guardianship_id: int,
    version: int,
    guardian_version: int,
    values: Mapping[str, str],
    today: datetime.date,
) -> Guardianship:
    """Correct a representative of a child; names and contacts change for every child of the person.

    Another РНОКПП is another person: one the register knows takes the place at this child, an
    unknown one is made when the person has other children (they keep the old one), and only the
    number of somebody with this child alone is corrected in place.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps, or not its representative.
        StaleVersion: somebody saved the person, or their tie to the child, after the actor read it.
        Invalid: every wrong field; a known number with another name until `confirmed`.
        RepresentsAlready: the person of the new number represents this child in that period.
    """
    pupil = kept(actor, pupil_id)
    tie = _tie(pupil, guardianship_id)
    require_version(tie, version)
    return guardian_corrected(pupil, tie, guardian_version, values, today)


def values_of_guardian(tie: Guardianship) -> dict[str, str]:
    """A representative as the form has them: what is to be corrected is put over it."""
    return {
        "relation": tie.relation,
        "starts_on": f"{tie.starts_on:%d.%m.%Y}",
        "ground": tie.ground,
        "identity_shown": "on" if tie.identity_shown else "",
        **{name: getattr(tie.guardian, name) or "" for name in _PERSON},
    }


@part_of_command
def guardian_corrected(
    pupil: Pupil,
    tie: Guardianship,
    guardian_version: int,
    values: Mapping[str, str],
    today: datetime.date,
) -> Guardianship:
    """`change_guardian`, of a representative in hand."""
    person = Guardian.objects.select_for_update(no_key=True).get(pk=tie.guardian_id)
    require_version(person, guardian_version)
    said = _read(values, today, since=tie.starts_on)
    if tie.ends_on is not None and said["starts_on"] >= tie.ends_on:
        raise Invalid(
            [FieldProblem("starts_on", "after_end", "Представництво завершено раніше цієї дати.")]
        )
    if said["rnokpp"] == person.rnokpp or (
        _of_number(said["rnokpp"]) is None and not _has_others(person, tie)
    ):
        changed = _set(person, {name: said[name] for name in _PERSON})
    else:
        known = _of_number(said["rnokpp"])
        _doubt_names(known, said, values)
        person, changed = (known, _filled(known, said)) if known else _created(said)
    fresh = {name: said[name] for name in _TIE} | {"guardian_id": person.pk}
    tied = [name for name, value in fresh.items() if getattr(tie, name) != value]
    if tied:
        for name in tied:
            setattr(tie, name, fresh[name])
        tie.version += 1
        with violation("guardianships_never_overlap", RepresentsAlready):
            tie.save(update_fields=[*tied, "version"])
    if changed or tied:
        _tell(tie, pupil, person, (*changed, *tied))
    if changed:
        _tell_others(person, tie, changed, today)
    return tie


@command
def end_guardianship(
    *,
    actor: Actor,
    pupil_id: Any,
    guardianship_id: int,
    version: int,
    ends_on: datetime.date,
) -> Guardianship:
    """The person represents the child no longer from a day on; what was stays.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps, or not its representative.
        StaleVersion: somebody saved it after the actor read it.
        Invalid: the day is not after the first one.
    """
    pupil = kept(actor, pupil_id)
    tie = _tie(pupil, guardianship_id)
    require_version(tie, version)
    if ends_on <= tie.starts_on:
        raise Invalid(
            [FieldProblem("ends_on", "before_start", "Дата завершення має бути пізніше початку.")]
        )
    tie.ends_on = ends_on
    tie.version += 1
    tie.save(update_fields=["ends_on", "version"])
    audit.record(
        GuardianshipEnded(
            subject=pupil.pk,
            unit=pupil.institution_id,
            guardianship=tie.pk,
            guardian=tie.guardian_id,
            relation=tie.relation,
            name=tie.guardian.full_name,
            ends_on=ends_on,
        )
    )
    return tie


@command
def void_guardianship(
    *, actor: Actor, pupil_id: Any, guardianship_id: int, version: int, ground: str
) -> Guardianship:
    """Say that the person never represented the child: the child is gone from their window at once.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps, or not its representative.
        StaleVersion: somebody saved it after the actor read it.
        Invalid: no ground is told.
    """
    pupil = kept(actor, pupil_id)
    tie = _tie(pupil, guardianship_id)
    require_version(tie, version)
    void(tie, by_person(actor, ground))
    audit.record(
        GuardianshipVoided(
            subject=pupil.pk,
            unit=pupil.institution_id,
            guardianship=tie.pk,
            guardian=tie.guardian_id,
            relation=tie.relation,
            name=tie.guardian.full_name,
        )
    )
    return tie


def _read(
    values: Mapping[str, str], today: datetime.date, since: datetime.date | None = None
) -> dict[str, Any]:
    read = Reader(values)
    said: dict[str, Any] = {
        "surname": read.keep(names.check("surname", read.text("surname"), required=True)),
        "given_name": read.keep(names.check("given_name", read.text("given_name"), required=True)),
        "patronymic": read.keep(names.check("patronymic", read.text("patronymic"), required=False))
        or "",
    }
    relation = contacts.relation_of(read.text("relation"))
    if relation is None or relation == "SELF":
        read.say("relation", "unknown", "Виберіть, ким є представник дитині.")
    number = read.keep(numbers.check_rnokpp("rnokpp", read.text("rnokpp"), born_on=None, sex=None))
    starts_on = read.keep(dates.parse("starts_on", read.text("starts_on"), required=False))
    if starts_on and starts_on > today:
        read.say("starts_on", "future", "Ця дата ще не настала.")
    said |= {
        "relation": relation,
        "phone": read.keep(contacts.check_phone("phone", read.text("phone"))) or "",
        "email": read.keep(contacts.check_email("email", read.text("email"))) or "",
        "rnokpp": number[0] if number else None,
        "passport": _passport(read) if not number or number[0] is None else None,
        "starts_on": starts_on or since or today,
        "ground": tidy(read.text("ground")),
        "identity_shown": read.ticked("identity_shown"),
    }
    read.stop_if_wrong()
    return said


def _passport(read: Reader) -> str | None:
    """The number of a passport that stands for РНОКПП in certificates."""
    said = identifiers.bare(read.text("passport"))
    if said and (len(said) == 10 or identifiers.person_code_problem(said) is not None):
        read.say("passport", "shape", "Номер паспорта: девʼять цифр або дві літери й шість цифр.")
    return said or None


def _tie(pupil: Pupil, guardianship_id: int) -> Guardianship:
    try:
        tie: Guardianship = pupil.guardianships.select_related("guardian").get(pk=guardianship_id)
    except (Guardianship.DoesNotExist, ValueError, TypeError):
        raise NotFound from None
    return tie


def _of_number(rnokpp: str | None) -> Guardian | None:
    if rnokpp is None:
        return None
    return Guardian.objects.select_for_update(no_key=True).filter(rnokpp=rnokpp).first()


def _doubt_names(
    known: Guardian | None, said: Mapping[str, Any], values: Mapping[str, str]
) -> None:
    if known is not None and not same_name(
        known, Guardian(**{name: said[name] for name in _PERSON})
    ):
        read = Reader(values)
        read.keep(Checked(None, (warning("rnokpp", "other_name", OTHER_NAME),)))
        read.stop_if_wrong()


class Named(Protocol):
    """Who is called something, in a row of ours or in what is said."""

    @property
    def surname(self) -> str: ...
    @property
    def given_name(self) -> str: ...
    @property
    def patronymic(self) -> str: ...


def same_name(known: Named, said: Named) -> bool:
    """Whether the person of a number bears this surname and name, capitals and apostrophes aside.

    Initials agree with the names they begin; they never take their place.
    """
    return (
        sort_key(known.surname) == sort_key(said.surname)
        and names.agrees(known.given_name, said.given_name)
        and (
            not known.patronymic
            or not names.is_initial(said.patronymic)
            or names.agrees(known.patronymic, said.patronymic)
        )
    )


def _has_others(person: Guardian, tie: Guardianship) -> bool:
    return bool(person.guardianships.exclude(pupil_id=tie.pupil_id).exists())


def _filled(known: Guardian, said: Mapping[str, Any]) -> tuple[str, ...]:
    return _set(known, {name: said[name] or getattr(known, name) for name in _PERSON})


def _created(said: Mapping[str, Any]) -> tuple[Guardian, tuple[str, ...]]:
    """The new person; or, when somebody wrote the same number a moment ago, that one."""
    person = {name: said[name] for name in _PERSON}
    if said["rnokpp"] is None:
        return Guardian.objects.create(**person), ()
    made, is_new = Guardian.objects.get_or_create(rnokpp=said["rnokpp"], defaults=person)
    if is_new:
        return made, ()
    known = Guardian.objects.select_for_update(no_key=True).get(pk=made.pk)
    return known, _filled(known, said)


def _set(person: Guardian, fresh: Mapping[str, Any]) -> tuple[str, ...]:
    changed = tuple(name for name, value in fresh.items() if getattr(person, name) != value)
    if changed:
        for name in changed:
            setattr(person, name, fresh[name])
        person.version += 1
        with violation("one_guardian_per_rnokpp", StaleVersion):
            person.save(update_fields=[*changed, "version"])
    return changed


def _tell(
    tie: Guardianship,
    pupil: Pupil,
    person: Guardian | None = None,
    changed: Sequence[str] = (),
) -> None:
    person = person or tie.guardian
    audit.record(
        GuardianSaved(
            subject=pupil.pk,
            unit=pupil.institution_id,
            guardianship=tie.pk,
            guardian=person.pk,
            relation=tie.relation,
            name=person.full_name,
            changed=tuple(changed),
        )
    )


def _tell_others(
    person: Guardian, here: Guardianship, changed: Sequence[str], today: datetime.date
) -> None:
    """On the timeline of every other child whom the person represents."""
    others = person.guardianships.exclude(pk=here.pk).select_related("pupil")
    for tie in others.order_by("id"):
        if tie.lasts(today):
            _tell(tie, tie.pupil, person, changed)


# ── confirmed by the school ──────────────────────────────────────────────────
@command
def confirm_guardian(
    *,
    actor: Actor,
    pupil_id: Any,
    guardianship_id: int,
    version: int,
    guardian_version: int,
    ground: str,
    today: datetime.date,
) -> Guardianship:
    """Say that a worker of the school saw the document by which this person represents the child:
    the parents' window opens to whoever bears the person's code.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps, or not its representative.
        StaleVersion: somebody saved the person, or their tie to the child, after the actor read it.
        Invalid: no document is named.
        NothingToConfirm: it has ended, or the person has neither РНОКПП nor a passport here.
    """
    pupil = kept(actor, pupil_id)
    tie = _tie(pupil, guardianship_id)
    require_version(tie, version)
    person = Guardian.objects.select_for_update(no_key=True).get(pk=tie.guardian_id)
    require_version(person, guardian_version)
    tie.guardian = person
    ground = _ground(ground)
    if not tie.lasts(today):
        raise NothingToConfirm("Представництво вже завершено.")
    if not person.code:
        raise NothingToConfirm(
            "Спершу впишіть РНОКПП представника (або номер паспорта, якщо від РНОКПП відмовилися): "
            "за ним людину впізнають, коли вона увійде."
        )
    _confirmed(tie, actor, ground)
    return tie


@command
def confirm_guardians(*, actor: Actor, ids: Sequence[int], today: datetime.date) -> int:
    """Confirm these representatives within reach, each by the document that the card names for them
    (`selectors.guardians.ground_of`); how many were. Whoever has no code or no document, has ended,
    or is confirmed already is left as they are.

    Raises:
        NotAllowed: a child of an institution the actor does not keep.
        NothingToConfirm: none of them can be confirmed.
    """
    wanted = [one for one in ids if one < 1 << 63]
    ties = (
        Guardianship.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=wanted, pupil__institution__in=Institution.objects.visible_to(actor))
        .select_related("guardian", "pupil__institution__unit", "pupil__institution__hub")
        .prefetch_related("pupil__documents")
        .order_by("pk")
    )
    done = 0
    for tie in ties:
        policies.keep.require(actor, tie.pupil.institution)
        ground = ground_of(tie)
        if tie.lasts(today) and tie.guardian.code and ground and not tie.is_confirmed:
            _confirmed(tie, actor, ground)
            done += 1
    if not done:
        raise NothingToConfirm(
            "Серед вибраних немає тих, кого можна підтвердити: треба РНОКПП представника і документ, "
            "за яким він представляє дитину."
        )
    return done


@command
def unconfirm_guardian(
    *, actor: Actor, pupil_id: Any, guardianship_id: int, version: int, ground: str
) -> Guardianship:
    """Take the confirmation back: the child is gone from the person's window at once.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps, or not its representative.
        StaleVersion: somebody saved it after the actor read it.
        Invalid: no reason.
    """
    pupil = kept(actor, pupil_id)
    tie = _tie(pupil, guardianship_id)
    require_version(tie, version)
    _ground(ground)
    tie.confirmed_code, tie.confirmed_ground = "", ""
    tie.confirmed_at, tie.confirmed_by_id = None, None
    tie.version += 1
    tie.save(update_fields=[*_CONFIRMED, "version"])
    audit.record(_of_confirming(GuardianUnconfirmed, tie))
    return tie


_CONFIRMED = ("confirmed_code", "confirmed_at", "confirmed_by", "confirmed_ground")


@part_of_command
def _confirmed(tie: Guardianship, actor: Actor, ground: str) -> None:
    tie.confirmed_code, tie.confirmed_ground = tie.guardian.code, ground
    tie.confirmed_at, tie.confirmed_by_id = audit.now(), grant_of(actor)
    tie.version += 1
    tie.save(update_fields=[*_CONFIRMED, "version"])
    audit.record(_of_confirming(GuardianConfirmed, tie))


def _of_confirming(
    told: type[GuardianConfirmed] | type[GuardianUnconfirmed], tie: Guardianship
) -> GuardianConfirmed | GuardianUnconfirmed:
    return told(
        subject=tie.pupil_id,
        unit=tie.pupil.institution_id,
        guardianship=tie.pk,
        guardian=tie.guardian_id,
        relation=tie.relation,
        name=tie.guardian.full_name,
    )


def _ground(text: str) -> str:
    said = tidy(text)[:500]
    if not said:
        raise Invalid(
            [FieldProblem("ground", "required", "Назвіть документ: вид, номер, дата, ким видано.")]
        )
    return said


# ── many at once, by signed rows ─────────────────────────────────────────────
@dataclasses.dataclass(frozen=True, slots=True)
class Represents:
    """What a signed row says of the person who applied for a child."""

    pupil: uuid.UUID
    relation: str
    surname: str
    given_name: str
    patronymic: str
    phone: str
    email: str
    rnokpp: str | None
    renamed: bool = False  # the known person of the number bears this name from now on


_SAID = """
    SELECT * FROM unnest(%(pupil)s::uuid[], %(relation)s::text[], %(surname)s::text[],
        %(given_name)s::text[], %(patronymic)s::text[], %(phone)s::text[], %(email)s::text[],
        %(rnokpp)s::text[])
    AS x(pupil_id, relation, surname, given_name, patronymic, phone, email, rnokpp)
"""
# Rows of one order that name one person say the same, or nothing: what any of them says is kept.
_FIRST = "(array_agg({} ORDER BY {}))[1]"
# An initial agrees with the name it begins (`same_name`) and never takes its place.
_FULLER = "CASE WHEN {0} <> '' AND (right({1}, 1) = '.' OR length({1}) = 1) THEN {0} ELSE {1} END"


def _fuller(known: str, said: str) -> str:
    return _FULLER.format(known, said)


# Persons the children have already: by the number, or by the same line of this child's own list
# where one of the two has no number and nobody else bears it.
_ALREADY = f"""
    WITH said AS ({_SAID}), own AS MATERIALIZED (
        SELECT DISTINCT ON (s.pupil_id) s.*, h.id AS tie, g.id AS guardian_id
        FROM said s
        JOIN registry_guardianship h ON h.pupil_id = s.pupil_id
            AND h.voided_at IS NULL AND (h.ends_on IS NULL OR h.ends_on > %(day)s)
        JOIN registry_guardian g ON g.id = h.guardian_id
        WHERE g.rnokpp = s.rnokpp
           OR (h.relation, g.surname, g.given_name) = (s.relation, s.surname, s.given_name)
              AND (s.rnokpp IS NULL OR g.rnokpp IS NULL AND NOT EXISTS (
                       SELECT FROM registry_guardian o WHERE o.rnokpp = s.rnokpp))
        ORDER BY s.pupil_id, g.rnokpp = s.rnokpp DESC NULLS LAST, h.id
    ), tied AS (
        UPDATE registry_guardianship h
        SET relation = o.relation, identity_shown = true, version = h.version + 1
        FROM own o WHERE h.id = o.tie AND (h.relation, h.identity_shown) <> (o.relation, true)
    ), held AS MATERIALIZED (
        SELECT g.* FROM registry_guardian g WHERE g.id IN (SELECT guardian_id FROM own)
        ORDER BY g.id FOR NO KEY UPDATE
    ), merged AS (
        SELECT h.id, {_FIRST.format("o.surname", "o.pupil_id")} AS surname,
            {_fuller("h.given_name", _FIRST.format("o.given_name", "o.pupil_id"))} AS given_name,
            {_fuller("h.patronymic", "coalesce(nullif(max(o.patronymic), ''), h.patronymic)")}
                AS patronymic,
            coalesce(nullif(max(o.phone), ''), h.phone) AS phone,
            coalesce(nullif(max(o.email), ''), h.email) AS email,
            coalesce(max(o.rnokpp), h.rnokpp) AS rnokpp
        FROM own o JOIN held h ON h.id = o.guardian_id
        GROUP BY h.id, h.given_name, h.patronymic, h.phone, h.email, h.rnokpp
    ), corrected AS (
        UPDATE registry_guardian g
        SET surname = m.surname, given_name = m.given_name, patronymic = m.patronymic,
            phone = m.phone, email = m.email, rnokpp = m.rnokpp, version = g.version + 1
        FROM merged m
        WHERE g.id = m.id
          AND (g.surname, g.given_name, g.patronymic, g.phone, g.email, g.rnokpp) IS DISTINCT FROM
              (m.surname, m.given_name, m.patronymic, m.phone, m.email, m.rnokpp)
    )
    SELECT pupil_id FROM own
"""  # noqa: S608 - put together of our own words
# A number twice in the order, or one the register knows, is one person. Known is who was held and
# judged before: somebody registered meanwhile breaches `one_guardian_per_rnokpp`.
_NEW = f"""
    WITH said AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('registry_guardian', 'id')) AS id, s.*, g.id AS held
        FROM ({_SAID}) s
        LEFT JOIN registry_guardian g ON g.rnokpp = s.rnokpp AND g.id = ANY(%(held)s)
    ), corrected AS (
        UPDATE registry_guardian g
        SET surname = m.surname, given_name = m.given_name, patronymic = m.patronymic,
            phone = m.phone, email = m.email, version = g.version + 1
        FROM (SELECT h.id, {_FIRST.format("s.surname", "s.id")} AS surname,
                  {_fuller("h.given_name", _FIRST.format("s.given_name", "s.id"))} AS given_name,
                  {_fuller("h.patronymic", "coalesce(nullif(max(s.patronymic), ''), h.patronymic)")}
                      AS patronymic,
                  coalesce(nullif(max(s.phone), ''), h.phone) AS phone,
                  coalesce(nullif(max(s.email), ''), h.email) AS email
              FROM said s JOIN registry_guardian h ON h.id = s.held GROUP BY h.id) m
        WHERE g.id = m.id AND (g.surname, g.given_name, g.patronymic, g.phone, g.email)
            <> (m.surname, m.given_name, m.patronymic, m.phone, m.email)
    ), person AS (
        INSERT INTO registry_guardian AS g (id, surname, given_name, patronymic, phone, email,
            rnokpp, version)
        SELECT min(id), {_FIRST.format("surname", "id")}, {_FIRST.format("given_name", "id")},
            max(patronymic), max(phone), max(email), rnokpp, 1
        FROM said WHERE held IS NULL GROUP BY coalesce(rnokpp, 'id' || id), rnokpp
        RETURNING id, coalesce(rnokpp, 'id' || id) AS key
    )
    INSERT INTO registry_guardianship (pupil_id, guardian_id, relation, starts_on, ground,
        identity_shown, version)
    SELECT s.pupil_id, coalesce(s.held, p.id), s.relation, %(day)s, %(ground)s, true, 1
    FROM said s LEFT JOIN person p ON p.key = coalesce(s.rnokpp, 'id' || s.id)
"""  # noqa: S608 - put together of our own words


def of_numbers(rnokpps: Collection[str]) -> dict[str, Guardian]:
    """The persons whom the register knows by these numbers."""
    if not rnokpps:
        return {}
    return {one.rnokpp: one for one in Guardian.objects.filter(rnokpp__in=rnokpps)}  # type: ignore[misc]


@part_of_command
def renamed(said: Sequence[Represents], *, known: frozenset[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Children whose applicant the register knows by the number under another name, while nobody
    said that the name has changed. The persons are held until the command ends."""
    return _renamed(said, _held(said, known))


def _renamed(said: Sequence[Represents], held: Sequence[Guardian]) -> frozenset[uuid.UUID]:
    persons = {one.rnokpp: one for one in held if one.rnokpp is not None}
    return frozenset(
        one.pupil
        for one in said
        if one.rnokpp in persons and not one.renamed and not same_name(persons[one.rnokpp], one)
    )


def _held(said: Sequence[Represents], known: frozenset[uuid.UUID]) -> list[Guardian]:
    """The persons an order may write to: of its numbers, and of its known children, who are held
    first, as the edit page does. One order of keys, so that rivals wait and never deadlock."""
    if known:
        list(Pupil.objects.filter(pk__in=known).order_by("pk").select_for_update(no_key=True))
    numbers_said = {one.rnokpp for one in said if one.rnokpp}
    if not numbers_said and not known:
        return []
    ties = Guardianship.objects.filter(pupil_id__in=known)
    rows = Guardian.objects.filter(Q(rnokpp__in=numbers_said) | Q(pk__in=ties.values("guardian")))
    return list(rows.order_by("pk").select_for_update(no_key=True))


@part_of_command
def represent(said: Sequence[Represents], *, known: frozenset[uuid.UUID], ground: str) -> None:
    """Write who represents many children from today on, by signed rows whose documents were shown.

    `known` are the children who may have representatives already; for the others one statement.
    What changes of a known person is told of each of their children, as a correction on the page is.

    Raises:
        Busy: a person was named otherwise since `renamed` was asked, which tells of it next time.
    """
    held = _held(said, known)
    if _renamed(said, held):
        raise Busy
    _write(said, known, [one.pk for one in held], ground)
    _tell_changes(held)


def _tell_changes(before: Sequence[Guardian]) -> None:
    """Of each child of a person whose row is no longer what it was."""
    if not before:
        return
    day = audit.today()
    now = Guardian.objects.in_bulk([one.pk for one in before])
    changed = {
        old.pk: fields
        for old in before
        if (fields := [k for k in _PERSON if getattr(old, k) != getattr(now[old.pk], k)])
    }
    if not changed:
        return
    ties = Guardianship.objects.filter(guardian__in=changed).select_related("guardian", "pupil")
    for tie in ties.order_by("id"):
        if tie.lasts(day):
            _tell(tie, tie.pupil, changed=changed[tie.guardian_id])


@part_of_command
def _write(
    said: Sequence[Represents], known: frozenset[uuid.UUID], held: Sequence[int], ground: str
) -> None:
    old = [one for one in said if one.pupil in known]
    day = audit.today()
    with connection.cursor() as cursor:
        if old:
            cursor.execute(_ALREADY, _columns(old) | {"day": day})
            there = {row[0] for row in cursor.fetchall()}
            said = [one for one in said if one.pupil not in there]
        if said:
            cursor.execute(_NEW, _columns(said) | {"day": day, "ground": ground, "held": held})


def _columns(said: Sequence[Represents]) -> dict[str, Any]:
    return {
        field.name: [getattr(one, field.name) for one in said]
        for field in dataclasses.fields(Represents)
    }
