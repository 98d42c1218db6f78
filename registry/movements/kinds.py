"""Every kind of movement. A new one is a line here (docs/how-to/add-a-movement.md)."""

from __future__ import annotations

from collections.abc import Mapping

from registry.movements.annul import PROCESS as ANNUL
from registry.movements.classes.process import PROCESS as CLASSES
from registry.movements.enrol.process import PROCESS as ENROL
from registry.movements.facts.addresses import KIND as ADDRESSES
from registry.movements.facts.categories import KINDS as CATEGORIES
from registry.movements.facts.contact import KIND as CONTACT
from registry.movements.facts.phones import KIND as PHONES
from registry.movements.facts.representatives import KIND as REPRESENTATIVES
from registry.movements.placing.process import KINDS as PLACING
from registry.movements.release import PROCESS as RELEASE
from registry.movements.staff.careers import KINDS as CAREERS
from registry.movements.staff.hiring import PROCESS as HIRE
from registry.movements.staff.load import PROCESS as LOAD
from registry.movements.staff.posts import KINDS as POSTS
from registry.movements.supplement.process import KINDS as SUPPLEMENT
from registry.movements.transfer.process import PROCESS as TRANSFER
from registry.movements.withdraw import PROCESS as WITHDRAW
from registry.process import AnyProcess

FACTS = (*CATEGORIES, CONTACT, ADDRESSES, PHONES, REPRESENTATIVES)
KINDS: Mapping[str, AnyProcess] = {
    process.code: process
    for process in (
        *(ENROL, TRANSFER, WITHDRAW, RELEASE),
        *SUPPLEMENT,
        *PLACING,
        *FACTS,
        LOAD,
        HIRE,
        *POSTS,
        *CAREERS,
        CLASSES,
        ANNUL,
    )
}
