"""The passage of the test programme: started, task after task begun and judged, ended."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from accounts import actors
from integrations.eis.events import KeyRevoked
from integrations.eis.models import EisSystem, SchoolKey
from integrations.sandbox import errors
from integrations.sandbox.events import Overtaken, RunStarted, TaskBegun, TaskJudged
from integrations.sandbox.models import Run, School, Task, TaskState
from integrations.sandbox.programme import BY_CODE, EDITION, PROGRAMME
from integrations.sandbox.services import acts, judge
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import NotFound

ACTOR = actors.system("пісочниця")
LATE = "Час на завдання минув, а про виконання не сказано."
LEFT = "Програму розпочато знову: завдання полишено."


def _held(institution_id: int) -> School:
    try:
        return (
            School.objects.select_related("institution", "neighbour")
            .select_for_update(of=("self",), no_key=True)
            .get(institution=institution_id)
        )
    except School.DoesNotExist:
        raise errors.NoProgramme("Цей ключ не належить закладові пісочниці.") from None


@part_of_command
def _running(school: School) -> Run:
    run = Run.objects.filter(school=school, ended_at=None).first()
    if run is None:
        raise errors.NoProgramme("Розпочніть програму запитом POST /api/sandbox/programme.")
    return run


@command
def start_run(*, actor: actors.Actor, institution_id: int, moment: Moment) -> Run:
    """Begin the programme from its first task; what was left of a passage before is ended.

    Raises:
        NoProgramme: the key is of no sandbox school.
    """
    school = _held(institution_id)
    for old in Run.objects.filter(school=school, ended_at=None):
        for task in old.tasks.filter(state__in=[TaskState.WAITS, TaskState.BEGUN]):
            _over(school, task, [LEFT], moment)
        _ended(old, moment)
    system = EisSystem.objects.get(uid=school.system_uid)
    run = Run.objects.create(
        school=school, edition=EDITION, writes=list(system.writes), started_at=moment.now
    )
    Task.objects.bulk_create(
        Task(
            run=run,
            number=number,
            code=one.code,
            state=TaskState.SKIPPED if one.writes and not system.writes else TaskState.WAITS,
            evidence=["Система запису не заявляла."] if one.writes and not system.writes else [],
        )
        for number, one in enumerate(PROGRAMME, 1)
    )
    audit.record(RunStarted(subject=school.system_uid, edition=EDITION))
    return run


@command
def begin(*, actor: actors.Actor, institution_id: int, code: str, moment: Moment) -> Task:
    """Set a task: our part of it is done, and the time runs.

    Raises:
        NoProgramme: no programme goes on.
        NotFound: no such task.
        ExerciseNotOpen: it is over, or another is under way.
    """
    school = _held(institution_id)
    run = _running(school)
    if code not in BY_CODE:
        raise NotFound("Такого завдання в програмі немає.")
    open_ = run.tasks.filter(state=TaskState.BEGUN).first()
    if open_ is not None and open_.until is not None and open_.until < moment.now:
        _over(school, open_, [LATE], moment)
        open_ = None
    if open_ is not None:
        raise errors.ExerciseNotOpen(f"Спершу завершіть завдання «{BY_CODE[open_.code].title}».")
    task = run.tasks.get(code=code)
    if task.state != TaskState.WAITS:
        raise errors.ExerciseNotOpen(f"Завдання вже має підсумок: «{task.get_state_display()}».")
    task.given, task.expected, task.armed = acts.ACTS[code](school, run, moment)
    task.state, task.begun_at = TaskState.BEGUN, moment.now
    task.until = moment.now + datetime.timedelta(minutes=BY_CODE[code].minutes)
    task.save()
    audit.record(TaskBegun(subject=school.system_uid, unit=school.institution_id, task=code))
    return task


@command
def hand_in(
    *,
    actor: actors.Actor,
    institution_id: int,
    code: str,
    answer: Mapping[str, Any],
    moment: Moment,
) -> Task:
    """Judge a task whose system says that it is done; the last one ends the programme.

    Raises:
        NoProgramme: no programme goes on.
        ExerciseNotOpen: it was not begun.
    """
    school = _held(institution_id)
    run = _running(school)
    task = run.tasks.filter(code=code, state=TaskState.BEGUN).first()
    if task is None or task.until is None:
        raise errors.ExerciseNotOpen("Спершу розпочніть завдання запитом …/begin.")
    case = judge.Case(task, school, list(task.calls.order_by("pk")), answer)
    found = [LATE] if task.until < moment.now else judge.against(case)
    _over(school, task, found, moment)
    if code in {"mistakes", "load"}:
        acts.close(school, [one["letter"] for one in task.given["items"]])
    if not run.tasks.filter(state__in=[TaskState.WAITS, TaskState.BEGUN]).exists():
        _ended(run, moment)
    return task


@part_of_command
def _over(school: School, task: Task, found: list[str], moment: Moment) -> None:
    task.state = TaskState.FAILED if found else TaskState.PASSED
    task.evidence = [*found, judge.seen(list(task.calls.order_by("pk")))]
    task.ended_at, task.armed = moment.now, ""
    task.given.pop("key", None)  # a secret, even of a key that is stopped
    task.save()
    audit.record(TaskJudged(subject=school.system_uid, task=task.code, passed=not found))


@part_of_command
def _ended(run: Run, moment: Moment) -> None:
    run.ended_at = moment.now
    run.passed = not run.tasks.filter(state=TaskState.FAILED).exists()
    run.save(update_fields=["ended_at", "passed"])


@command
def overtaken(*, actor: actors.Actor, task_id: int) -> None:
    """Do what the school does behind the system's back."""
    task = Task.objects.select_related("run__school").get(pk=task_id)
    acts.overtake(task.expected["class"], task.expected["shift"])
    audit.record(Overtaken(subject=task.run.school.system_uid, task=task.code))


@command
def stopped(*, actor: actors.Actor, key_id: uuid.UUID, moment: Moment) -> None:
    """Take a key back in the middle of a system's reading."""
    key = SchoolKey.objects.select_related("system").get(pk=key_id)
    key.revoked_at, key.revoke_reason = moment.now, "Завдання програми"
    key.save(update_fields=["revoked_at", "revoke_reason"])
    audit.record(
        KeyRevoked(
            subject=key.pk,
            unit=key.institution_id,
            system=key.system.name,
            reason=key.revoke_reason,
        )
    )
