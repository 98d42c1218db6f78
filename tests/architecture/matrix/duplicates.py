"""Rows of possible duplicates (handbook B.2, D.2): the authorities that merge, and schools of the
children; a person of a school sees no more of another school's child than that it exists."""

from __future__ import annotations

from tests.architecture.matrix import NOWHERE, Row, with_

LOOKS = "iryna taras bohdan hanna olena petro nina dana"
OTHERS = "admin maria"
nowhere = with_(pair_id=NOWHERE)
decided = Row(nowhere, absent=LOOKS, refused=OTHERS, method="POST")

ROWS = {
    "duplicate_list": Row(opens=LOOKS, refused=OTHERS),
    "duplicate_detail": Row(nowhere, absent=LOOKS, refused=OTHERS),
    "duplicate_take": decided,
    "duplicate_same": decided,
    "duplicate_differ": decided,
}
