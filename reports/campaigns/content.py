"""What a head signs: the figures of a report and the digests of the very rows they were counted from.

The same bytes come of the counts, when it is prepared, and of the kept rows alone, whenever it is
asked again: the register is not asked.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from typing import Any

from reports.campaigns.models import CampaignReport
from reports.models import ReportCount, ReportInput, ReportRun
from reports.selectors import behind, figures
from signatures.packages import canonical

SCHEMA = "aikom.report/1"

Counted = Callable[[ReportRun, int], figures.ByKey]


def as_counted(run: ReportRun, institution_id: int) -> figures.ByKey:
    """The counts of an institution as the run kept them."""
    found = ReportCount.objects.filter(run=run, institution_id=institution_id)
    return dict(found.values_list("key", "counts"))


def as_kept(run: ReportRun, institution_id: int) -> figures.ByKey:
    """The same, counted again from the kept rows."""
    return behind.recounted(run, institution_id)


def runs_of(report: CampaignReport) -> list[ReportRun]:
    """The runs that counted a version, in the order of the campaign's sections."""
    found = {
        str(run.pk): run
        for run in ReportRun.objects.filter(pk__in=report.runs.values()).select_related(
            "edition", "unit"
        )
    }
    order = report.part.campaign.forms.order_by("position").values_list("form", flat=True)
    return [found[report.runs[form]] for form in order]


def bytes_of(report: CampaignReport, counted: Counted = as_kept) -> bytes:
    """The canonical bytes of a version of a report."""
    part = report.part
    return canonical(
        {
            "schema": SCHEMA,
            "campaign": str(part.campaign_id),
            "institution": str(part.unit.uid),
            "as_of": part.campaign.as_of.isoformat(),
            "known_at": report.made_at.isoformat(),
            "number": report.number,
            "explanation": report.explanation,
            "forms": [_section(run, part.unit_id, counted) for run in runs_of(report)],
        }
    )


def _section(run: ReportRun, institution_id: int, counted: Counted) -> dict[str, Any]:
    found = figures.cells(figures.form_of(run), counted(run, institution_id))
    kept = {
        one.source: one
        for one in ReportInput.objects.filter(run=run, institution_id=institution_id)
    }
    return {
        "code": run.form,
        "version": run.edition.version,
        "edition": bytes(run.edition.sha256).hex(),
        "values": {
            row.code: values for row, values in zip(found.form.rows, found.values, strict=True)
        },
        "counted_rows": {
            source: _digest(kept.get(source), run.layout[source]) for source in found.form.sources
        },
    }


def _digest(kept: ReportInput | None, layout: str) -> dict[str, Any]:
    """How many rows were counted and SHA-256 over them in order: keys, then the records by bytes."""
    total, digest = 0, hashlib.sha256()
    if kept is not None:
        size, at = struct.calcsize(layout), 0
        rows = bytes(kept.rows)
        for key, many in zip(kept.keys, kept.sizes, strict=True):
            records = sorted(rows[at + n * size : at + (n + 1) * size] for n in range(many))
            digest.update(f"{key}:{many};".encode() + b"".join(records))
            at, total = at + many * size, total + many
    return {"count": total, "sha256": digest.hexdigest()}
