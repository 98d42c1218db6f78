"""Rows of statistical forms."""

from __future__ import annotations

from tests.architecture.matrix import EVERYBODY, NOWHERE, Row, all_but, with_
from tests.reports import campaigns

# A run of nobody's: every address of a run hides it from all alike.
nowhere = with_(run_id=NOWHERE)
of_nobody = with_(subvention_id=NOWHERE)
budget = with_(subvention_id=NOWHERE, unit_uid=NOWHERE)
SUMS = "maria iryna taras bohdan hanna"
ASKS = SUMS

campaign = with_(campaign_id=NOWHERE)
session = with_(session_id=NOWHERE)
part = with_(part_id=lambda w: campaigns.matrix_part(w).pk)
OF_CAMPAIGNS = all_but("dana")  # a deputy without the duty
LEADS = "maria iryna taras"

ROWS = {
    "report_forms": Row(opens=OF_CAMPAIGNS, refused="dana"),
    "report_form_edit": Row(with_(code="ZNZ1-1"), opens="admin", refused=all_but("admin")),
    "campaigns": Row(opens=OF_CAMPAIGNS, refused="dana"),
    "campaign_new": Row(opens=LEADS, refused=all_but(LEADS)),
    **dict.fromkeys(
        ("campaign", "campaign_progress", "campaign_days", "campaign_close", "campaign_withdraw"),
        Row(campaign, absent=OF_CAMPAIGNS, refused="dana"),
    ),
    "campaign_steer": Row(campaign, opens=EVERYBODY, method="POST"),
    **dict.fromkeys(
        ("campaign_part", "campaign_compare", "campaign_xlsx"),
        Row(
            part,
            opens="maria iryna bohdan olena",
            refused="admin dana",
            absent="taras hanna petro nina",
        ),
    ),
    "campaign_cell": Row(
        part,
        query="?form=ZNZ1-1&row=1.12&column=1",
        opens="maria iryna bohdan olena",
        refused="admin dana",
        absent="taras hanna petro nina",
    ),
    **dict.fromkeys(
        ("campaign_sign", "campaign_sign_data", "campaign_container"),
        Row(session, absent=EVERYBODY),
    ),
    **dict.fromkeys(
        ("campaign_sign_take", "campaign_sign_file", "campaign_cloud", "campaign_cloud_check"),
        Row(session, absent=EVERYBODY, method="POST"),
    ),
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
    "desk": Row(opens=ASKS, refused=all_but(ASKS)),
    # No day is counted in the world of the matrix: there is nothing to take.
    "desk_file": Row(with_(kind="csv"), absent=ASKS, refused=all_but(ASKS)),
    "desk_days": Row(opens=ASKS, refused=all_but(ASKS)),
    "desk_day": Row(with_(slice_id=0), absent=ASKS, refused=all_but(ASKS)),
    "desk_day_resume": Row(with_(slice_id=0), absent=ASKS, refused=all_but(ASKS), method="POST"),
    "desk_queries": Row(opens=ASKS, refused=all_but(ASKS)),
    "desk_query_new": Row(opens=ASKS, refused=all_but(ASKS)),
    **dict.fromkeys(
        ("desk_query", "desk_query_change"),
        Row(with_(query_id=NOWHERE), absent=ASKS, refused=all_but(ASKS)),
    ),
    "desk_query_remove": Row(
        with_(query_id=NOWHERE), absent=ASKS, refused=all_but(ASKS), method="POST"
    ),
    "subventions": Row(opens=SUMS, refused=all_but(SUMS)),
    "subvention_parameters": Row(opens=SUMS, refused=all_but(SUMS)),
    "subvention_places": Row(opens=SUMS, refused=all_but(SUMS)),
    "subvention": Row(of_nobody, absent=SUMS, refused=all_but(SUMS)),
    "subvention_compare": Row(of_nobody, absent=SUMS, refused=all_but(SUMS)),
    "subvention_budget": Row(budget, absent=SUMS, refused=all_but(SUMS)),
    "subvention_budget_file": Row(budget, absent=SUMS, refused=all_but(SUMS)),
}
