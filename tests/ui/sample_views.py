"""Pages that exist for the tests of the visual layer: a grid, a draft, a form, refusals of each kind."""

import threading
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from kernel import clock
from kernel.errors import DomainError, NotAllowed, NotFound, StaleVersion
from kernel.ui import pages, views
from kernel.ui.forms import DateField, Form
from tests.kit.waiting import LONG
from tests.ui.drawing import draw


def page(
    request: HttpRequest, body: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    markup = (
        '{% extends "ui/base.html" %}{% block title %}Проба{% endblock %}'
        '{% block content %}{{ c.toolbar(title="Проба") }}' + body + "{% endblock %}"
    )
    return HttpResponse(draw(markup, request, **context), status=status)


class Taken(DomainError):
    code = "taken"
    title = "Такий номер уже є"


class SampleForm(Form):
    number = forms.CharField(label="Номер наказу")
    signed_on = DateField(label="Дата наказу")
    kind = forms.ChoiceField(
        label="Вид", choices=[("a", "Перший"), ("b", "Другий")], widget=forms.RadioSelect
    )
    note = forms.CharField(label="Примітка", required=False, help_text="Необовʼязково")


FORM = """<form method="post" novalidate id="f" class="ak-stack"
 hx-post="{{ request.path }}" hx-target="#f" hx-swap="outerHTML" hx-select="#f">{{ csrf_input }}{{ form }}
<div>{% call c.button() %}Далі{% endcall %}</div></form>"""


@views.open_to_all
def form(request: HttpRequest) -> HttpResponse:
    shown = SampleForm(request.POST or None)
    if request.method == "POST" and shown.is_valid():
        if shown.cleaned_data["number"] == "1":
            shown.refuse(Taken("Номер 1 уже має інший наказ", field="number"))
        else:
            return pages.see_other(request, "test_list")
    return page(request, FORM, {"form": shown}, status=pages.form_status(shown))


@views.open_to_all
def refused(request: HttpRequest, kind: str) -> HttpResponse:
    raise {
        "hidden": NotFound("Учня приховано, бо він з іншої школи"),
        "not-allowed": NotAllowed("Підписує лише керівник закладу"),
        "stale": StaleVersion(),
    }[kind]


@views.open_to_all
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a bug")


# ── a grid kept in memory ────────────────────────────────────────────────────
COLUMNS = {"surname": "Прізвище", "given": "Імʼя", "born": "Дата народж."}


@dataclass
class Row:
    id: str
    values: dict[str, str]
    version: int = 1

    @property
    def cells(self) -> list[dict[str, str]]:
        return [
            {
                "name": name,
                "label": COLUMNS[name],
                "value": value,
                "wrong": "Такої дати немає" if name == "born" and value.startswith("31.02") else "",
            }
            for name, value in self.values.items()
        ]


@dataclass
class Store:
    rows: list[Row] = field(default_factory=list)
    posts: list[dict[str, str]] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)  # answers are given once set
    fail: int = 0
    busy: int = 0
    draft: dict[str, str] = field(default_factory=dict)
    draft_version: int = 1
    draft_posts: list[dict[str, str]] = field(default_factory=list)
    sent: int = 0
    sent_version: str = ""
    closed: bool = False

    def reset(self) -> None:
        self.__init__()  # type: ignore[misc]
        self.go.set()
        for number, (surname, given) in enumerate(
            [
                ("Василенко", "Іван"),
                ("Вишневський", "Дмитро"),
                ("Гнатюк", "Олег"),
                ("Ґудзь", "Лілія"),
            ]
        ):
            values = {"surname": surname, "given": given, "born": "10.09.2015"}
            self.rows.append(Row(str(number + 2), values))
        self.rows[2].values["born"] = "31.02.2016"


store = Store()
store.reset()

ROW = """<tr data-ak-row="{{ row.id }}" data-ak-version="{{ row.version }}"><th scope="row">{{ row.id }}</th>{% for cell in row.cells %}<td data-l="{{ cell.label }}"{% if cell.wrong %} class="is-bad"{% endif %}><input name="{{ cell.name }}" value="{{ cell.value }}" aria-label="{{ cell.label }}, рядок {{ row.id }}"{% if cell.wrong %} aria-invalid="true" aria-describedby="m{{ row.id }}"{% endif %}>{% if cell.wrong %}<p class="ak-cellmsg" id="m{{ row.id }}">{{ c.icon("err") }}<span>{{ cell.wrong }} <button type="button" class="ak-link" data-ak-put="29.02.2016">поставити 29.02.2016</button></span></p>{% endif %}</td>{% endfor %}</tr>"""
GRID = (
    """<p id="count">{{ wrong }}</p>{{ c.saved() }}
{% call c.table(grid=true, scroll="both", caption="Проба", data_ak_grid=true, data_ak_save_url="/test/grid/save/") %}<thead><tr><th scope="col">№</th><th scope="col">Прізвище</th><th scope="col">Імʼя</th><th scope="col">Дата народж.</th></tr></thead><tbody>{% for row in rows %}"""
    + ROW
    + "{% endfor %}</tbody>{% endcall %}"
)


