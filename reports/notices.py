"""What long counting tells whoever asked for it: that a form is ready, or that it is not to be."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from accounts.notices.kinds import Follows, Kind, New
from kernel.audit.events import Event
from kernel.tables.dates import show
from reports import definition
from reports.events import RUN
from reports.models import ReportRun

READY, STOPPED = "reports.run.ready", "reports.run.stopped"
# What is ready sooner is waited for at its page, and a notice would only be noise.
LONG = datetime.timedelta(seconds=20)
_TO = {"url_name": "report_run", "url_kwarg": "run_id"}
KINDS = (
    Kind(code=READY, title="Звіт готовий: {form}", text="{unit}, станом на {day}", **_TO),
    Kind(code=STOPPED, title="Звіт не сформовано: {form}", text="{unit}: {why}", **_TO),
)


def _told(event: Any, code: str, at: datetime.datetime) -> Iterator[New]:
    run = ReportRun.objects.select_related("unit", "edition").filter(pk=event.subject).first()
    if run is None or run.requested_by_id is None:
        return
    if code == READY and at - run.created_at < LONG:
        return
    facts = {
        "form": definition.kept(run.edition.text).short,
        "unit": run.unit.name,
        "day": show(run.as_of),
        "why": run.failure,
    }
    yield New(run.requested_by_id, code, str(run.pk), facts, at)


NOTICES: dict[type[Event], Follows] = {
    RUN.finished: Follows(opens=lambda event, at: _told(event, READY, at), closes=(STOPPED,)),
    RUN.failed: Follows(opens=lambda event, at: _told(event, STOPPED, at)),
    RUN.resumed: Follows(closes=(STOPPED,)),
}
