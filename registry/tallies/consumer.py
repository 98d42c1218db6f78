"""Institutions of which the log tells are counted again."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import OrgUnit
from kernel import clock
from kernel.audit.outbox import Settled
from registry.institutions.models.institutions import Institution
from registry.tallies import keeping


class KeepTallies:
    """Consumer of the log: whatever happened at an institution, its figures are made anew."""

    name = "registry.tallies"

    def take(self, batch: Sequence[Settled]) -> None:
        """Count the institutions of these items; told again, nothing changes."""
        nodes = {
            node
            for one in batch
            for node in (one.unit_id, one.unit_old, one.unit_new)
            if node is not None
        }
        moved = [one.subject_id for one in batch if one.code == "accounts.orgunit"]
        for path in OrgUnit.objects.filter(pk__in=moved).values_list("path", flat=True):
            nodes.update(OrgUnit.objects.filter(path__startswith=path).values_list("pk", flat=True))
        ids = Institution.objects.filter(pk__in=nodes).order_by("pk").values_list("pk", flat=True)
        keeping.keep(list(ids), clock.today())
