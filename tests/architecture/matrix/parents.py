"""Rows of the parents' window: closed to whoever acts under a grant. Whom it is open to is told by
tests/registry/parents and by `test_the_window_of_parents_opens_no_page_of_the_cabinet`."""

from __future__ import annotations

from tests.architecture.matrix import EVERYBODY, NOWHERE, Row, with_

ivan = with_(pupil_id=lambda w: w.pupils["ivan"].pk)
nowhere = with_(request_id=NOWHERE)
SCHOOLS, OTHERS = "olena petro nina dana", "admin maria iryna taras bohdan hanna"
closed = Row(ivan, refused=EVERYBODY)

ROWS = {
    "parents": Row(refused=EVERYBODY),
    "parent_child": closed,
    "parent_looks": closed,
    "parent_ask": closed,
    "parent_applications": Row(refused=EVERYBODY),
    "parent_place": Row(refused=EVERYBODY),
    "parent_apply": Row(refused=EVERYBODY),
    "parent_application": Row(with_(application_id=NOWHERE), refused=EVERYBODY),
    "parent_mail": Row(refused=EVERYBODY),
    "parent_mail_confirm": Row(with_(token="x"), refused=EVERYBODY),
    "own_requests": Row(refused=EVERYBODY),
    "own_request": Row(nowhere, refused=EVERYBODY),
    "own_take_back": Row(nowhere, refused=EVERYBODY, method="POST"),
    "own_paper": Row(nowhere, refused=EVERYBODY),
    "parent_request_list": Row(opens=SCHOOLS, refused=OTHERS),
    "parent_request": Row(nowhere, absent=SCHOOLS, refused=OTHERS),
    "parent_request_take_back": Row(nowhere, absent=SCHOOLS, refused=OTHERS, method="POST"),
    "parent_paper": Row(nowhere, absent=SCHOOLS, refused=OTHERS),
    "parents_ask": Row(
        ivan,
        opens="olena dana",
        refused="admin maria iryna bohdan",
        absent="taras hanna petro nina",
    ),
}
