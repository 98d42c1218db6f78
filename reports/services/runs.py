"""Generating a form: asked for by a person, counted by a job in portions, summed up the tree."""

from __future__ import annotations

import datetime
import hashlib
import uuid

from django.conf import settings
from django.db import connection

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.selectors import placements
from kernel import audit, batch, jobs
from kernel.db import advisory_lock, command, part_of_command, violation
from kernel.errors import NotFound
from kernel.text import plural
from registry.models import Institution, SchoolYear
from reports import compile as sql
from reports import definition, errors, events, inputs, policies
from reports.models import FormEdition, ReportRun
from reports.selectors import editions, figures
from reports.vocabulary import SOURCES

# Institutions in one portion. The country fits one: each portion joins every child once more, and
# two cost twice the hand-written statement where one costs 1.2 to 1.5 of it (measured at 4,000,000).
PORTION = 20_000
# Up to so many institutions the categories are looked up child by child, above that in one pass.
NARROW = 400


@command
def request_run(
    *,
    actor: Actor,
    form_code: str,
    unit_uid: uuid.UUID | str,
    as_of: datetime.date,
    purpose: str = "REPORTING",
    today: datetime.date,
    now: datetime.datetime,
) -> ReportRun:
    """Ask for a form to be generated for every institution under a node, as of a day.

    `today` is the day in Kyiv, as interfaces give it; `purpose` says why it is asked for.

    Raises:
        FormUnknown: no such form.
        NotFound, NotAllowed: the node is not the actor's.
        DayOutOfRange: in the future, but for the first days of a year to come between two years;
            in no school year, of a form that counts what is there in one alone.
        RunUnderWay: the same is being generated already.
        TooManyUnderWay: the person, or the person's node, has as many under way as may be.
    """
    try:
        form = editions.form_on(form_code, as_of)
    except KeyError:
        raise errors.FormUnknown from None
    unit = OrgUnit.objects.filter(uid=unit_uid).first()
    if unit is None or not actor.stands_above(unit.path):
        raise NotFound
    policies.generate.require(actor, unit)
    require_day(form, as_of, today)
    advisory_lock(f"runs asked for at node {actor.unit_id}")
    _require_room(actor)
    with violation(
        "one_run_under_way", lambda: errors.RunUnderWay("Дочекайтеся завершення, його видно нижче.")
    ):
        return _asked(
            edition_of(form.code, as_of), unit, as_of, actor.grant_id, now, purpose=purpose
        )


def _require_room(actor: Actor) -> None:
    """Whether a person may ask for one more; the system's own nights are not counted.

    Raises:
        TooManyUnderWay: not before one of theirs ends.
    """
    if actor.grant_id is None:
        return
    under_way = ReportRun.objects.filter(
        state__in=batch.UNDER_WAY, requested_by__unit_id=actor.unit_id
    ).exclude(purpose="CAMPAIGN")
    own, all_ = (
        under_way.filter(requested_by_id=actor.grant_id).count(),
        under_way.count(),
    )
    for many, most, whose in (
        (own, settings.REPORTS_MOST_OF_PERSON, "ви замовили"),
        (all_, settings.REPORTS_MOST_OF_NODE, "замовили працівники вашого органу чи закладу"),
    ):
        if many >= most:
            raise errors.TooManyUnderWay(
                f"Зараз формується {many} {plural(many, 'звіт', 'звіти', 'звітів')}, які {whose}. "
                "Дочекайтеся завершення одного з них або зупиніть його."
            )


def priority_of(run: ReportRun) -> jobs.Priority:
    """One institution's before an authority's, a person's before the night's."""
    if run.purpose == "NIGHTLY":
        return jobs.Priority.NIGHT
    return jobs.Priority.WAITED_FOR if run.total <= NARROW else jobs.Priority.LARGE


@part_of_command
def edition_of(form_code: str, day: datetime.date) -> FormEdition:
    """The text of a form for a day, kept for what is counted by it.

    Raises:
        KeyError: no such form.
    """
    text = editions.text_on(form_code, day)
    edition, _ = FormEdition.objects.get_or_create(
        sha256=hashlib.sha256(text.encode()).digest(),
        defaults={"code": form_code, "version": definition.kept(text).version, "text": text},
    )
    return edition


