"""A part of a campaign: a school's report or a summary, what is done with it, its cells, its versions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import HouseRequest
from kernel import clock, replica
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.parameters import Parameter, asked, code, matching, words
from kernel.ui import pages
from kernel.ui.helpers import number
from registry.classifiers.selectors import classifiers
from reports import definition, xlsx
from reports.campaigns import content, differences, policies, selectors
from reports.campaigns.models import CampaignForm, CampaignPart, CampaignReport
from reports.campaigns.portal.forms import ExplainForm, ReturnForm, SettleForm
from reports.campaigns.portal.views import SERVICE, tag_of_part
from reports.campaigns.services import levels, school, signing
from reports.selectors import behind, figures


def _whole(name: str) -> Parameter:
    return matching(name, "номер версії", r"[1-9][0-9]{0,5}")


@dataclasses.dataclass(frozen=True)
class Table:
    """A section laid out for the page."""

    section: CampaignForm
    form: definition.Form
    rows: list[tuple[definition.Line, list[tuple[definition.Line, int | None, str]]]]
    unchecked: list[definition.Control]


def _table(section: CampaignForm, found: figures.Figures) -> Table:
    return Table(
        section,
        found.form,
        [
            (
                row,
                [
                    (
                        column,
                        value,
                        "—"
                        if value is None
                        else number(value / 100, 2)
                        if found.form.is_sum(row, column)
                        else number(value),
                    )
                    for column, value in zip(found.form.columns, values, strict=True)
                ],
            )
            for row, values in zip(found.form.rows, found.values, strict=True)
        ],
        figures.unchecked(found.form),
    )


def split_words(split: str) -> str:
    """What a part of a summary is called."""
    known = {"": "Усі заклади", "URBAN": "Міські", "RURAL": "Сільські"}
    return known.get(split) or classifiers.label("institution_type", split)


def crumbs(request: HouseRequest, part: CampaignPart) -> list[tuple[str, str]]:
    """From the list of campaigns down to the node above the part."""
    campaign = part.campaign
    return [
        (SERVICE, reverse("campaigns")),
        (campaign.title, reverse("campaign", args=[campaign.pk])),
        *(
            (one.unit.name, reverse("campaign_part", args=[one.pk]))
            for one in selectors.crumbs(request.actor, part)
        ),
    ]


# ── what is done ─────────────────────────────────────────────────────────────
Act = tuple[Callable[..., Any], type[forms.Form] | None, str]
_ACTS: dict[str, Act] = {
    "generate": (school.generate, None, "Звіт сформовано знову за нинішніми даними реєстру."),
    "explain": (school.explain, ExplainForm, "Пояснення збережено: звіт можна підписувати."),
    "accept": (levels.accept, None, "Прийнято."),
    "return": (levels.send_back, ReturnForm, "Повернуто із зауваженням."),
    "settle": (levels.settle, SettleForm, "Звіт припиненого закладу прийнято."),
    "consolidate": (levels.consolidate, None, "Зведений звіт сформовано й подано вище."),
}


@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HouseRequest, part_id: int) -> HttpResponse:
    """A report or a summary; a POST moves it."""
    actor = request.actor
    found = selectors.part(actor, part_id)
    policies.read_part.require(actor, found)
    if request.method != "POST":
        return _page(request, found)
    do, now = request.POST.get("do", ""), moment()
    try:
        if do == "sign":
            session = signing.prepare(actor=actor, part_id=part_id, moment=now)
            return pages.see_other(request, "campaign_sign", session)
        if do == "accept_all":
            seen = _whole("seen").read(request.POST.get("seen", ""))
            taken = levels.accept_all(actor=actor, part_id=part_id, seen=int(seen or 0), moment=now)
            messages.success(request, f"Прийнято: {len(taken)}.")
            return pages.see_other(request, "campaign_part", part_id)
        if do == "recheck":
            return _rechecked(request, found)
        if do not in _ACTS:
            return pages.see_other(request, "campaign_part", part_id)
        command, kind, told = _ACTS[do]
        form = (kind or _VersionForm)(request.POST, prefix=do if kind else None)
        if not form.is_valid():
            return _page(request, found, wrong=(do, form))
        with pages.refusable(form) if kind else _plainly():  # type: ignore[arg-type]
            command(actor=actor, part_id=part_id, moment=now, **form.cleaned_data)
            messages.success(request, told)
            return pages.see_other(request, "campaign_part", part_id)
        return _page(request, selectors.part(actor, part_id), wrong=(do, form))
    except DomainError as no:
        pages.pass_on(no)
        return _page(request, selectors.part(actor, part_id), refusal=no)


class _VersionForm(forms.Form):
    version = forms.IntegerField()


class _plainly:  # noqa: N801 - stands where `pages.refusable` does
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def _rechecked(request: HouseRequest, found: CampaignPart) -> HttpResponse:
    """Count the report again from its kept rows and compare the bytes."""
    report = selectors.report(found)
    same = bytes(report.content or content.bytes_of(report, content.as_counted))
    if content.bytes_of(report) == same:
        messages.success(
            request, "Перераховано за збереженими рядками: збігається з поданим байт у байт."
        )
    else:
        messages.warning(
            request, "Перерахунок не збігається зі збереженим. Зверніться до підтримки."
        )
    return pages.see_other(request, "campaign_part", found.pk)


def _page(
    request: HouseRequest,
    found: CampaignPart,
    refusal: DomainError | None = None,
    wrong: tuple[str, forms.Form] | None = None,
) -> HttpResponse:
    actor, open_ = request.actor, found.campaign.state == "OPEN"
    steps = selectors.table_of(found)[found.state] if open_ else {}
    may = {
        **dict.fromkeys(("generate", "explain"), policies.prepare),
        **dict.fromkeys(("accept", "return", "settle"), policies.receive),
        "sign": policies.sign,
        "consolidate": policies.summarise,
    }
    acts = {do for do in steps if do in may and may[do].allows(actor, found)}
    if not found.is_school and "sign" in acts and selectors.signed_summary(found) is not None:
        acts.discard("sign")
    if "settle" in acts and found.unit.institution.status != "LIQUIDATED":
        acts.discard("settle")
    kinds = {"explain": ExplainForm, "return": ReturnForm, "settle": SettleForm}
    shown_forms = {
        do: kind(prefix=do, initial={"version": found.version}, auto_id=f"id_{do}_%s")
        for do, kind in kinds.items()
        if do in acts
    }
    bad = None
    if wrong is not None:
        bad = wrong[1]
        if wrong[0] in kinds:
            bad.auto_id = f"id_{wrong[0]}_%s"
            shown_forms[wrong[0]] = bad  # type: ignore[assignment]
    context: dict[str, Any] = {
        "part": found,
        "campaign": found.campaign,
        "tag": tag_of_part(found),
        "acts": acts,
        "forms": shown_forms,
        "wrong": bad,
        "refusal": refusal,
        "crumbs": crumbs(request, found),
        "split": "",
        "number": None,
    }
    context |= _of_school(request, found) if found.is_school else _of_level(request, found)
    status = refusal.http_status if refusal else 422 if bad is not None else 200
    return pages.page(request, "reports/campaigns/part.html", context, status=status)


def _of_school(request: HouseRequest, found: CampaignPart) -> dict[str, Any]:
    given = asked(request, _whole("number"))["number"]
    report = selectors.report(found, int(given) if given else None)
    return {
        "report": report,
        "number": report.number if report.number != found.number else None,
        "versions": selectors.versions(found),
        "tables": [
            _table(section, selectors.of_report(report, section)[1])
            for section in selectors.sections(found.campaign)
        ],
        "waits": report.signing_id if report.signing_id and not report.signed_at else None,
    }


def _of_level(request: HouseRequest, found: CampaignPart) -> dict[str, Any]:
    splits = selectors.splits(found)
    split = asked(request, code("split"))["split"]
    if split and split not in splits:
        raise NotFound
    rows = selectors.below(found)
    made = found.state in selectors.MADE
    sums, lag = replica.ask(
        lambda: [
            (section, selectors.of_summary(found, section, split))
            for section in (selectors.sections(found.campaign) if made else [])
        ],
        knows=lambda: selectors.is_as_seen(found),
    )
    return {
        "rows": rows,
        "signature": selectors.signed_summary(found) if made else None,
        "tag_of": tag_of_part,
        "ready": sum(row.part.state in {"SIGNED", "CONSOLIDATED"} for row in rows),
        "left": sum(row.part.state != "ACCEPTED" for row in rows),
        "made": made,
        "may_take": found.campaign.state == "OPEN"
        and policies.summarise.allows(request.actor, found),
        "split": split,
        "split_title": split_words(split),
        "pills": [
            {"label": split_words(one), "url": f"?split={one}" if one else "?", "count": found.places[one][0], "current": one == split}
            for one in ["", *splits]
        ]
        if made
        else [],
        "places": list(zip(xlsx.PLACES, found.places.get(split, ()), strict=False)) if made else [],
        "tables": [_table(section, of) for section, of in sums],
        "lag": lag,
    }  # fmt: skip


@require_GET
def download(request: HouseRequest, part_id: int) -> HttpResponse:
    """A report, or a summary with each of its parts, as XLSX.

    Raises:
        NotFound: no such part in reach, no such version, or a summary that is not made.
    """
    actor = request.actor
    found = selectors.part(actor, part_id)
    policies.read_part.require(actor, found)
    campaign = found.campaign
    day = f"станом на {campaign.as_of:%d.%m.%Y}"
    if found.is_school:
        number = asked(request, _whole("number"))["number"]
        report = selectors.report(found, int(number) if number else None)
        known = clock.local(report.made_at)
        signed = f"Підписано: {report.signer}." if report.signed_at else "Не підписано."
        about = [
            f"{campaign.title}. {found.unit.name}, {day}.",
            f"Версія {report.number}, за даними, відомими {known:%d.%m.%Y %H:%M}. {signed}",
        ]
        tables = [selectors.of_report(report, one)[1] for one in selectors.sections(campaign)]
        laid = [(table.form.short, table) for table in tables]
        content = xlsx.of_campaign(about, laid, [], made=report.made_at)
    else:
        if found.state not in selectors.MADE:
            raise NotFound
        summed = clock.local(found.moved_at)
        about = [
            f"76-РВК. Зведений звіт: {found.unit.name}, {day}.",
            f"{campaign.title}. Зведено {summed:%d.%m.%Y %H:%M}.",
        ]
        summary, _ = replica.ask(
            lambda: selectors.whole_summary(found), knows=lambda: selectors.is_as_seen(found)
        )
        laid = [
            (table.form.short + (f", {split_words(split)}" if split else ""), table)
            for (_, split), table in summary.items()
        ]
        places = [
            (split_words(split), found.places[split]) for split in ("", *selectors.splits(found))
        ]
        content = xlsx.of_campaign(about, laid, places, made=found.moved_at)
    what = "76-РВК" if not found.is_school else campaign.title
    return pages.file_answer(content, f"{what}, {found.unit.name}.xlsx", pages.XLSX)


# ── down to the rows ─────────────────────────────────────────────────────────
@require_GET
def cell(request: HouseRequest, part_id: int) -> HttpResponse:
    """What stands behind one figure: the parts below with their shares, or a school's rows."""
    actor = request.actor
    found = selectors.part(actor, part_id)
    policies.read_part.require(actor, found)
    given = asked(
        request,
        code("form"),
        words("row", 20),
        words("column", 20),
        code("split"),
        _whole("number"),
    )
    section = next(
        (one for one in selectors.sections(found.campaign) if one.form == given["form"]), None
    )
    if section is None:
        raise NotFound
    form = selectors.form_of(section)
    try:
        row, column = form.row(given["row"]), form.column(given["column"])
    except KeyError:
        raise NotFound from None
    line, axis = form.crossing(row.code, column.code)
    context: dict[str, Any] = {
        "part": found,
        "campaign": found.campaign,
        "form": form,
        "row": row,
        "column": column,
        "line": line,
        "among": form.axis.one.format(axis.title) if axis.at else form.axis.all,
        "key": form.key(row.code, column.code),
        "split": given["split"],
        "split_title": split_words(given["split"]) if given["split"] else "",
        "crumbs": [
            *crumbs(request, found),
            (found.unit.name, reverse("campaign_part", args=[found.pk])),
        ],
        "most": behind.MOST_ROWS,
    }
    if found.is_school:
        report = selectors.report(found, int(given["number"]) if given["number"] else None)
        run, values = selectors.of_report(report, section)
        context["behind"] = behind.behind(actor, run, found.unit, row.code, column.code)
    else:
        if given["split"] and given["split"] not in selectors.splits(found):
            raise NotFound
        values = selectors.of_summary(found, section, given["split"])
        context["parts"] = [
            (one, number(value))
            for one, value in selectors.cell_parts(
                found, section, row.code, column.code, given["split"]
            )
        ]
    value = values.cell(row.code, column.code)
    if value is None:
        raise NotFound
    context["value"] = number(value)
    return pages.page(request, "reports/campaigns/cell.html", context)


