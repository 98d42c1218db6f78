"""Rows of pupils (handbook B.2: names of children for their school and its authority)."""

from __future__ import annotations

from tests.architecture.matrix import Row, with_

ivan = with_(pupil_id=lambda w: w.pupils["ivan"].pk)
STRANGERS = "taras hanna petro nina"
ABOVE = "admin maria iryna"
kept_by_school = Row(ivan, opens="olena dana", refused=f"{ABOVE} bohdan", absent=STRANGERS)


def no_such(**part: int) -> Row:
    """A part of a child's card that is not there: absent to whoever may see the card."""
    return Row(
        with_(pupil_id=lambda w: w.pupils["ivan"].pk, **part),
        refused=ABOVE,
        absent="taras bohdan hanna olena petro nina dana",
    )


ROWS = {
    "pupil_list": Row(
        opens="maria iryna taras bohdan hanna olena petro nina dana", refused="admin"
    ),
    "pupil_extract": Row(ivan, opens="bohdan olena dana", refused=ABOVE, absent=STRANGERS),
    "pupil_detail": Row(ivan, opens="bohdan olena dana", refused=ABOVE, absent=STRANGERS),
    "pupil_edit": kept_by_school,
    "pupil_close": kept_by_school,
    "pupil_reopen": kept_by_school,
    "pupil_document_new": kept_by_school,
    "pupil_guardian_new": kept_by_school,
    "pupil_guardian_edit": no_such(guardianship_id=1),
    "pupil_guardian_end": no_such(guardianship_id=1),
    "pupil_guardian_confirm": no_such(guardianship_id=1),
    "pupil_guardian_unconfirm": no_such(guardianship_id=1),
    "pupil_guardian_void": no_such(guardianship_id=1),
    "guardian_list": Row(
        opens="olena petro nina dana", refused="admin maria iryna taras bohdan hanna"
    ),
    "pupil_address": Row(
        with_(pupil_id=lambda w: w.pupils["ivan"].pk, kind="actual"),
        opens="olena dana",
        refused=f"{ABOVE} bohdan",
        absent=STRANGERS,
    ),
    "pupil_address_void": no_such(kind="actual"),
    "pupil_category_new": kept_by_school,
    "pupil_category_end": no_such(category_id=1),
    "pupil_category_void": no_such(category_id=1),
    "pupil_fact_new": Row(
        with_(pupil_id=lambda w: w.pupils["ivan"].pk, fact="needs"),
        opens="olena dana",
        refused=f"{ABOVE} bohdan",
        absent=STRANGERS,
    ),
    "pupil_contact_new": kept_by_school,
    "pupil_contact_void": no_such(contact_id=1),
}
