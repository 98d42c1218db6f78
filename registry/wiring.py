"""Ports of packages below, filled by packages above: the one place where they meet against the
direction of imports. `connect()` runs when Django starts and may run again.
"""

from __future__ import annotations

from registry.admission.process import PROCESS as APPLY
from registry.certificates.process import PROCESS as CERTIFY
from registry.certificates.selectors import address_of_code
from registry.classes import ports as classes
from registry.drafts import ports as drafts
from registry.enrolments import selectors as enrolments
from registry.identity.colleagues import alike_to
from registry.institutions import ports as institutions
from registry.movements.kinds import KINDS
from registry.orders.services.running import carry_on
from registry.people import ports as people
from registry.people.selectors import counts
from registry.process import fill
from registry.reorganisation import closing, standing
from registry.reorganisation.process import PROCESS as REORGANISE
from registry.reorganisation.revoke import PROCESS as REVOKE
from registry.reorganisation.status import PROCESS as STATUS
from registry.reorganisation.subordinate import PROCESS as SUBORDINATE
from registry.rollover.process import PROCESS as ROLLOVER
from registry.staff import ports as staff
from signatures import ports as signatures


def connect() -> None:
    """Fill every port, and give drafts and orders their kinds."""
    institutions.pupils_of = counts.by_institution
    institutions.learning_on = enrolments.learning_on
    institutions.anybody_stays = enrolments.anybody_stays
    institutions.closed = closing.close
    institutions.standing = standing.counted
    institutions.working_on = standing.working_on
    institutions.applying_to = standing.applying_to
    classes.pupils_in = counts.by_class
    classes.placed_in = enrolments.placed_in
    classes.may_order = KINDS["classes"].keep.allows
    drafts.carry_on_order = carry_on
    people.last_institution = enrolments.last_institution
    staff.alike_to = alike_to
    of_authority = (REORGANISE, STATUS, SUBORDINATE, REVOKE)
    own = {one.code: one for one in (APPLY, ROLLOVER, *of_authority, CERTIFY)}
    fill({**KINDS, **own})
    if address_of_code not in signatures.printed_codes:
        signatures.printed_codes.append(address_of_code)
