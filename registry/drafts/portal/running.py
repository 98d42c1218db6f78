"""The page of long work: how far it is, stop, go on; done, the result opens by itself."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import HouseRequest
from kernel import jobs
from kernel.batch import UNDER_WAY
from kernel.clock import moment
from kernel.errors import DomainError
from kernel.ui.pages import page, pass_on, see_other
from registry.drafts import selectors as reads
from registry.drafts.models import JUDGE, PREPARE, SIGN, Draft, DraftRun
from registry.drafts.services import running
from registry.drafts.tasks import carry_on
from registry.process import kind

_WORDS = {
    JUDGE: ("Перевірка таблиці", "Перевірено рядків"),
    PREPARE: ("Формування наказу", "Формуємо наказ"),
    SIGN: ("Набрання чинності", "Записуємо дані наказу"),
}


def begun(request: HouseRequest, run: DraftRun) -> HttpResponse:
    """Hand a run to a worker and show its page."""
    jobs.start(carry_on, str(run.pk))
    return see_other(request, "draft_run", run.pk)


def hand_over(draft: Draft) -> None:
    """Give a worker what a command on a large table has just asked for."""
    if draft.asked is not None:
        jobs.start(carry_on, str(draft.asked.pk))


def _result(request: HouseRequest, run: DraftRun) -> HttpResponse:
    if run.what != JUDGE and run.order_id:
        return see_other(request, "order_detail", run.order_id)
    return see_other(request, "draft_detail", run.process, run.draft_id)


def _shown(run: DraftRun) -> dict[str, object]:
    process = kind(run.process)
    title, label = _WORDS[run.what]
    return {
        "run": run,
        "process": process,
        "title": title,
        "label": label,
        "is_running": run.state in UNDER_WAY,
        "in_portions": run.what == JUDGE,
        "elapsed": max(0, int((moment().now - run.created_at).total_seconds())),
    }


@require_GET
def work(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """How far it is; of what is done, the result."""
    run = reads.run(request.actor, run_id)
    if run.state == "DONE":
        return _result(request, run)
    return page(request, "registry/draft_run.html", _shown(run))


@require_GET
def progress(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """The bar of a running job, asked for every second; when done, the result opens by itself."""
    run = reads.run(request.actor, run_id)
    if run.state == "DONE":
        return _result(request, run)
    return page(request, "registry/draft_run.html", _shown(run), partial="progress")


@require_POST
def cancel(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """Stop it before its effect."""
    run = reads.run(request.actor, run_id)
    try:
        running.cancel_run(actor=request.actor, run=run, now=moment().now)
    except DomainError as no:
        pass_on(no)
        messages.warning(request, str(no.detail))
    return see_other(request, "draft_run", run.pk)


@require_POST
def resume(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """Let it go on from where it stopped."""
    run = reads.run(request.actor, run_id)
    try:
        running.resume_run(actor=request.actor, run=run, now=moment().now)
    except DomainError as no:
        pass_on(no)
        messages.warning(request, str(no.detail))
        return see_other(request, "draft_run", run.pk)
    return begun(request, run)
