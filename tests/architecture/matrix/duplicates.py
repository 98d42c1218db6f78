"""Rows of possible duplicates (handbook B.2, D.2): the authorities that merge, and schools of the
children or of the staff; a person of a school sees no more of another school's than that it exists."""

from __future__ import annotations

from tests.architecture.matrix import NOWHERE, Row, with_

LOOKS = "iryna taras bohdan hanna olena petro nina dana"
OTHERS = "admin maria"
# Of staff: heads and deputies for staff; this deputy is for pupils.
LOOKS_AT_STAFF = "iryna taras bohdan hanna olena petro nina"
NOT_AT_STAFF = "admin maria dana"
nowhere = with_(pair_id=NOWHERE)
decided = Row(nowhere, absent=LOOKS, refused=OTHERS, method="POST")
decided_of_staff = Row(nowhere, absent=LOOKS_AT_STAFF, refused=NOT_AT_STAFF, method="POST")

ROWS = {
    "duplicate_list": Row(opens=LOOKS, refused=OTHERS),
    "duplicate_detail": Row(nowhere, absent=LOOKS, refused=OTHERS),
    "duplicate_take": decided,
    "duplicate_same": decided,
    "duplicate_differ": decided,
    "staff_duplicate_list": Row(opens=LOOKS_AT_STAFF, refused=NOT_AT_STAFF),
    "staff_duplicate_detail": Row(nowhere, absent=LOOKS_AT_STAFF, refused=NOT_AT_STAFF),
    "staff_duplicate_take": decided_of_staff,
    "staff_duplicate_same": decided_of_staff,
    "staff_duplicate_differ": decided_of_staff,
}