@require_GET
def compare(request: HouseRequest, part_id: int) -> HttpResponse:
    """Two versions of a report: the cells that differ; of one cell, who left and who came."""
    actor = request.actor
    found = selectors.part(actor, part_id)
    policies.read_part.require(actor, found)
    if not found.is_school:
        raise NotFound
    given = asked(
        request,
        _whole("older"),
        _whole("newer"),
        code("form"),
        words("row", 20),
        words("column", 20),
    )
    newer = selectors.report(found, int(given["newer"]) if given["newer"] else None)
    older = selectors.report(
        found, int(given["older"]) if given["older"] else newer.number - 1 or -1
    )
    context: dict[str, Any] = {
        "part": found,
        "campaign": found.campaign,
        "older": older,
        "newer": newer,
        "crumbs": [
            *crumbs(request, found),
            (found.unit.name, reverse("campaign_part", args=[found.pk])),
        ],
        "base": f"?older={older.number}&newer={newer.number}",
    }
    if given["form"]:
        context["moved"] = differences.rows_of(
            actor, older, newer, given["form"], given["row"], given["column"]
        )
        form = _section_form(newer, given["form"])
        context["cell"] = (
            f"{form.key(given['row'], given['column'])}: {form.row(given['row']).title}"
        )
    else:
        context["sections"] = differences.between(older, newer)
    return pages.page(request, "reports/campaigns/compare.html", context)


def _section_form(report: CampaignReport, form: str) -> definition.Form:
    sections = {one.form: one for one in selectors.sections(report.part.campaign)}
    return selectors.form_of(sections[form])
