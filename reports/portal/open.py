"""«Відкриті дані»: sets for anybody, their issues and files; publishing and taking back by the ministry."""

from __future__ import annotations

import uuid

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import HouseRequest
from accounts.middleware import public
from kernel import clock, jobs, replica, turns
from kernel.errors import NotFound
from kernel.paging import Page
from kernel.parameters import MARKS, asked, identifier
from kernel.tables import dates
from kernel.text import plural
from kernel.ui import pages
from kernel.ui.forms import Form
from kernel.ui.helpers import number
from kernel.ui.listing import Address, Column, Listing, Name, Tag, pager
from reports import policies, tasks
from reports.models import OpenIssue
from reports.open import catalogue, datasets, formats
from reports.selectors import open as reads
from reports.services import open as commands

SERVICE = "Відкриті дані"
KINDS = {"csv": "text/csv; charset=utf-8; header=present", "json": "application/json"}
PREVIEW = 8  # columns described before the rest is unfolded
FILES_IN_TEN_MINUTES = 120  # of one network: every issue of ten years, and again
ISSUES = 50  # of a page of what was asked for


class PublishForm(Form):
    """Which set, and of a form which run."""

    what = forms.ChoiceField(label="Що оприлюднити")


class WithdrawForm(Form):
    """Why an issue is taken back."""

    reason = forms.CharField(
        label="Чому відкликано",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": "3"}),
        help_text="побачать усі на сторінці набору",
    )


# ── in public ────────────────────────────────────────────────────────────────
@public
@require_safe
def open_data(request: HouseRequest) -> HttpResponse:
    """All sets with their latest issue, and the catalogue for machines."""
    return pages.page(
        request,
        "reports/open/list.html",
        {
            "sets": reads.announced(),
            "licence": (datasets.LICENCE_WORDS, datasets.LICENCE),
            "forms": list(catalogue.FORMS),
            "publishes": policies.publish_open_data.allows(request.actor)
            if request.actor
            else False,
        },
    )


@public
@require_safe
def open_data_set(request: HouseRequest, code: str) -> HttpResponse:
    """A set: what it holds, its columns, every issue with files and digests."""
    found = reads.of(code)
    latest = found.latest
    fields = reads.fields(latest) if latest else []
    return pages.page(
        request,
        "reports/open/set.html",
        {
            "set": found.dataset,
            "latest": latest,
            "issues": found.issues,
            "few": fields[:PREVIEW],
            "rest": fields[PREVIEW:],
            "kinds": {
                "string": "текст",
                "integer": "ціле число",
                "boolean": "true або false",
                "date": "дата",
                "anyURI": "адреса",
            },
            "licence": (datasets.LICENCE_WORDS, datasets.LICENCE),
            "key": ", ".join(found.dataset.key),
            "publishes": policies.publish_open_data.allows(request.actor)
            if request.actor
            else False,
            "crumbs": [(SERVICE, reverse("open_data"))],
        },
    )


@public
@require_safe
def open_data_file(request: HouseRequest, code: str, number: int, kind: str) -> HttpResponse:
    """A file of an issue as it was published, or the description of its columns (CSVW).

    An issue never changes, so a reader that has it is answered without reading it again; one that
    was taken back is gone (410).

    Raises:
        TooOften: this network took many files already; what it has not changed since costs nothing.
    """
    dataset, issue = reads.issue(code, number)
    if issue.withdrawn_at is not None:
        return pages.page(
            request,
            "reports/open/gone.html",
            {"set": dataset, "issue": issue, "crumbs": [(SERVICE, reverse("open_data"))]},
            status=410,
        )
    if kind == "schema":
        address = request.build_absolute_uri(reverse("open_data_file", args=[code, number, "csv"]))
        body = formats.metadata(
            dataset.title, dataset.about, address, dataset.key, reads.fields(issue)
        )
        return HttpResponse(body, content_type="application/csvm+json", headers=_OPEN)
    etag = f'"{reads.digest(issue, kind).hex()}"'
    headers = {**_OPEN, "ETag": etag}
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    turns.count("open", turns.network(request.META.get("REMOTE_ADDR")), FILES_IN_TEN_MINUTES, 600)
    packed, _ = replica.ask(
        lambda: reads.packed(issue, kind), knows=lambda: reads.is_composed(issue)
    )
    name = f"{code}-{number}.{kind}"
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        answer = pages.file_answer(packed, name, KINDS[kind])
        answer["Content-Encoding"] = "gzip"
    else:
        answer = pages.file_answer(formats.unpacked(packed), name, KINDS[kind])
    for header, value in (*headers.items(), ("Vary", "Accept-Encoding")):
        answer[header] = value
    return answer


# Anybody's page may read it (fetch from another site): it is for everybody, and no visit is asked.
_OPEN = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}


@public
@require_safe
def open_data_catalogue(request: HttpRequest, form: str) -> HttpResponse:
    """The catalogue by DCAT-AP, for portals of open data."""
    if form not in catalogue.FORMS:
        raise NotFound
    body = catalogue.of(
        reads.announced(),
        lambda name, *args: request.build_absolute_uri(reverse(name, args=args)),
        publisher=reads.publisher(),
        email=settings.SUPPORT_EMAIL,
        form=form,
    )
    return HttpResponse(
        body, content_type=f"{catalogue.FORMS[form][1]}; charset=utf-8", headers=_OPEN
    )


