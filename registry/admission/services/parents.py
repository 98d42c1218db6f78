"""Applications that parents send themselves, to several schools in the order of their wishes, and what
they may do with them. The school checks originals as with its own (`applications.check`)."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actors import Actor
from accounts.roles import PARENT
from kernel import turns
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound, Problem, StaleVersion
from kernel.scoping import person_of
from registry.admission import identity
from registry.admission.errors import AdmissionClosed, PlacesNotSet
from registry.admission.models import Application, Candidate, Intake
from registry.admission.process import PROCESS, Asked, words_of
from registry.admission.services.applications import _closed, _submitted, taken_back
from registry.admission.services.steps import days_of
from registry.drafts import services as drafts
from registry.institutions.models.institutions import Institution

A_DAY = 20  # applications of one person
MOST = 5  # schools in one form


@dataclasses.dataclass(frozen=True)
class Wish:
    """A school and the grounds of the first turn that parents name there."""

    institution_id: int
    claims: tuple[str, ...] = ()


@command
def apply(
    *, actor: Actor, values: Mapping[str, str], wishes: Sequence[Wish], moment: Moment
) -> list[Application]:
    """Apply to schools, the most wished first: to all of them, or to none. The applicant is whoever
    signed in, so their name and number are the certificate's and nothing that was typed.

    Raises:
        NotAllowed: not in the parents' window.
        Invalid: cells are wrong; no school, too many, or one twice; the child's application to a
            school stands; its document or number is known of another birth date.
        AdmissionClosed: a school accepts no applications now.
        PlacesNotSet: a school takes nobody in.
        TooOften: this person applied too often today.
    """
    if actor.role != PARENT:
        raise NotAllowed
    _fit(wishes)
    said = dict(values) | {"applicant": actor.full_name, "applicant_rnokpp": _number(actor)}
    schools = _schools(wishes, moment)
    rows = [(_cells(said, number, wish), wish) for number, wish in enumerate(wishes, start=1)]
    read = [
        (cells, _asked(cells, schools[wish.institution_id], actor, moment)) for cells, wish in rows
    ]
    for (_, asked), wish in zip(read, wishes, strict=True):
        school = schools[wish.institution_id].institution
        if identity.standing([asked], school.pk, schools[wish.institution_id].school_year_id):
            raise Invalid(
                [
                    Problem(
                        "document",
                        "applied",
                        f"«{school.short_name}» вже має заяву цієї дитини. Якщо її подали не ви, "
                        "зверніться до закладу.",
                    )
                ]
            )
    turns.count("parent_applications", str(person_of(actor)), A_DAY, 86_400)
    made: list[Application] = []
    for pair, wish in zip(read, wishes, strict=True):
        made += _submitted(schools[wish.institution_id], [pair], moment, parent=person_of(actor))
    return made


def _number(actor: Actor) -> str:
    """РНОКПП of the certificate; a passport's number is none."""
    return actor.person_code if len(actor.person_code) == 10 else ""


def _fit(wishes: Sequence[Wish]) -> None:
    wanted = [one.institution_id for one in wishes]
    if not wanted:
        raise Invalid([Problem("school1", "required", "Виберіть хоча б один заклад.")])
    if len(wanted) > MOST or len(set(wanted)) != len(wanted):
        raise Invalid([Problem("school1", "twice", "Кожен заклад виберіть лише раз.")])


def _schools(wishes: Sequence[Wish], moment: Moment) -> dict[int, Intake]:
    """Intakes of the schools, held in the order of keys, where applications are accepted now."""
    found: dict[int, Intake] = {}
    for pk in sorted(one.institution_id for one in wishes):
        school = Institution.objects.filter(pk=pk, status="ACTIVE").first()
        if school is None:
            raise NotFound
        days = days_of(school, moment.today)
        if not days.accepts(moment.now):
            raise AdmissionClosed(f"«{school.short_name}»: {_closed(days)}")
        intake = (
            Intake.objects.select_for_update(no_key=True)
            .filter(institution=school, school_year_id=days.school_year)
            .first()
        )
        if intake is None:
            raise PlacesNotSet
        intake.institution = school
        found[pk] = intake
    return found


def _cells(values: Mapping[str, str], number: int, wish: Wish) -> dict[str, str]:
    told = dict(values) | {"wish": str(number), "claims": words_of(wish.claims)}
    return dict(drafts.filled_cells(PROCESS, told))


def _asked(cells: Mapping[str, str], intake: Intake, actor: Actor, moment: Moment) -> Asked:
    """The row as every rule of cells reads it; nothing of the register is looked at.

    Raises:
        Invalid: every wrong cell.
    """
    draft = types.SimpleNamespace(institution_id=intake.institution_id, terms={})
    read = PROCESS.read(types.SimpleNamespace(values=cells), PROCESS.frame(draft, actor, moment))
    if read.clean is None:
        wrong = [one for one in read.problems if one.level == "error"]
        raise Invalid([Problem(one.field, one.code, one.detail) for one in wrong])
    clean: Asked = read.clean
    return clean


@command
def withdraw_own(*, actor: Actor, application_id: Any, version: int, ground: str) -> Application:
    """A parent takes their own application back; a place it held is free, and the child stands again
    in the lines of its farther wishes.

    Raises:
        NotFound: not the actor's.
        StaleVersion: it was changed meanwhile.
        ApplicationDecided: the child is enrolled, or it was taken back.
        Invalid: no reason.
    """
    one: Application = (
        Application.objects.filter(parent_id=person_of(actor))
        .select_related("institution__unit", "candidate", "intake")
        .find(pk=application_id)
    )
    Candidate.objects.select_for_update(no_key=True).get(pk=one.candidate_id)
    one.refresh_from_db(fields=["state", "version", "wish", "draft_id"])
    if one.version != version:
        raise StaleVersion("Заяву тим часом змінено. Перегляньте її й повторіть.")
    return taken_back(one, ground, "Напишіть, чому відкликаєте заяву.")
