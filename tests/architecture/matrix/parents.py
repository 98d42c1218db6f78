"""Rows of the parents' window: closed to whoever acts under a grant. Whom it is open to is told by
tests/registry/parents and by `test_the_window_of_parents_opens_no_page_of_the_cabinet`."""

from __future__ import annotations

from tests.architecture.matrix import EVERYBODY, Row, with_

ivan = with_(pupil_id=lambda w: w.pupils["ivan"].pk)
closed = Row(ivan, refused=EVERYBODY)

ROWS = {
    "parents": Row(refused=EVERYBODY),
    "parent_child": closed,
    "parent_looks": closed,
}
