"""Pages of what orders ask of other institutions: «Запити про переведених учнів»."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import HouseRequest
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked, one_of
from kernel.text import plural
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.forms import Form
from kernel.ui.listing import (
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    narrowable,
    order_of,
    pills,
)
from registry.drafts import services as drafts
from registry.orders import services as orders
from registry.orders.models import OrderTask
from registry.orders.selectors import asked as reads

_TAGS = {"OPEN": "heed", "OBJECTED": "bad", "DONE": "good", "CALLED_OFF": "off"}


class ObjectionForm(Form):
    """Which children should not have been taken over, and why. The rules are in the command, which
    tells every problem together."""

    rows = forms.MultipleChoiceField(label="Щодо кого", widget=forms.CheckboxSelectMultiple)
    objection = forms.ChoiceField(
        label="Підстава заперечення", choices=[("", "Виберіть"), *reads.OBJECTIONS.items()]
    )
    text = forms.CharField(
        label="Пояснення",
        required=False,
        help_text="До 500 знаків. Побачать заклад, що прийняв дитину, і орган управління освітою",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, shown: reads.View, **options: Any) -> None:
        super().__init__(*args, **options)
        open_ = [one for one in shown.rows if not (one.asked.done_by_id or one.asked.objection)]
        self.fields["rows"].choices = [(str(one.pk), one.row.full_name) for one in open_]  # type: ignore[attr-defined]
        if len(open_) == 1:
            self.initial["rows"] = [str(open_[0].pk)]


def _state(task: OrderTask) -> Tag:
    if task.state == "OPEN" and task.due_on < clock.today():
        return Tag("Прострочено", "bad")
    return Tag(reads.SHOWS[task.state.lower()], _TAGS[task.state])


_COLUMNS: list[Column[OrderTask]] = [
    Column(
        "asked",
        "Наказ про переведення",
        lambda task: Name(f"№ {task.order.number}", reverse("order_task", args=[task.pk])),
        width=20,
    ),
    Column("from", "Звідки", lambda task: task.for_institution.short_name, width=30),
    Column("to", "Куди", lambda task: task.by_institution.short_name, width=30),
    Column("rows", "Учнів", lambda task: task.rows_count, kind="num"),
    Column("due", "Наказ до", lambda task: task.due_on, kind="nw"),
    Column("state", "Стан", _state, width=20),
]


@narrowable
@require_GET
def listing(request: HouseRequest) -> HttpResponseBase:
    """What is asked within reach, the soonest due first unless told otherwise."""
    actor, today = request.actor, clock.today()
    given = asked(request, one_of("show", reads.SHOWS), order_of(reads.ORDERS, reads.USUAL), FILE)
    show, order = given["show"], given["order"]
    address = Address(request, ("show", "order"))

    def read(mark: str | None = None, **how: Any) -> Page[Any]:
        return reads.listing(actor, show, today, **{"after": mark, "order": order, **how})

    shown = Listing(
        address,
        "Запити про переведених учнів",
        _COLUMNS,
        (),
        orders=reads.ORDERS,
        order=order,
        most=MOST,
        chips=chips(address, [Facet("show", "Показано", list(reads.SHOWS.items()))]),
        clear=address.with_(show=""),
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK))
        return files.answer(given["file"], shown, rows, actor=actor, now=moment().now)
    found = read(**asked(request, *MARKS))
    counts = reads.counts(actor, today)
    return pages.page(
        request,
        "registry/task_list.html",
        {
            "list": shown.at(found),
            "pills": pills(address, "show", {"": "Усі", **reads.SHOWS}, show, counts),
        },
    )


@require_GET
def detail(request: HouseRequest, task_id: int) -> HttpResponse:
    """Whom another school's order took over, and what is to be done about it."""
    shown = reads.view(request.actor, task_id, clock.today())
    return _page(request, shown, ObjectionForm(shown=shown))


def _page(request: HouseRequest, shown: reads.View, form: ObjectionForm) -> HttpResponse:
    task = shown.task
    return pages.page(
        request,
        "registry/task.html",
        {
            "shown": shown,
            "task": task,
            "form": form,
            "tag": _state(task),
            "objections": reads.OBJECTIONS,
            "may_answer": shown.answers and any(one.waits for one in shown.rows),
            "receives": task.order.institution_id in request.actor.scope.keys,
        },
        status=422 if form.errors else 200,
    )


@require_POST
def object_to(request: HouseRequest, task_id: int) -> HttpResponse:
    """Say that some of them should not have been taken over."""
    shown = reads.view(request.actor, task_id, clock.today())
    form = ObjectionForm(request.POST, shown=shown)
    chosen = [one.pk for one in shown.rows if str(one.pk) in request.POST.getlist("rows")]
    try:
        orders.object_to(
            actor=request.actor,
            task_id=task_id,
            rows=chosen,
            objection=request.POST.get("objection", ""),
            text=request.POST.get("text", ""),
            moment=moment(),
        )
    except DomainError as no:
        pages.pass_on(no)
        form.errors.clear()
        form.refuse(no)
        return _page(request, shown, form)
    children = plural(len(chosen), "дитини", "дітей", "дітей")
    messages.success(
        request,
        f"Заперечення щодо {len(chosen)} {children} надіслано закладу та органу управління освітою.",
    )
    return pages.see_other(request, "order_task", task_id)


@require_POST
def answer(request: HouseRequest, task_id: int) -> HttpResponse:
    """Begin the order about everybody of the task who has none yet."""
    shown = reads.view(request.actor, task_id, clock.today())
    draft = drafts.start(
        actor=request.actor,
        institution_id=shown.task.for_institution_id,
        process=shown.task.process,
        keys=[str(one.pk) for one in shown.rows if one.waits],
        moment=moment(),
    )
    return pages.see_other(request, "draft_detail", draft.process, draft.pk)
