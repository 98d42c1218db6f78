"""Rows of statistical forms."""

from __future__ import annotations

from tests.architecture.matrix import EVERYBODY, NOWHERE, Row, with_

# A run of nobody's: every address of a run hides it from all alike.
nowhere = with_(run_id=NOWHERE)

ROWS = {
    "reports": Row(opens=EVERYBODY),
    "report_run": Row(nowhere, absent=EVERYBODY),
    "report_progress": Row(nowhere, absent=EVERYBODY),
    "report_cell": Row(nowhere, absent=EVERYBODY),
    "report_xlsx": Row(nowhere, absent=EVERYBODY),
    "report_cancel": Row(nowhere, absent=EVERYBODY),
    "report_resume": Row(nowhere, absent=EVERYBODY),
}
