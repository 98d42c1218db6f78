"""Commands of the children's register."""

from registry.coverage.services.absences import (
    Absence,
    preview_absences,
    report_absence,
    report_absences,
)
from registry.coverage.services.cases import enter_missing, follow, record, step
from registry.coverage.services.counting import SOUGHT, count, seek_missing
from registry.coverage.services.letters import (
    answered,
    deliver,
    give_up,
    prepare,
    prepare_again,
    sign,
)
from registry.coverage.services.rows import (
    COLUMNS,
    MOST,
    NEEDED,
    Judged,
    headings,
    judge,
    rows_of,
)
from registry.coverage.services.sending import send_unsent

__all__ = [
    "COLUMNS",
    "MOST",
    "NEEDED",
    "SOUGHT",
    "Absence",
    "Judged",
    "answered",
    "count",
    "deliver",
    "enter_missing",
    "follow",
    "give_up",
    "headings",
    "judge",
    "prepare",
    "prepare_again",
    "preview_absences",
    "record",
    "report_absence",
    "report_absences",
    "rows_of",
    "seek_missing",
    "send_unsent",
    "sign",
    "step",
]
