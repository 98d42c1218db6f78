"""Rows of «ОІС і доступи» and of the API, which takes keys and knows no visits."""

from __future__ import annotations

from tests.architecture.matrix import NOWHERE, Row, all_but, with_

HEADS = "olena petro nina"
nowhere = with_(key_id=NOWHERE)
no_mandate = with_(mandate_id=NOWHERE)
api = Row(api=True)

ROWS = {
    "eis_keys": Row(opens=all_but("dana"), refused="dana"),
    "eis_key_new": Row(opens=HEADS, refused=all_but(HEADS)),
    "eis_mandate": Row(no_mandate, absent=all_but("dana"), refused="dana"),
    "eis_mandate_sign": Row(no_mandate, method="POST", absent=all_but("")),
    "eis_mandate_paper": Row(no_mandate, absent=all_but("dana"), refused="dana"),
    "eis_mandate_revoke": Row(no_mandate, absent=all_but("dana"), refused="dana"),
    "eis_key_issue": Row(no_mandate, absent=all_but("dana"), refused="dana"),
    "eis_key_revoke": Row(nowhere, absent=all_but("dana"), refused="dana"),
    "eis_key_ledger": Row(nowhere, absent=all_but("dana"), refused="dana"),
    "eis_systems": Row(opens="admin", refused=all_but("admin")),
    "eis_system": Row(with_(uid=NOWHERE), absent="admin", refused=all_but("admin")),
    "eis_system_writes": Row(with_(uid=NOWHERE), absent="admin", refused=all_but("admin")),
    "api_institution": api,
    "api_classes": api,
    "api_class": Row(with_(uid=NOWHERE), api=True),
    "api_classes_bulk": Row(api=True, method="POST"),
    "api_groups": api,
    "api_group": Row(with_(uid=NOWHERE), api=True),
    "api_groups_bulk": Row(api=True, method="POST"),
    "api_pupils": api,
    "api_pupil": Row(with_(pupil_id=lambda w: w.pupils["ivan"].pk), api=True),
    "api_staff": api,
    "api_load": api,
    "api_enrolments": api,
    "api_changes": api,
    "api_changes_start": api,
    "api_changes_wait": api,
    "api_quality_findings": api,
    "api_quality_rules": api,
    "api_dictionaries": api,
    "api_dictionary": Row(with_(name="position"), api=True),
    "api_absent": api,
    "api_schema": Row(public=True),
    "api_docs": Row(public=True),
}
