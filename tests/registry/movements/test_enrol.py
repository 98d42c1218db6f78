"""Enrolment as a movement: the promises of every kind."""

from __future__ import annotations

from registry.drafts import services as drafts
from registry.enrolments.models import Enrolment
from registry.models import Pupil
from registry.movements.kinds import KINDS
from registry.orders.models import KINDS as ORDER_KINDS
from registry.orders.models import OF_AUTHORITY
from registry.process import kinds
from registry.rollover.process import PROCESS as ROLLOVER
from tests.registry.drafts.test_drafts import numbered
from tests.registry.kit import MOMENT
from tests.registry.movements import contract


class TestEnrol(contract.Movement):
    process = "enrol"
    fields = {"identity_shown": "on"}

    def draft(self, world, actor):
        return drafts.start(
            actor=actor,
            institution_id=world.units["school1"].id,
            process="enrol",
            rows=[numbered(1), numbered(2)],
            moment=MOMENT,
        )

    def facts(self, world):
        return sorted(
            Pupil.objects.filter(institution__isnull=False).values_list("surname", "institution_id")
        ), Enrolment.objects.filter(voided_by=None).count()


def test_the_kinds_of_orders_in_the_database_are_those_of_the_code():
    assert (
        set(ORDER_KINDS)
        == {*KINDS, ROLLOVER.code, *OF_AUTHORITY}
        == {code for code, process in kinds().items() if not process.finish}
    )
