"""Passages of the programme as data: for the system that goes it, and for the register that asks."""

from __future__ import annotations

import uuid
from typing import Any

from integrations.sandbox.models import Run, School, Task
from integrations.sandbox.programme import BY_CODE

LATEST = 5


def told(task: Task) -> dict[str, Any]:
    """A task as programs read it."""
    sought = BY_CODE[task.code]
    return {
        "code": task.code,
        "title": sought.title,
        "words": sought.words,
        "state": task.state,
        "until": task.until.isoformat() if task.until else None,
        "given": task.given,
        "evidence": task.evidence,
        "proposal": sought.proposal,
    }


def of_run(run: Run) -> dict[str, Any]:
    """One passage with its tasks."""
    return {
        "run": run.pk,
        "edition": run.edition,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "passed": run.passed,
        "tasks": [told(one) for one in run.tasks.order_by("number")],
    }


def latest(institution_id: int) -> Run | None:
    """The latest passage of a school."""
    return Run.objects.filter(school__institution=institution_id).order_by("-pk").first()


def of_system(uid: uuid.UUID) -> dict[str, Any]:
    """A system's school and its latest passages."""
    school = School.objects.select_related("institution").filter(system_uid=uid).first()
    runs = [] if school is None else school.runs.order_by("-pk")[:LATEST]
    return {
        "school": None if school is None else school.institution.full_name,
        "made_at": None if school is None else school.made_at.isoformat(),
        "runs": [of_run(one) for one in runs],
    }