@part_of_command
def _asked(
    edition: FormEdition,
    unit: OrgUnit,
    as_of: datetime.date,
    grant_id: int | None,
    now: datetime.datetime,
    *,
    purpose: str,
    state: str = "QUEUED",
) -> ReportRun:
    form = definition.kept(edition.text)
    run = ReportRun.objects.create(
        form=form.code,
        edition=edition,
        unit=unit,
        as_of=as_of,
        state=state,
        layout={source: inputs.layout_of(form, source) for source in form.sources},
        total=Institution.objects.filter(unit__in=placements.below_on(as_of, unit)).count(),
        requested_by_id=grant_id,
        purpose=purpose,
        created_at=now,
        touched_at=now,
    )
    audit.record(events.RunRequested(subject=run.pk, unit=unit.pk, form=form.code, as_of=as_of))
    return run


@part_of_command
def counted(
    edition: FormEdition,
    unit: OrgUnit,
    as_of: datetime.date,
    *,
    grant_id: int | None,
    now: datetime.datetime,
) -> ReportRun:
    """A run made at once, inside the command that needs its figures."""
    run = _asked(edition, unit, as_of, grant_id, now, purpose="CAMPAIGN", state="DONE")
    last = False
    while not last:
        made = _count(run, now)
        run.cursor, run.done, last = made.cursor, run.done + made.done, made.last
    run.finished_at = now
    run.save(update_fields=["cursor", "done", "finished_at"])
    return run


def require_day(form: definition.Form, as_of: datetime.date, today: datetime.date) -> None:
    """Whether a form can be counted for a day.

    Raises:
        DayOutOfRange: it is to come yet, or in no school year.
    """
    if as_of > today and as_of not in figures.days_ahead(today):
        raise errors.DayOutOfRange(
            "Дата ще не настала: звіт рахують за даними, які вже є.", field="as_of"
        )
    if not any(SOURCES[source].by_year for source in form.sources):
        return
    if not SchoolYear.objects.filter(starts_on__lte=as_of, ends_on__gt=as_of).exists():
        raise errors.DayOutOfRange(
            "Ця дата не належить до жодного навчального року.", field="as_of"
        )


@part_of_command
def _count(run: ReportRun, now: datetime.datetime) -> batch.Portion:
    """Count the next portion of institutions; the last one also sums up."""
    ids = list(
        Institution.objects.filter(
            unit__in=placements.below_on(run.as_of, run.unit), pk__gt=run.cursor or 0
        )
        .order_by("pk")
        .values_list("pk", flat=True)[:PORTION]
    )
    form = definition.kept(run.edition.text)
    with connection.cursor() as cursor:
        # A portion of the country takes seconds; the page that shows it does not wait.
        cursor.execute("SET LOCAL statement_timeout = '300s'")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        if ids:
            given = {
                "first": ids[0],
                "last": ids[-1],
                "ids": None if run.unit.parent_id is None else ids,
                "day": run.as_of,
            }
            tables = {}
            for number, source in enumerate(form.sources):
                text, params = sql.portion_sql(form, source, narrow=len(ids) <= NARROW)
                tables[source] = f"reports_portion_{number}"
                # Into a table of the transaction first: an INSERT … SELECT never runs in parallel.
                cursor.execute(sql.kept_for_now(tables[source], text), params | given)
                cursor.execute(sql.inputs_sql(tables[source]), {"run": run.pk, "source": source})
            cursor.execute(sql.counts_sql(form, tables), {"run": run.pk})
            cursor.execute(sql.forgotten(tables.values()))
        last = len(ids) < PORTION
        if last:
            cursor.execute(
                sql.sums_sql(len(form.measures)),
                {
                    "run": run.pk,
                    "root": run.unit_id,
                    "below": placements.paths_on(run.as_of, run.unit)[run.unit_id] + "%",
                    "day": run.as_of,
                },
            )
    return batch.Portion(len(ids), str(ids[-1]) if ids else run.cursor, last)


WORK = batch.Work(
    runs=ReportRun,
    told=events.RUN,
    portion=_count,
    unit_of=lambda run: run.unit_id,
    alone="one_run_under_way",
)


def cancel_run(*, actor: Actor, run: ReportRun, now: datetime.datetime) -> None:
    """Stop a run under way, at the wish of who may ask for it.

    Raises:
        NotAllowed: the actor may not generate it.
        RunMoved: it has ended already.
    """
    policies.generate.require(actor, run.unit)
    batch.cancel(actor=actor, work=WORK, run_id=run.pk, now=now)


def resume_run(*, actor: Actor, run: ReportRun, now: datetime.datetime) -> None:
    """Let a failed or cancelled run go on from where it stopped.

    Raises:
        NotAllowed: the actor may not generate it.
        RunMoved: it is done or under way, or the same was asked for anew meanwhile.
        TooManyUnderWay: as `request_run`.
    """
    policies.generate.require(actor, run.unit)
    _require_room(actor)
    batch.resume(actor=actor, work=WORK, run_id=run.pk, now=now)
