"""«Оголошення»: received and sent, a new one, its page, who has read it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.announcements import policies, selectors, services
from accounts.announcements.models import CONFIRMED, READ, Announcement
from accounts.http import HouseRequest
from accounts.models import Grant
from accounts.roles import Role
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError
from kernel.paging import every
from kernel.parameters import MARKS, asked, flag, one_of
from kernel.text import phones, plural
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.forms import DateField, Form
from kernel.ui.listing import (
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    order_of,
    pager,
    pills,
    seal,
)

TITLE = "Оголошення"
_BOXES = {"received": "Отримані", "sent": "Надіслані"}


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(TITLE, reverse("announcements")), *more]


# ── the lists ────────────────────────────────────────────────────────────────
def _name(one: Announcement) -> Name:
    return Name(one.title, reverse("announcement", args=[one.pk]))


def _my_state(one: Any) -> Tag:
    if one.withdrawn_at:
        return Tag("Відкликано", "off")
    if not one.is_read:
        return Tag("Нове", "heed")
    if one.asks and not one.is_confirmed:
        return Tag("Підтвердьте ознайомлення", "heed")
    return Tag("Ознайомлено" if one.is_confirmed else "Прочитано", "good")


def _sent_state(one: Announcement) -> Tag:
    return Tag("Відкликано", "off") if one.withdrawn_at else Tag("Надіслано", "good")


def words_of(one: Announcement) -> str:
    """For whom an announcement is, in words."""
    roles = "; ".join(Role(role).label for role in Role.values if role in one.roles)
    return f"{roles}: {one.unit.name}" if one.unit_id != one.sender_unit_id else roles


_TITLE = Column[Announcement]("title", "Про що", _name, width=50)
_SENT = Column[Announcement](
    "sent", "Надіслано", lambda one: clock.day_of(one.sent_at), kind="nw", width=14
)
_RECEIVED = [
    _TITLE,
    Column("from", "Від кого", lambda one: one.sender_unit.name, width=40),
    _SENT,
    Column("due", "Відповісти до", lambda one: one.due_on, kind="nw"),
    Column("state", "Стан", _my_state),
]
_BY_US = [
    _TITLE,
    Column("whom", "Кому", words_of, width=50),
    _SENT,
    Column("due", "Відповісти до", lambda one: one.due_on, kind="nw"),
    Column("state", "Стан", _sent_state),
]


@never_cache
@require_http_methods(["GET", "HEAD"])
def listing(request: HouseRequest) -> HttpResponseBase:
    """What one was told, or what one's level sent."""
    actor = request.actor
    may_send = policies.announce.allows(actor)
    given = asked(
        request, one_of("box", _BOXES), order_of(selectors.ORDERS, selectors.LATEST), FILE
    )
    is_sent = given["box"] == "sent" and may_send
    address = Address(request, ("box", "order"))
    read = selectors.sent if is_sent else selectors.received
    shown = Listing(
        address,
        "Надіслані оголошення" if is_sent else "Отримані оголошення",
        _BY_US if is_sent else _RECEIVED,
        (),
        orders=selectors.ORDERS,
        order=given["order"],
        most=MOST,
    )
    if given["file"]:
        rows = every(
            lambda mark: read(actor, order=given["order"], after=mark, size=selectors.CHUNK)
        )
        return files.answer(given["file"], shown, rows, actor=actor, now=moment().now)
    found = read(actor, order=given["order"], **asked(request, *MARKS))
    shown = shown.at(found)
    pills = [
        {"label": label, "url": address.with_(box=key), "current": (key == "sent") == is_sent}
        for key, label in _BOXES.items()
    ]
    return pages.page(
        request,
        "accounts/announcements/list.html",
        {"list": shown, "pills": pills if may_send else (), "may_send": may_send, "sent": is_sent},
    )


# ── a new one ────────────────────────────────────────────────────────────────
class AnnouncementForm(Form):
    """What is told, to whom."""

    expected = frozenset({"title", "text", "roles"})
    id = forms.UUIDField(widget=forms.HiddenInput)
    roles = forms.MultipleChoiceField(
        label="Кому", required=False, widget=forms.CheckboxSelectMultiple
    )
    unit = forms.ChoiceField(label="Де", required=False)
    title = forms.CharField(
        label="Про що", required=False, help_text="Кількома словами: цей рядок побачать у листі."
    )
    text = forms.CharField(label="Текст", required=False, widget=forms.Textarea(attrs={"rows": 10}))
    asks = forms.BooleanField(
        label="Просити підтвердити ознайомлення",
        required=False,
        help_text="Буде видно, хто підтвердив, а хто лише прочитав.",
    )
    due_on = DateField(label="Підтвердити до", required=False)

    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["roles"].choices = [  # type: ignore[attr-defined]
            (role.value, role.label) for role in policies.readers(actor)
        ]
        below = selectors.nodes_below(actor)
        self.fields["unit"].choices = [  # type: ignore[attr-defined]
            ("", "Усюди, де ми керуємо"),
            *((str(one.uid), one.name) for one in below),
        ]
        if not below:
            del self.fields["unit"]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HouseRequest) -> HttpResponse:
    """Write, look at it with the number of readers, send."""
    actor = request.actor
    policies.announce.require(actor)
    if request.method == "POST":
        form = AnnouncementForm(request.POST, actor=actor)
        if form.is_valid():
            data = form.cleaned_data
            with pages.refusable(form):
                made = services.announce(
                    actor=actor,
                    announcement_id=data["id"],
                    unit=uuid.UUID(data["unit"]) if data.get("unit") else None,
                    roles=data["roles"],
                    title=data["title"],
                    text=data["text"],
                    asks=data["asks"],
                    due_on=data["due_on"],
                    moment=moment(),
                )
                number = selectors.readers(made).count()
                people = plural(number, "людина", "людини", "людей")
                messages.success(request, f"Надіслано. Прочитати мають {number} {people}.")
                return pages.see_other(request, "announcement", announcement_id=made.pk)
    else:
        form = AnnouncementForm(actor=actor, initial={"id": uuid.uuid4()})
    context = {"title": "Нове оголошення", "crumbs": crumbs()}
    return pages.form_page(request, "accounts/announcements/new.html", form, context)


