"""Commands of the children's register."""

from registry.coverage.services.cases import enter_missing, follow, record, report_absence, step
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

__all__ = [
    "COLUMNS",
    "MOST",
    "NEEDED",
    "SOUGHT",
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
    "record",
    "report_absence",
    "rows_of",
    "seek_missing",
    "sign",
    "step",
]
