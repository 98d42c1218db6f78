"""Records follow what settles about their children: enrolled, moved, left, dead, merged."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from accounts import actors
from accounts.actors import Actor
from kernel import clock
from kernel.audit.outbox import Settled
from kernel.clock import Moment
from registry.coverage.models import CoverageCase
from registry.coverage.services import cases
from registry.coverage.states import OPEN

PORTION = 500  # children of one command


class FollowChildren:
    """Consumer of the log: any event of a child's. Told again, nothing changes."""

    name = "registry.coverage"

    def take(self, batch: Sequence[Settled]) -> None:
        """Follow those of these children who have an open record."""
        told = {
            uuid.UUID(one.subject_id)
            for one in batch
            if one.kind == "E" and one.subject_type == "registry.pupil"
        }
        if told and (pupils := cases.to_follow(sorted(told))):
            actor = actors.system("облік дітей: зміни в реєстрі")
            cases.follow(actor=actor, pupils=pupils, moment=clock.moment())


def follow_all(actor: Actor, moment: Moment) -> int:
    """What the day alone changes: an enrolment begins, a child comes of age; how many changed."""
    pupils = sorted(
        set(CoverageCase.objects.filter(state__in=OPEN).values_list("pupil_id", flat=True))
    )
    return sum(
        cases.follow(actor=actor, pupils=pupils[at : at + PORTION], moment=moment)
        for at in range(0, len(pupils), PORTION)
    )
