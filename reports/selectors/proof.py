"""Whether sums of a run are what they are sums of: another way to the same figures.

The sums of nodes are made by one statement over the tree of the day; here the same are added up from
counts of institutions along their paths, and the counts themselves from the kept rows.
"""

from __future__ import annotations

from collections import Counter

from accounts.models import OrgUnit
from accounts.selectors import placements
from reports import definition, inputs
from reports.models import ReportCount, ReportInput, ReportRun, ReportSum
from reports.selectors import figures

Counts = dict[tuple[int, str], list[int]]  # by node or institution, and key of the axis


def differences(of_run: ReportRun) -> list[tuple[int, str]]:
    """Nodes and institutions, each with a key of the axis, whose published figures are others than
    those added up here; none when the run is right."""
    counts = _kept(ReportCount, of_run, "institution_id")
    recounted = _recounted(of_run)
    summed = _summed(of_run, counts)
    sums = _kept(ReportSum, of_run, "unit_id")
    found = {one for one in counts.keys() | recounted.keys() if _differ(counts, recounted, one)}
    found |= {one for one in sums.keys() | summed.keys() if _differ(sums, summed, one)}
    return sorted(found)


def _differ(one: Counts, other: Counts, key: tuple[int, str]) -> bool:
    """A row of noughts alone may stand or not."""
    here, there = one.get(key), other.get(key)
    return here != there and (any(here or ()) or any(there or ()))


def _kept(model: type, of_run: ReportRun, node: str) -> Counts:
    rows = model.objects.filter(run=of_run).values_list(node, "key", "counts")  # type: ignore[attr-defined]
    return {(pk, key): counts for pk, key, counts in rows.iterator(chunk_size=5_000)}


def _recounted(of_run: ReportRun) -> Counts:
    """Counts of every institution from its kept rows."""
    form = figures.form_of(of_run)
    found: Counts = {}
    for kept in ReportInput.objects.filter(run=of_run).iterator(chunk_size=200):
        bits = form.bits(kept.source)
        for key, rows in inputs.by_key(kept, of_run.layout[kept.source]):
            counts = found.setdefault((kept.institution_id, key), [0] * len(form.measures))
            # Rows are many; those that the same lines counted by the same amount are told once.
            for (mask, amount), many in Counter((row.mask, row.amount) for row in rows).items():
                _add(counts, bits, mask, many, many * amount)
    return found


def _add(
    counts: list[int],
    bits: list[tuple[int, definition.Line]],
    mask: int,
    rows: int,
    amount: int,
) -> None:
    for bit, (place, line) in enumerate(bits):
        if mask >> bit & 1:
            counts[place] += amount if line.sum else rows


def _summed(of_run: ReportRun, counts: Counts) -> Counts:
    """Counts of institutions added to every authority above them on the day, from the run's own down."""
    units = list(OrgUnit.objects.filter(pk__in={pk for pk, _ in counts}))
    paths = placements.paths_on(of_run.as_of, *units, of_run.unit)
    root = len(placements.ancestors(paths[of_run.unit_id])) - 1
    hubs = {one.pk for one in units}  # a branch stands below its hub, which is no authority
    found: Counts = {}
    for (institution, key), own in counts.items():
        above = placements.ancestors(paths[institution])[root:-1]
        # The run's own node has its sum even where it is an institution: a hub with its branches.
        for node in {of_run.unit_id, *(one for one in above if one not in hubs)}:
            total = found.setdefault((node, key), [0] * len(own))
            for place, value in enumerate(own):
                total[place] += value
    return found
