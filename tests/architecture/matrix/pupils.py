"""Rows of pupils (handbook B.2: names of children for their school and its authority)."""

from __future__ import annotations

from tests.architecture.matrix import Row, with_

ivan = with_(pupil_id=lambda w: w.pupils["ivan"].pk)
STRANGERS = "taras hanna petro nina"
ABOVE = "admin maria iryna"
kept_by_school = Row(ivan, opens="olena dana", refused=f"{ABOVE} bohdan", absent=STRANGERS)

ROWS = {
    "pupil_list": Row(
        opens="maria iryna taras bohdan hanna olena petro nina dana", refused="admin"
    ),
    "pupil_export": Row(
        opens="bohdan hanna olena petro nina dana", refused="admin maria iryna taras"
    ),
    "pupil_detail": Row(ivan, opens="bohdan olena dana", refused=ABOVE, absent=STRANGERS),
    "pupil_edit": kept_by_school,
    "pupil_document_new": kept_by_school,
    "pupil_representative_new": kept_by_school,
    "pupil_representative_edit": Row(
        with_(pupil_id=lambda w: w.pupils["ivan"].pk, representative_id=1),
        refused=ABOVE,
        absent="taras bohdan hanna olena petro nina dana",
    ),
    "pupil_address": kept_by_school,
    "pupil_category_new": kept_by_school,
    "pupil_category_end": Row(
        with_(pupil_id=lambda w: w.pupils["ivan"].pk, category_id=1),
        opens="olena dana",
        refused=f"{ABOVE} bohdan",
        absent=STRANGERS,
    ),
}
