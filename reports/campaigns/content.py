"""What a head signs: the figures of a report and the digests of the very rows they were counted from.

The same bytes come of the counts, when it is prepared, and of the kept rows alone, whenever it is
asked again: the register is not asked.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import kernel.lookups  # noqa: F401 - registers `among`
from kernel.kept import Kept
from reports import inputs
from reports.campaigns import selectors
from reports.campaigns.models import CampaignForm, CampaignPart, CampaignReport
from reports.models import ReportCount, ReportInput, ReportRun
from reports.selectors import behind, figures
from signatures.packages import canonical

SCHEMA, SUMMARY = "aikom.report/1", "aikom.summary/1"

Counted = Callable[[Sequence[ReportRun], int], Mapping[uuid.UUID, figures.ByKey]]
_FORMS = Kept[tuple[str]](
    lambda campaign: (
        CampaignForm.objects.filter(campaign=campaign).order_by("position").values_list("form")
    )
)
_RUNS = Kept[ReportRun](
    lambda ids: ReportRun.objects.filter(pk__among=ids).select_related("edition", "unit")
)
_COUNTS = Kept[tuple[uuid.UUID, str, list[int]]](
    lambda runs, institution: ReportCount.objects.filter(
        run__among=runs, institution_id=institution
    ).values_list("run_id", "key", "counts")
)
_INPUTS = Kept[ReportInput](
    lambda runs, institution: ReportInput.objects.filter(
        run__among=runs, institution_id=institution
    )
)


def as_counted(runs: Sequence[ReportRun], institution_id: int) -> Mapping[uuid.UUID, figures.ByKey]:
    """The counts of an institution as runs kept them."""
    found: dict[uuid.UUID, dict[str, Sequence[int]]] = {run.pk: {} for run in runs}
    for run, key, counts in _COUNTS.rows(list(found), institution_id):
        found[run][key] = counts
    return found


def as_kept(runs: Sequence[ReportRun], institution_id: int) -> Mapping[uuid.UUID, figures.ByKey]:
    """The same, counted again from the kept rows."""
    return {run.pk: behind.recounted(run, institution_id) for run in runs}


def runs_of(report: CampaignReport) -> list[ReportRun]:
    """The runs that counted a version, in the order of the campaign's sections."""
    ids = [uuid.UUID(one) for one in report.runs.values()]
    found = {str(run.pk): run for run in _RUNS.rows(ids)}
    return [found[report.runs[form]] for (form,) in _FORMS.rows(report.part.campaign_id)]


def bytes_of(report: CampaignReport, counted: Counted = as_kept) -> bytes:
    """The canonical bytes of a version of a report, or of a summary while it stands."""
    if not report.part.is_school:
        return _bytes_of_summary(report)
    part, runs = report.part, runs_of(report)
    counts = counted(runs, part.unit_id)
    kept = {
        (one.run_id, one.source): one
        for one in _INPUTS.rows([run.pk for run in runs], part.unit_id)
    }
    return canonical(
        {
            "schema": SCHEMA,
            "campaign": str(part.campaign_id),
            "institution": str(part.unit.uid),
            "as_of": part.campaign.as_of.isoformat(),
            "known_at": report.made_at.isoformat(),
            "number": report.number,
            "explanation": report.explanation,
            "forms": [_section(run, counts[run.pk], kept) for run in runs],
        }
    )


def _bytes_of_summary(report: CampaignReport) -> bytes:
    """Figures whole and for each split, counts of institutions, and of everything right below what was
    taken: which version, and the digest of its signed bytes where it was signed."""
    part = report.part
    below = CampaignPart.objects.filter(parent=part).select_related("unit").order_by("pk")
    signed = {
        (of_part, number): hashlib.sha256(bytes(content or b"")).hexdigest()
        for of_part, number, content in CampaignReport.objects.filter(
            part__parent=part, signed_at__isnull=False
        ).values_list("part_id", "number", "content")
    }
    forms: dict[str, Any] = {}
    for (code, split), found in selectors.whole_summary(part).items():
        values = {row.code: cells for row, cells in zip(found.form.rows, found.values, strict=True)}
        forms.setdefault(code, {"version": found.form.version, "values": {}})["values"][split] = (
            values
        )
    return canonical(
        {
            "schema": SUMMARY,
            "campaign": str(part.campaign_id),
            "authority": str(part.unit.uid),
            "as_of": part.campaign.as_of.isoformat(),
            "summed_at": report.made_at.isoformat(),
            "number": report.number,
            "institutions": part.places,
            "forms": forms,
            "below": [
                {
                    "id": str(one.unit.uid),
                    "number": one.number,
                    "sha256": signed.get((one.pk, one.number)),
                }
                for one in below
            ],
        }
    )


def _section(
    run: ReportRun, counts: figures.ByKey, kept: Mapping[tuple[uuid.UUID, str], ReportInput]
) -> dict[str, Any]:
    found = figures.cells(figures.form_of(run), counts)
    return {
        "code": run.form,
        "version": run.edition.version,
        "edition": bytes(run.edition.sha256).hex(),
        "values": {
            row.code: values for row, values in zip(found.form.rows, found.values, strict=True)
        },
        "counted_rows": {
            source: _digest(kept.get((run.pk, source)), run.layout[source])
            for source in found.form.sources
        },
    }


def _digest(kept: ReportInput | None, layout: str) -> dict[str, Any]:
    """How many rows were counted and SHA-256 over them in order: keys, then the records by bytes."""
    total, digest = 0, hashlib.sha256()
    for key, records in inputs.records(kept, layout) if kept is not None else ():
        digest.update(f"{key}:{len(records)};".encode() + b"".join(records))
        total += len(records)
    return {"count": total, "sha256": digest.hexdigest()}