# ── the ministry ─────────────────────────────────────────────────────────────
def _set(issue: OpenIssue) -> str:
    try:
        return datasets.of(issue.dataset).title
    except KeyError:
        return issue.dataset


def _issue_state(issue: OpenIssue) -> Tag:
    if issue.withdrawn_at is not None:
        return Tag("Відкликано", "off")
    if issue.state == "DONE" and issue.same_as is not None:
        return Tag(f"Без змін: такий самий, як випуск {issue.same_as.number}", "note")
    if issue.state == "DONE":
        return Tag(f"Оприлюднено: випуск {issue.number}", "good")
    if issue.state == "FAILED":
        return Tag(issue.failure or "Не вдалося", "bad")
    if issue.state == "CANCELLED":
        return Tag("Зупинено", "off")
    return Tag("Готується", "note")


def _rows_of(issue: OpenIssue) -> str:
    if issue.state != "DONE":
        return ""
    many = f"{number(issue.rows)} {plural(issue.rows, 'рядок', 'рядки', 'рядків')}"
    return f"{many}, приховано {number(issue.hidden)}" if issue.hidden else many


def _take_back(issue: OpenIssue) -> Name | None:
    if issue.number is None or issue.withdrawn_at is not None:
        return None
    return Name("Відкликати", reverse("open_data_withdraw", args=[issue.pk]), aloud=_set(issue))


_COLUMNS: list[Column[OpenIssue]] = [
    Column(
        "set",
        "Набір",
        lambda one: Name(_set(one), reverse("open_data_set", args=[one.dataset])),
        width=44,
    ),
    Column("as_of", "Станом на", lambda one: one.as_of, kind="nw"),
    Column("asked", "Замовлено", lambda one: one.created_at, kind="nw"),
    Column(
        "who",
        "Хто замовив",
        lambda one: one.requested_by.user.short_name if one.requested_by else "",
        width=24,
        empty="система",
    ),
    Column("state", "Стан", _issue_state, width=40),
    Column("rows", "Рядків", _rows_of, width=24),
    Column("act", "Дії", _take_back),
]


@require_http_methods(["GET", "HEAD", "POST"])
def open_data_publish(request: HouseRequest) -> HttpResponseBase:
    """Publish a set anew; what was published and by whom."""
    actor = request.actor
    policies.publish_open_data.require(actor)
    if "do" in request.POST:
        return _steered(request)
    form = PublishForm(request.POST or None)
    form.fields["what"].choices = _choices()  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        dataset, _, run_id = form.cleaned_data["what"].partition("/")
        with pages.refusable(form):
            issue = commands.publish(
                actor=actor, dataset=dataset, run_id=run_id or None, now=timezone.now()
            )
            jobs.start(tasks.compose_open, str(issue.pk))
            messages.success(request, "Набір готують. Стан видно в переліку нижче.")
            return pages.see_other(request, "open_data_publish")
    address = Address(request, ())
    page: Page[OpenIssue] = reads.asked(ISSUES, **asked(request, *MARKS))
    shown = Listing(address, "Випуски", _COLUMNS, page.rows, pager=pager(address, page))
    return pages.form_page(
        request,
        "reports/open/publish.html",
        form,
        {
            "list": shown,
            "unfinished": [(one, _set(one)) for one in reads.unfinished(timezone.now())],
            "choices": bool(form.fields["what"].choices),  # type: ignore[attr-defined]
            "crumbs": [(SERVICE, reverse("open_data"))],
        },
    )


def _steered(request: HouseRequest) -> HttpResponse:
    """Stop an issue under way, or compose one that was stopped."""
    issue_id = identifier("issue").read(request.POST.get("issue", ""))
    if issue_id is None:
        raise NotFound
    how = {"actor": request.actor, "issue_id": issue_id, "now": timezone.now()}
    if request.POST["do"] == "stop":
        commands.stop(**how)
        messages.success(request, "Підготовку набору зупинено.")
    else:
        commands.go_on(**how)
        jobs.start(tasks.compose_open, str(issue_id))
        messages.success(request, "Набір готують. Стан видно в переліку нижче.")
    return pages.see_other(request, "open_data_publish")


def _choices() -> list[tuple[str, str]]:
    found = []
    for one in datasets.every():
        if not one.form:
            found.append((one.code, one.title))
            continue
        found += [
            (
                f"{one.code}/{run.pk}",
                f"{one.title}, станом на {dates.show(run.as_of)} (звіт від {dates.show(clock.day_of(run.created_at))})",
            )
            for run in reads.runs_of(one.form)[:5]
        ]
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def open_data_withdraw(request: HouseRequest, issue_id: uuid.UUID) -> HttpResponse:
    """Take an issue back: the page asks why."""
    policies.publish_open_data.require(request.actor)
    issue = reads.withdrawable(issue_id)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            commands.withdraw(
                actor=request.actor,
                issue_id=issue.pk,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
            messages.success(request, "Випуск відкликано. Файли більше не видають.")
            return pages.see_other(request, "open_data_publish")
    return pages.form_page(
        request,
        "reports/open/withdraw.html",
        form,
        {
            "issue": issue,
            "title": _set(issue),
            "crumbs": [
                (SERVICE, reverse("open_data")),
                ("Оприлюднення", reverse("open_data_publish")),
            ],
        },
    )
