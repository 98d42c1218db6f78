"""The port of journals: who missed every lesson from one day to another, told by our own journals each
evening and by those of systems through the API.

report_absence    of one child
report_absences   of many, an outcome each: a wrong row stops no other
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence

from accounts.actors import Actor
from kernel import audit
from kernel.bulk import Outcome, Result
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotFound, Problem
from kernel.once import Once
from kernel.tables.cells import storable
from registry.coverage import policies
from registry.coverage.models import CoverageCase
from registry.coverage.services.cases import close, noted, opened, told
from registry.coverage.services.rows import Child
from registry.coverage.states import ABSENT, OPEN
from registry.coverage.terms import EXPLAINED, terms
from registry.people.models.pupils import Pupil


@dataclasses.dataclass(frozen=True)
class Absence:
    """What a journal says of a child, both days counted; `problems` were found on the way here."""

    pupil: uuid.UUID | None
    since: datetime.date | None
    until: datetime.date | None
    reason: str | None
    ground: str = ""
    problems: tuple[Problem, ...] = ()


@command
def report_absence(
    *,
    actor: Actor,
    pupil_id: uuid.UUID,
    institution_id: int,
    since: datetime.date,
    until: datetime.date,
    reason: str,
    ground: str,
    moment: Moment,
) -> CoverageCase | None:
    """Tell of one child. Told each day anew, the record that stands goes on; ten working days in a
    row open one, unless a document or a note of the parents explains them. None: nothing is to be
    done (yet).

    Raises:
        NotAllowed: neither the school nor its journal.
        NotFound: not a child of this institution.
        Invalid: the days or the reason are wrong.
    """
    policies.report.require(actor)
    row = Absence(pupil_id, since, until, reason, ground)
    seen = _Seen(actor, institution_id, [row], lock=True)
    if pupil_id not in seen.pupils:
        raise NotFound
    if problems := _problems(row, seen, moment.today):
        raise Invalid(problems)
    _, case = _written(row, seen, actor, moment)
    return case


@command
def report_absences(
    rows: Sequence[Absence], *, actor: Actor, unit_id: int | None, once: Once | None = None
) -> list[Outcome]:
    """Tell of many children of one institution: `new` opened a record, `changed` prolonged or closed
    one, `same` asks nothing of anybody.

    Raises:
        NotAllowed: neither the school nor its journal.
    """
    policies.report.require(actor)
    moment = Moment(audit.now(), audit.today())
    seen = _Seen(actor, unit_id, rows, lock=True)
    found = []
    for no, row in enumerate(rows):
        if problems := _problems(row, seen, moment.today):
            found.append(Outcome(no, "refused", problems=tuple(problems)))
            continue
        result, case = _written(row, seen, actor, moment)
        found.append(_outcome(no, result, case))
    return found


def preview_absences(
    rows: Sequence[Absence], *, actor: Actor, unit_id: int | None, today: datetime.date
) -> list[Outcome]:
    """What `report_absences` would do; nothing is changed and nobody waits.

    Raises:
        NotAllowed: as `report_absences`.
    """
    policies.report.require(actor)
    seen = _Seen(actor, unit_id, rows, lock=False)
    found = []
    for no, row in enumerate(rows):
        problems = tuple(_problems(row, seen, today))
        case = seen.standing.get(row.pupil) if row.pupil else None
        result: Result = "refused" if problems else _judged(row, case)
        found.append(
            Outcome(no, result, problems=problems) if problems else _outcome(no, result, case)
        )
    return found


def _outcome(no: int, result: Result, case: CoverageCase | None) -> Outcome:
    return Outcome(no, result, case.pk if case else None, case.version if case else None)


class _Seen:
    """Children of an institution and the records that stand of them: two queries however many there
    are. With `lock` the children, then the records are held, in the order of their ids."""

    def __init__(
        self, actor: Actor, institution_id: int | None, rows: Iterable[Absence], *, lock: bool
    ):
        named = sorted({row.pupil for row in rows if row.pupil})
        pupils = Pupil.objects.visible_to(actor).filter(pk__in=named, institution=institution_id)
        pupils = pupils.select_related("institution__unit").order_by("pk")
        cases = CoverageCase.objects.filter(kind=ABSENT, state__in=OPEN).order_by("pk")
        if lock:
            pupils = pupils.select_for_update(of=("self",), no_key=True)
            cases = cases.select_for_update(no_key=True)
        self.pupils: Mapping[uuid.UUID, Pupil] = {one.pk: one for one in pupils}
        self.standing = {one.pupil_id: one for one in cases.filter(pupil__in=list(self.pupils))}
        self.rows: dict[uuid.UUID, Absence] = {}


def _problems(row: Absence, seen: _Seen, today: datetime.date) -> list[Problem]:
    """Everything wrong with a row; a child may be told of once."""
    found = list(row.problems)
    if row.pupil and row.pupil not in seen.pupils:
        found.append(Problem("pupil", "unknown", "Такого учня в закладі немає."))
    if row.pupil and seen.rows.setdefault(row.pupil, row) is not row:
        found.append(Problem("pupil", "twice", "Про цього учня вже сказано в цьому запиті."))
    if row.reason is not None and row.reason not in terms().reasons[ABSENT]:
        found.append(Problem("reason", "unknown", "Такої причини немає."))
    if row.since and row.until and not row.since <= row.until <= today:
        found.append(Problem("until", "before", "Дні відсутності переплутано."))
    if row.reason in EXPLAINED and not storable(row.ground).strip():
        said = "Вкажіть документ або письмове пояснення батьків."
        found.append(Problem("ground", "required", said))
    return found


def _judged(row: Absence, case: CoverageCase | None) -> Result:
    """What a row without problems does to the record that stands, if any."""
    if row.since is None or row.until is None:
        raise ValueError("asked of a row with problems")
    if case is None:
        short = terms().missed(row.since, row.until) < terms().absence.days
        return "same" if row.reason in EXPLAINED or short else "new"
    nothing_new = case.until is not None and row.until <= case.until and row.reason == case.reason
    return "same" if nothing_new else "changed"


@part_of_command
def _written(
    row: Absence, seen: _Seen, actor: Actor, moment: Moment
) -> tuple[Result, CoverageCase | None]:
    """What came of a row without problems, and its record."""
    if row.pupil is None or row.since is None or row.until is None or row.reason is None:
        raise ValueError("asked of a row with problems")
    pupil, case = seen.pupils[row.pupil], seen.standing.get(row.pupil)
    result, ground = _judged(row, case), storable(row.ground)
    if result == "new":
        child = Child(
            born_on=pupil.born_on,
            since=row.since,
            until=row.until,
            reason=row.reason,
            ground=ground,
            pupil=pupil,
        )
        case = seen.standing[row.pupil] = opened(actor, ABSENT, None, child, pupil, moment)
    if result != "changed" or case is None:
        return result, case
    case.until, case.reason = max(row.until, case.until or row.until), row.reason
    if row.reason in EXPLAINED:
        del seen.standing[row.pupil]
        close(case, actor, "EXPLAINED", row.until, ground, moment)
        return result, case
    case.version += 1
    case.save(update_fields=["until", "reason", "version"])
    noted(case, actor, "prolong", row.until, ground, moment)
    told(case, "prolong")
    return result, case


__all__ = ["Absence", "preview_absences", "report_absence", "report_absences"]
