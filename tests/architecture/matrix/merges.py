"""Rows of merges (handbook D.2): the authority above both profiles; counts of nobody else."""

from __future__ import annotations

from tests.architecture.matrix import NOWHERE, Row, with_

AUTHORITIES = "iryna taras bohdan hanna"
OTHERS = "admin maria olena petro nina dana"
nowhere = with_(merge_id=NOWHERE)
decided = Row(nowhere, absent=AUTHORITIES, refused=OTHERS, method="POST")

_OF = {
    "merge_list": Row(opens=AUTHORITIES, refused=OTHERS),
    "merge_new": Row(opens=AUTHORITIES, refused=OTHERS),
    "merge_detail": Row(nowhere, absent=AUTHORITIES, refused=OTHERS),
    "merge_confirm": decided,
    "merge_reject": decided,
    "merge_undo": decided,
    "merge_undone": decided,
    "merge_keep": decided,
}
# Of children and of staff alike.
ROWS = _OF | {f"staff_{name}": row for name, row in _OF.items()}
