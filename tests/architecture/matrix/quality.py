"""Rows of the quality of data: counts for whoever sees lists, children for whoever sees names."""

from __future__ import annotations

from tests.architecture.matrix import Row, all_but, with_

ROWS = {
    "quality": Row(opens=all_but("admin"), refused="admin"),
    "quality_rule": Row(with_(code="certificate.missing"), opens=all_but("admin"), refused="admin"),
    "quality_check": Row(method="POST", opens=all_but("admin maria"), refused="admin maria"),
    "rule_runner": Row(with_(name="aikom_quality.py"), public=True),
    "rule_pack": Row(with_(year="2026"), public=True),
}
