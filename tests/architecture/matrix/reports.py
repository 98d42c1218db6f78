"""Rows of statistical forms."""

from __future__ import annotations

from tests.architecture.matrix import EVERYBODY, NOWHERE, Row, all_but, with_

# A run of nobody's: every address of a run hides it from all alike.
nowhere = with_(run_id=NOWHERE)
of_nobody = with_(subvention_id=NOWHERE)
budget = with_(subvention_id=NOWHERE, unit_uid=NOWHERE)
SUMS = "maria iryna taras bohdan hanna"

ROWS = {
    "reports": Row(opens=EVERYBODY),
    "report_run": Row(nowhere, absent=EVERYBODY),
    "report_progress": Row(nowhere, absent=EVERYBODY),
    "report_cell": Row(nowhere, absent=EVERYBODY),
    "report_xlsx": Row(nowhere, absent=EVERYBODY),
    "report_cancel": Row(nowhere, absent=EVERYBODY),
    "report_resume": Row(nowhere, absent=EVERYBODY),
    "open_data": Row(public=True),
    "open_data_catalogue": Row(with_(form="ttl"), public=True),
    "open_data_set": Row(with_(code="institutions"), public=True),
    # Nothing is published in the world of the matrix: hidden from all alike.
    "open_data_file": Row(
        with_(code="institutions", number=1, kind="csv"), absent=EVERYBODY, token=True
    ),
    "open_data_publish": Row(opens="maria", refused=all_but("maria")),
    "open_data_withdraw": Row(with_(issue_id=NOWHERE), absent="maria", refused=all_but("maria")),
    "subventions": Row(opens=SUMS, refused=all_but(SUMS)),
    "subvention_parameters": Row(opens=SUMS, refused=all_but(SUMS)),
    "subvention_places": Row(opens=SUMS, refused=all_but(SUMS)),
    "subvention": Row(of_nobody, absent=SUMS, refused=all_but(SUMS)),
    "subvention_compare": Row(of_nobody, absent=SUMS, refused=all_but(SUMS)),
    "subvention_budget": Row(budget, absent=SUMS, refused=all_but(SUMS)),
    "subvention_budget_file": Row(budget, absent=SUMS, refused=all_but(SUMS)),
}
