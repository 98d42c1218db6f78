"""Children whose rows changed are checked again as soon as the change has settled."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from accounts import actors
from kernel import clock
from kernel.audit.outbox import Settled
from registry.people.models.pupils import Pupil
from registry.quality import services
from registry.tallies import keeping


class RecheckChanged:
    """Consumer of the log: a change of the child's row, or an event of its card or enrolment."""

    name = "registry.quality"

    def take(self, batch: Sequence[Settled]) -> None:
        """Check the children of these changes; told again, the same is found."""
        ids = {
            uuid.UUID(one.subject_id)
            for one in batch
            if (one.kind == "C" and one.code == "registry.pupil" and one.op != "D")
            or (one.kind == "E" and one.subject_type == "registry.pupil")
        }
        if ids:
            today = clock.today()
            services.check_pupils(
                actor=actors.system("перевірка змінених даних"), pupil_ids=sorted(ids), today=today
            )
            # What was found is no change that the log tells of.
            where = Pupil.objects.filter(pk__in=ids, institution__isnull=False)
            keeping.keep(sorted(set(where.values_list("institution_id", flat=True))), today)
