"""What long work on tables tells whoever asked for it: that it is ready."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from accounts.notices.kinds import Follows, Kind, New
from kernel.audit.events import Event
from registry.drafts.events import RUN
from registry.drafts.models import JUDGE, PREPARE, SIGN, DraftRun
from registry.process import kind

READY = "registry.draft.run.ready"
STOPPED = "registry.draft.run.stopped"
_TITLES = {
    JUDGE: "Таблицю перевірено",
    PREPARE: "Наказ сформовано і чекає на підпис",
    SIGN: "Наказ набрав чинності",
}
KINDS = (
    Kind(
        code=READY,
        title="{title}: {about}",
        text="Рядків: {rows}",
        url_name="draft_run",
        url_kwarg="run_id",
    ),
    Kind(
        code=STOPPED,
        title="Роботу не завершено: {about}",
        text="{why}",
        url_name="draft_run",
        url_kwarg="run_id",
    ),
)


def _told(event: Any, code: str, at: datetime.datetime) -> Iterator[New]:
    run = DraftRun.objects.select_related("draft", "order").filter(pk=event.subject).first()
    if run is None:
        return
    facts = {
        "title": _TITLES[run.what],
        "about": kind(run.process).name,
        "rows": run.total,
        "why": run.failure,
    }
    yield New(run.asked_by_id, code, str(run.pk), facts, at)


NOTICES: dict[type[Event], Follows] = {
    RUN.finished: Follows(opens=lambda event, at: _told(event, READY, at), closes=(STOPPED,)),
    RUN.failed: Follows(opens=lambda event, at: _told(event, STOPPED, at)),
    RUN.resumed: Follows(closes=(STOPPED,)),
}