def wrong() -> int:
    return sum(bool(cell["wrong"]) for row in store.rows for cell in row.cells)


@views.open_to_all
def grid(request: HttpRequest) -> HttpResponse:
    return page(request, GRID, {"rows": store.rows, "wrong": wrong()})


def render_row(row: Row) -> str:
    return draw(ROW, row=row)


def troubled() -> HttpResponse | None:
    """The answer of a server that fails, or that is busy and says when to ask again."""
    if store.fail:
        store.fail -= 1
        return HttpResponse(status=503)
    if store.busy:
        store.busy -= 1
        return HttpResponse("зайнято", status=503, headers={"Retry-After": "1"})
    return None


@views.open_to_all
def grid_save(request: HttpRequest) -> HttpResponse:
    store.go.wait(LONG)
    if refusal := troubled():
        return refusal
    posted = {key: value for key, value in request.POST.items() if key != "csrfmiddlewaretoken"}
    store.posts.append(posted)
    if posted.get("paste"):
        start = next(i for i, row in enumerate(store.rows) if row.id == posted["start_row"])
        names = list(COLUMNS)
        first = names.index(posted["start_column"])
        for down, line in enumerate(posted["cells"].split("\n")):
            if start + down >= len(store.rows):
                store.rows.append(Row(str(len(store.rows) + 2), dict.fromkeys(COLUMNS, "")))
            row = store.rows[start + down]
            for across, value in enumerate(line.split("\t")):
                row.values[names[first + across]] = value
            row.version += 1
        body = "<tbody>" + "".join(render_row(row) for row in store.rows) + "</tbody>"
        return HttpResponse(body + f'<p id="count" hx-swap-oob="true">{wrong()}</p>')
    row = next(row for row in store.rows if row.id == posted["row"])
    status = 200
    if posted["version"] != str(row.version):
        status = 409
    else:
        for name in COLUMNS:
            if name in posted:
                row.values[name] = (
                    posted[name].strip().capitalize() if name != "born" else posted[name]
                )
        row.version += 1
    return HttpResponse(
        render_row(row) + f'<p id="count" hx-swap-oob="true">{wrong()}</p>', status=status
    )


# ── a draft kept in memory ───────────────────────────────────────────────────
DRAFT = """{{ c.saved(what="Чернетку збережено") }}
<form method="post" action="/test/slow/" data-ak-autosave="/test/draft/save/" data-ak-key="draft" class="ak-stack">{{ csrf_input }}
<input type="hidden" name="version" value="{{ version }}">
{{ c.input(label="Прізвище", name="surname", value=surname) }}{{ c.input(label="Імʼя", name="given", value=given) }}
<div>{% call c.button() %}Далі{% endcall %}</div></form>"""


@views.open_to_all
def draft(request: HttpRequest) -> HttpResponse:
    shown = {"version": store.draft_version, "surname": "", "given": "", **store.draft}
    return page(request, DRAFT, shown)


@views.open_to_all
def draft_save(request: HttpRequest) -> HttpResponse:
    store.go.wait(LONG)
    if refusal := troubled():
        return refusal
    if store.closed:
        return HttpResponse(status=302, headers={"Location": "/test/list/"})
    posted = request.POST.dict()
    store.draft_posts.append(posted)
    if posted["version"] != str(store.draft_version):
        return HttpResponse("", status=409)
    for name in posted["changed"].split(","):
        store.draft[name] = posted.get(name, "")
    store.draft_version += 1
    return HttpResponse("", headers={"X-Version": str(store.draft_version)})


@views.open_to_all
def slow(request: HttpRequest) -> HttpResponse:
    """Takes its time: what a second press of the button would send twice."""
    store.go.wait(LONG)
    store.sent += 1
    store.sent_version = request.POST.get("version", "")
    return page(
        request, "<p>Прийнято о {{ at }}</p>", {"at": clock.local(timezone.now()).isoformat()}
    )


HTMX = """<form method="post" action="/test/slow/" hx-post="/test/slow/" hx-target="#out" hx-swap="innerHTML" hx-select="main p">{{ csrf_input }}{% call c.button() %}Далі{% endcall %}</form><div id="out"></div>"""


@views.open_to_all
def by_htmx(request: HttpRequest) -> HttpResponse:
    return page(request, HTMX, {})


LIST = """<form method="post" action="/test/slow/">{{ csrf_input }}{% call c.table(cards=true, caption="Учні") %}<thead><tr>{{ c.tick(all=true, label="Вибрати всіх") }}<th scope="col">Хто</th></tr></thead>
<tbody>{% for n in "12345" %}<tr>{{ c.tick(name="p", value=n, label="Вибрати: " ~ n) }}<th scope="row">Учень {{ n }}</th></tr>{% endfor %}</tbody>{% endcall %}
{% call c.bulk_bar() %}{% call c.button() %}Перевести{% endcall %}{% endcall %}</form>"""


@views.open_to_all
def rows(request: HttpRequest) -> HttpResponse:
    return page(request, LIST, {})
