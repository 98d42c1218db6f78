"""Rows of notices: everybody reads their own, and nobody another's."""

from __future__ import annotations

from tests.architecture.matrix import EVERYBODY, Row, with_

ROWS = {
    "notices": Row(opens=EVERYBODY),
    "notices_read": Row(method="POST", opens=EVERYBODY),
    "notice_read": Row(with_(notice_id=1), method="POST", opens=EVERYBODY),
}
