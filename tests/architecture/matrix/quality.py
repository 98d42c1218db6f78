"""Rows of the quality of data: counts for whoever sees lists, children for whoever sees names."""

from __future__ import annotations

from tests.architecture.matrix import NOWHERE, Row, all_but, with_

AUTHORITIES = "maria iryna taras bohdan hanna"
SCHOOLS = "olena petro nina dana"
nowhere = with_(campaign_id=NOWHERE)

ROWS = {
    "quality": Row(opens=all_but("admin"), refused="admin"),
    "quality_rule": Row(with_(code="certificate.missing"), opens=all_but("admin"), refused="admin"),
    "quality_indicator": Row(with_(code="certificate"), opens=all_but("admin"), refused="admin"),
    "quality_campaigns": Row(opens=all_but("admin"), refused="admin"),
    "quality_campaign_new": Row(opens=AUTHORITIES, refused=f"admin {SCHOOLS}"),
    # Nobody's campaign: hidden from all alike.
    "quality_campaign": Row(nowhere, absent=all_but("admin"), refused="admin"),
    "quality_campaign_school": Row(with_(school_id=0), absent=all_but("admin"), refused="admin"),
    "quality_campaign_remind": Row(
        nowhere, absent=AUTHORITIES, refused=f"admin {SCHOOLS}", method="POST"
    ),
    "quality_campaign_prolong": Row(nowhere, absent=all_but("admin"), refused="admin"),
    "quality_campaign_close": Row(nowhere, absent=all_but("admin"), refused="admin"),
    "quality_check": Row(method="POST", opens=all_but("admin maria"), refused="admin maria"),
    "rule_runner": Row(with_(name="aikom_quality.py"), public=True),
    "rule_pack": Row(with_(year="2026"), public=True),
}
