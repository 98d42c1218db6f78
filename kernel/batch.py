"""Long work in portions that survives a killed worker: a run is a row, a portion is a command.

    class CopyRun(batch.Run):                     # what to do, beside how far it is
        source = models.TextField()

    def copy_some(run: CopyRun, now) -> batch.Portion: ...      # writes; moves nothing of the run
    COPY = batch.Work(runs=CopyRun, told=events.COPY, portion=copy_some)

    batch.carry_on(COPY, run.pk, actor=actor, clock=timezone.now)     # in a job
    batch.take_up(COPY, lambda run_id: jobs.start(copy, run_id), …)   # by beat, every minute

Each portion commits with the place it has come to, so a worker killed at any moment loses only the
portion under way and the next one counts nothing twice. One worker at a time holds a run: by an
advisory lock of the portion's transaction, which dies with its connection. The row itself is not
locked meanwhile, so the page that shows progress and the person who cancels never wait.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
from django.db import connection, models
from django.db.models import F, Q

from kernel import audit
from kernel.audit.events import Event, event
from kernel.db import command, violation
from kernel.errors import DomainError, NotFound

if TYPE_CHECKING:
    from kernel.actor import Actor

UNDER_WAY = ("QUEUED", "RUNNING")
MOST_TRIES = 3  # times a run is taken up with no portion done between: then it fails in words
SILENT = datetime.timedelta(minutes=2)  # after which a run is taken for left by its worker


class Run(models.Model):
    """How far a long work is. QUEUED → RUNNING → DONE, or FAILED or CANCELLED; both may resume."""

    state = models.TextField(default="QUEUED")
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    cursor = models.TextField(blank=True, default="")  # the last thing done, as the work writes it
    tries = models.SmallIntegerField(default=0)
    failure = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[*UNDER_WAY, "DONE", "FAILED", "CANCELLED"]),
                name="%(class)s_state",
            )
        ]


R = TypeVar("R", bound=Run)


# ── what is told of a run: declared for each kind of work with its own subject ───────────────────
class Begun(Event, frozen=True, kw_only=True):
    """A worker has begun."""


class Advanced(Event, frozen=True, kw_only=True):
    """A portion is done, more are left."""

    done: int
    total: int


class Finished(Event, frozen=True, kw_only=True):
    """The last portion is done."""

    done: int
    total: int


class Failed(Event, frozen=True, kw_only=True):
    """The run cannot go on; `why` is the code of the refusal."""

    why: str


class Cancelled(Event, frozen=True, kw_only=True):
    """A person stopped the run; what is done stays done."""

    done: int


class Resumed(Event, frozen=True, kw_only=True):
    """A person put the run back into the queue, from where it stopped."""

    done: int


class TakenUp(Event, frozen=True, kw_only=True):
    """The run was left by its worker and is given to another."""

    tries: int


class LeftAlone(Event, frozen=True, kw_only=True):
    """Another worker holds the run, or it is over: nothing was done."""

    state: str


@dataclasses.dataclass(frozen=True)
class Told:
    """The declared events of one kind of work."""

    begun: type[Begun]
    advanced: type[Advanced]
    finished: type[Finished]
    failed: type[Failed]
    cancelled: type[Cancelled]
    resumed: type[Resumed]
    taken_up: type[TakenUp]
    left_alone: type[LeftAlone]


def told_of(code: str, subject: Any) -> Told:
    """Declare the events of a kind of work in its room's `events.py`; `subject` is its run's id."""

    def declared(name: str, shape: Any) -> Any:
        made: Any = msgspec.defstruct(
            shape.__name__,
            [("subject", subject)],
            bases=(shape,),
            namespace={"__doc__": shape.__doc__},
            frozen=True,
            kw_only=True,
        )
        return event(f"{code}.{name}", version=1)(made)

    return Told(
        begun=declared("begun", Begun),
        advanced=declared("advanced", Advanced),
        finished=declared("finished", Finished),
        failed=declared("failed", Failed),
        cancelled=declared("cancelled", Cancelled),
        resumed=declared("resumed", Resumed),
        taken_up=declared("taken_up", TakenUp),
        left_alone=declared("left_alone", LeftAlone),
    )


@dataclasses.dataclass(frozen=True)
class Portion:
    """What one portion has done: how many things, up to which, and whether it was the last."""

    done: int
    cursor: str
    last: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class Work(Generic[R]):
    """A kind of long work: its rows, its events (`told_of`), and how a portion is done.

    `portion` runs inside a command and writes what the work is about, never the run itself. A
    refusal (DomainError) ends the run in its words; any other error leaves it to be taken up.
    `unit_of` names the node whose timeline shows the run; `alone`, the constraint that lets no two
    runs of the same be under way.
    """

    runs: type[R]
    told: Told
    portion: Callable[[R, datetime.datetime], Portion]
    unit_of: Callable[[R], int | None] = lambda run: None
    alone: str | tuple[str, ...] = ""

    def tell(self, kind: type[Event], run: R, **fields: Any) -> None:
        """Record an event of the run."""
        audit.record(kind(subject=run.pk, unit=self.unit_of(run), **fields))  # type: ignore[call-arg]


class GaveUp(DomainError):
    """Taken up again and again with nothing done between."""

    code = "gave_up"
    title = "Робота тричі переривалася на тому самому місці. Зверніться до підтримки."


class RunMoved(DomainError):
    """What is asked for makes no sense in the state the run has come to."""

    code = "run_moved"
    title = "Стан роботи вже змінився"


@command
def begin(*, actor: Actor, work: Work[R], run_id: Any, now: datetime.datetime) -> None:
    """Say that a worker has begun, so that pages show it while the first portion is under way.

    Raises:
        NotFound: no such run.
    """
    run = _get(work, run_id)
    work.runs._default_manager.filter(pk=run.pk, state__in=UNDER_WAY).update(
        state="RUNNING", touched_at=now
    )
    work.tell(work.told.begun, run)


@command
def portion(*, actor: Actor, work: Work[R], run_id: Any, now: datetime.datetime) -> bool:
    """Do the next portion; whether more is left for this worker.

    False also when another worker holds the run, or it is over. A run cancelled meanwhile keeps
    nothing of the portion.

    Raises:
        NotFound: no such run.
        RunMoved: cancelled while the portion was under way.
    """
    run = _get(work, run_id)
    if not _held(run) or (run := _get(work, run_id)).state not in UNDER_WAY:
        work.tell(work.told.left_alone, run, state=run.state)
        return False
    made = work.portion(run, now)
    done = run.done + made.done
    kept = work.runs._default_manager.filter(pk=run.pk, state__in=UNDER_WAY).update(
        state="DONE" if made.last else "RUNNING",
        done=done,
        cursor=made.cursor,
        tries=0,
        touched_at=now,
        finished_at=now if made.last else None,
    )
    if not kept:
        raise RunMoved
    kind = work.told.finished if made.last else work.told.advanced
    work.tell(kind, run, done=done, total=run.total)
    return not made.last


@command
def fail(
    *, actor: Actor, work: Work[R], run_id: Any, refusal: DomainError, now: datetime.datetime
) -> None:
    """End a run that cannot go on, with the refusal's words for whoever asked.

    Raises:
        NotFound: no such run.
    """
    _fail(work, _get(work, run_id), refusal, now)


@command
def cancel(*, actor: Actor, work: Work[R], run_id: Any, now: datetime.datetime) -> None:
    """Stop a run at once; who may is asked by the caller. What is done stays done.

    Raises:
        NotFound: no such run.
        RunMoved: it has ended already.
    """
    run = _get(work, run_id)
    _turn(work, run, UNDER_WAY, state="CANCELLED", touched_at=now, finished_at=now)
    work.tell(work.told.cancelled, run, done=run.done)


@command
def resume(*, actor: Actor, work: Work[R], run_id: Any, now: datetime.datetime) -> None:
    """Put a failed or cancelled run back into the queue, from where it stopped.

    Raises:
        NotFound: no such run.
        RunMoved: it is done, or under way, or the same is under way anew.
    """
    run = _get(work, run_id)
    again = {"state": "QUEUED", "failure": "", "tries": 0, "finished_at": None}
    with violation(work.alone, lambda: RunMoved("Те саме вже почато знову.")):
        _turn(work, run, ("FAILED", "CANCELLED"), touched_at=now, **again)
    work.tell(work.told.resumed, run, done=run.done)


@command
def pick_up(*, actor: Actor, work: Work[R], run_id: Any, now: datetime.datetime) -> bool:
    """Claim a run that its worker has left; whether a job should be started for it.

    A run whose worker lives (a long portion) is let be. One taken up three times with nothing done
    between would go on failing for ever: it ends, and says so.

    Raises:
        NotFound: no such run.
    """
    run = _get(work, run_id)
    if not _held(run):
        work.tell(work.told.left_alone, run, state=run.state)
        return False
    waiting = work.runs._default_manager.filter(pk=run.pk, state__in=UNDER_WAY)
    if run.tries >= MOST_TRIES:
        _fail(work, run, GaveUp(), now)
        return False
    taken = waiting.update(tries=F("tries") + 1, touched_at=now)
    work.tell(work.told.taken_up, run, tries=run.tries + 1)
    return bool(taken)


def carry_on(
    work: Work[R], run_id: Any, *, actor: Actor, clock: Callable[[], datetime.datetime]
) -> None:
    """Do portion after portion to the end, in a job; a refusal ends the run in its words.

    Raises:
        NotFound: no such run.
    """
    begin(actor=actor, work=work, run_id=run_id, now=clock())
    try:
        while portion(actor=actor, work=work, run_id=run_id, now=clock()):
            pass
    except RunMoved:
        return
    except DomainError as refusal:
        fail(actor=actor, work=work, run_id=run_id, refusal=refusal, now=clock())


def take_up(
    work: Work[R], start: Callable[[Any], object], *, actor: Actor, now: datetime.datetime
) -> None:
    """Start a job for every run under way that no worker has touched for two minutes."""
    silent = work.runs._default_manager.filter(state__in=UNDER_WAY, touched_at__lt=now - SILENT)
    for run_id in list(silent.values_list("pk", flat=True)):
        if pick_up(actor=actor, work=work, run_id=run_id, now=now):
            start(run_id)


def _get(work: Work[R], run_id: Any) -> R:
    run = work.runs._default_manager.filter(pk=run_id).first()
    if run is None:
        raise NotFound
    return run


def _fail(work: Work[R], run: R, refusal: DomainError, now: datetime.datetime) -> None:
    work.runs._default_manager.filter(pk=run.pk, state__in=UNDER_WAY).update(
        state="FAILED", failure=str(refusal.detail), touched_at=now, finished_at=now
    )
    work.tell(work.told.failed, run, why=refusal.code)


def _held(run: Run) -> bool:
    """Take the run for this transaction; False when another has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"{run._meta.db_table}/{run.pk}"],
        )
        return bool(cursor.fetchone()[0])


def _turn(work: Work[R], run: R, expected: tuple[str, ...], **values: Any) -> None:
    if not work.runs._default_manager.filter(pk=run.pk, state__in=expected).update(**values):
        raise RunMoved
