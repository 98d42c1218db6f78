"""The order of enrolment of those who have a place: its draft with every row filled; and the mark
left on applications when it takes effect."""

from __future__ import annotations

import datetime
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from accounts.actors import Actor
from kernel import audit, clock
from kernel.clock import Moment
from kernel.db import command
from kernel.scoping import grant_of
from kernel.tables import dates
from kernel.text import sort_key, years
from registry.admission import policies
from registry.admission.errors import NotYet
from registry.admission.events import ApplicationEnrolled
from registry.admission.models import Application, Candidate, Intake
from registry.admission.services.steps import days_of, held, school
from registry.classes.frames import classes_of, year_for
from registry.drafts.events import DraftStarted
from registry.drafts.models import Draft
from registry.drafts.services.steps import append, judge_all, tell
from registry.movements.enrol.process import PROCESS as ENROL
from registry.people.models.pupils import Pupil, PupilDocument

TITLE = "Зарахування до 1 класу"


@command
def begin_order(*, actor: Actor, institution_id: Any, moment: Moment) -> Draft:
    """A draft of the order of enrolment with a row of every child that has a place and stands in no
    other draft; classes are filled evenly, and can be changed in the table.

    Raises:
        NotFound, NotAllowed: the actor keeps no admission there.
        PlacesNotSet: the school has not said how many places it has.
        NotYet: nobody has a place who is in no order yet.
        NoSchoolYear: the classifier ends before the year.
    """
    institution = school(actor, institution_id, policies.keep)
    days = days_of(institution, moment.today)
    intake = held(institution, days.school_year)
    rows = list(
        Application.objects.select_for_update(of=("self",), no_key=True)
        .filter(intake=intake, state="PLACED")
        .exclude(draft__state__in=["OPEN", "ORDERED"])
        .order_by("sort_key", "pk")
    )
    if not rows:
        raise NotYet("Дітей, яким надано місце і яких ще немає в наказі, немає.")
    year = year_for(datetime.date(days.year, 9, 1))
    labels = _classes(intake, rows, year)
    draft = Draft.objects.create(
        process=ENROL.code,
        institution=institution,
        author_id=grant_of(actor),
        title=f"{TITLE}, {years(days.school_year)}",
        terms={"effective_on": dates.show(year.starts_on), "ground": _ground(intake)},
    )
    values = [
        {**one.values, **({"class": label} if label else {})}
        for one, label in zip(rows, labels, strict=True)
    ]
    judge_all(draft, actor, moment, append(draft, values))
    Application.objects.filter(pk__in=[one.pk for one in rows]).update(draft=draft)
    tell(DraftStarted, draft, rows=len(rows))
    return draft


def _classes(intake: Intake, rows: Sequence[Application], year: Any) -> list[str]:
    """A class for each row, the emptiest first; none where the school has opened no first class."""
    first = classes_of(intake.institution_id, year).of_grade(1)
    if not first:
        return [""] * len(rows)
    sizes: Counter[str] = Counter({one.label: 0 for one in first})
    chosen = []
    for _ in rows:
        label = min(sizes, key=lambda one: (sizes[one], sort_key(one)))
        sizes[label] += 1
        chosen.append(label)
    return chosen


def _ground(intake: Intake) -> str:
    ground = ENROL.default_ground
    if intake.draw is not None and intake.draw.drawn_at is not None:
        ground += f", протокол жеребкування від {clock.day_of(intake.draw.drawn_at):%d.%m.%Y}"
    return ground


@command
def mark_enrolled(*, actor: Actor, pupils: Sequence[uuid.UUID]) -> int:
    """Mark the applications of these children, who learn where they have a place now; how many."""
    found = {
        pk: (institution, rnokpp, unzr)
        for pk, institution, rnokpp, unzr in Pupil.objects.filter(
            pk__in=pupils, institution__isnull=False
        ).values_list("pk", "institution_id", "rnokpp", "unzr")
    }
    papers: dict[uuid.UUID, set[str]] = {}
    for paper in PupilDocument.objects.filter(pupil_id__in=found):
        papers.setdefault(paper.pupil_id, set()).add(f"{paper.type}|{paper.series}|{paper.number}")
    marked: list[Application] = []
    for child, institution in _candidates(found, papers):
        marked += (
            Application.objects.select_for_update(of=("self",))
            .select_related("candidate")
            .filter(candidate_id=child, institution_id=institution, state="PLACED")
        )
    for one in sorted(marked, key=lambda one: one.pk):
        one.state, one.version = "ENROLLED", one.version + 1
        one.save(update_fields=["state", "version"])
    audit.record(
        *(
            ApplicationEnrolled(
                subject=one.pk, unit=one.institution_id, number=one.candidate.number
            )
            for one in marked
        )
    )
    return len(marked)


def _candidates(
    pupils: dict[uuid.UUID, tuple[int, str | None, str | None]],
    papers: dict[uuid.UUID, set[str]],
) -> Iterable[tuple[int, int]]:
    at: dict[tuple[str, str], int] = {}
    for pk, (institution, rnokpp, unzr) in pupils.items():
        at.update({("document", paper): institution for paper in papers.get(pk, ())})
        if rnokpp:
            at["rnokpp", rnokpp] = institution
        if unzr:
            at["unzr", unzr] = institution
    found: dict[int, int] = {}
    for kind in ("document", "rnokpp", "unzr"):
        keys = [key for said, key in at if said == kind]
        rows = Candidate.objects.filter(**{f"{kind}__in": keys}, applications__state="PLACED")
        for pk, key in rows.values_list("pk", kind):
            found[pk] = at[kind, key]
    return sorted(found.items())