# ── one ──────────────────────────────────────────────────────────────────────
_ANSWER_STATES = {"NONE": "heed", READ: "plain", CONFIRMED: "good"}


def _answer(grant: Any) -> Tag:
    if grant.confirmed_at:
        return Tag(f"Ознайомлено {clock.local(grant.confirmed_at):%d.%m.%Y %H:%M}", "good")
    if grant.opened_at:
        return Tag(f"Прочитано {clock.local(grant.opened_at):%d.%m.%Y %H:%M}", "plain")
    return Tag("Ще не прочитано", "heed")


_READERS: list[Column[Grant]] = [
    Column("name", "Прізвище, імʼя, по батькові", lambda grant: grant.user.full_name, width=40),
    Column("role", "Роль", lambda grant: grant.role_label, width=30),
    Column("unit", "Заклад чи орган", lambda grant: grant.unit.name, width=40),
    Column("phone", "Телефон", lambda grant: phones(grant.user.phone or ""), kind="nw"),
    Column("state", "Відповідь", _answer, width=30),
]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HouseRequest, announcement_id: uuid.UUID) -> HttpResponseBase:
    """The announcement; to the level that sent it, who has read it. A POST is about chosen readers."""
    actor = request.actor
    shown = selectors.view(actor, announcement_id)
    one = shown.announcement
    context: dict[str, Any] = {
        "one": one,
        "shown": shown,
        "whom": words_of(one),
        "paragraphs": [part for part in one.text.split("\n") if part],
        "crumbs": crumbs(),
        "list": None,
    }
    if shown.is_sender:
        answer = _answers(request, one, context)
        if answer is not None:
            return answer
    if shown.is_reader and not shown.is_read:
        services.read(actor=actor, announcement_id=one.pk, moment=moment())
    return pages.page(request, "accounts/announcements/detail.html", context)


def _answers(
    request: HouseRequest, one: Announcement, context: dict[str, Any]
) -> HttpResponseBase | None:
    """Put the list of readers into the page; a file of it when that is asked."""
    actor = request.actor
    states = {key: label for key, label in selectors.STATES.items() if one.asks or key != CONFIRMED}
    given = asked(
        request, one_of("state", states), order_of(selectors.READERS, "name"), FILE, flag("all")
    )
    state, order = given["state"], given["order"]
    address = Address(request, ("state", "order"))
    found = selectors.answers(one, state, order=order, **asked(request, *MARKS))
    counts = selectors.counts(one)
    total = sum(counts.values())
    listed = Listing(
        address,
        f"Хто прочитав: {one.title}",
        _READERS,
        found.rows,
        pager=pager(address, found),
        orders=selectors.READERS,
        order=order,
        key=lambda grant: str(grant.uid),
        acts=files.acts(address.with_()),
        total=counts[state] if state else total,
        everything=seal(selectors.keys(one, state)) if given["all"] else "",
        most=MOST,
        chips=chips(address, [Facet("state", "Відповідь", list(states.items()))]),
        clear=address.with_(state=""),
    )
    answer = files.asked_for(
        request,
        listed,
        lambda only: selectors.everybody(one, state, order=order, only=only),
        actor=actor,
        matching=lambda: selectors.keys(one, state),
    )
    context |= {
        "list": listed,
        "every": total,
        "answered": counts[CONFIRMED] if one.asks else total - counts["NONE"],
        "pills": pills(address, "state", {"": "Усі", **states}, state, {**counts, "": total}),
    }
    return answer


@require_POST
def confirm(request: HouseRequest, announcement_id: uuid.UUID) -> HttpResponse:
    """«Ознайомлено»."""
    try:
        services.confirm(actor=request.actor, announcement_id=announcement_id, moment=moment())
        messages.success(request, "Дякуємо: ознайомлення підтверджено.")
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, f"{no.title}. {no.detail}")
    return pages.see_other(request, "announcement", announcement_id=announcement_id)


@require_POST
def remind(request: HouseRequest, announcement_id: uuid.UUID) -> HttpResponse:
    """Tell those who have not answered once more."""
    try:
        number = services.remind(
            actor=request.actor, announcement_id=announcement_id, moment=moment()
        )
        people = plural(number, "людині", "людям", "людям")
        messages.success(request, f"Нагадали {number} {people}: сповіщенням і листом.")
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, f"{no.title}. {no.detail}")
    return pages.see_other(request, "announcement", announcement_id=announcement_id)


class WithdrawForm(Form):
    """Why it holds no more."""

    expected = frozenset({"why"})
    why = forms.CharField(
        label="Чому відкликаєте",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Це побачать усі, кому надіслано.",
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HouseRequest, announcement_id: uuid.UUID) -> HttpResponse:
    """A reason, one button."""
    actor = request.actor
    one = selectors.sent_by(actor, announcement_id)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            services.withdraw(
                actor=actor,
                announcement_id=one.pk,
                why=form.cleaned_data["why"],
                moment=moment(),
            )
            messages.success(request, "Оголошення відкликано.")
            return pages.see_other(request, "announcement", announcement_id=one.pk)
    back = reverse("announcement", args=[one.pk])
    context = {"one": one, "back": back, "crumbs": crumbs((one.title, back))}
    return pages.form_page(request, "accounts/announcements/withdraw.html", form, context)
