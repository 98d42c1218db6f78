"""«Хвилі активації»: whose people come in from which day on, how far each wave is, reminders."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import policies
from accounts.http import HouseRequest
from accounts.models import Wave
from accounts.portal.users import crumbs
from accounts.selectors import waves
from accounts.services import waves as services
from kernel import clock
from kernel.errors import DomainError
from kernel.text import plural
from kernel.ui import pages
from kernel.ui.forms import DateField, Form
from kernel.ui.listing import Address, Column, Listing, Name, Tag

TITLE = "Хвилі активації"
_STATES = {"ahead": ("Попереду", "off"), "open": ("Триває", "good"), "over": ("Минула", "plain")}
SHOWN_REGIONS = 4


class WaveForm(Form):
    """A wave: its days and regions."""

    name = forms.CharField(label="Назва", max_length=120, help_text="Захід, перша хвиля")
    opens_on = DateField(label="Перший день")
    closes_on = DateField(
        label="Останній день", help_text="До цього дня мають увійти всі; пізніше теж впустимо"
    )
    units = forms.MultipleChoiceField(
        label="Області", required=False, widget=forms.CheckboxSelectMultiple
    )
    codes = forms.CharField(
        label="Інші органи",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="ЄДРПОУ районів чи громад через кому, якщо вони входять окремо від області",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        if regions:
            self.fields["units"].choices = regions  # type: ignore[attr-defined]
        else:
            del self.fields["units"]

    def clean_codes(self) -> list[str]:
        """Public ids of the authorities of these codes."""
        found, unknown = waves.by_codes(self.cleaned_data["codes"])
        if unknown:
            raise forms.ValidationError(
                f"Органу з таким ЄДРПОУ немає: {', '.join(unknown)}", code="unknown_codes"
            )
        return found

    @property
    def given(self) -> dict[str, Any]:
        """What the command takes."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "opens_on": data["opens_on"],
            "closes_on": data["closes_on"],
            "units": [*data.get("units", ()), *data["codes"]],
        }


def _columns(today: Any) -> list[Column[waves.Progress]]:
    def regions(one: waves.Progress) -> str:
        names = [unit.name for unit in one.regions[:SHOWN_REGIONS]]
        more = len(one.regions) - len(names)
        return "; ".join(names) + (f" і ще {more}" if more > 0 else "")

    return [
        Column(
            "name",
            "Хвиля",
            lambda one: Name(one.wave.name, reverse("wave_edit", args=[one.wave.pk])),
            width=30,
        ),
        Column("opens", "З", lambda one: one.wave.opens_on, kind="nw"),
        Column("closes", "До", lambda one: one.wave.closes_on, kind="nw"),
        Column("regions", "Території", regions, width=40),
        Column("state", "Стан", lambda one: Tag(*_STATES[one.state(today)])),
        Column("invited", "Запрошено, не увійшли", lambda one: one.invited, kind="num"),
        Column("active", "Увійшли", lambda one: one.active, kind="num"),
        Column("share", "Увійшли, %", lambda one: one.share, kind="num"),
        Column("headless", "Закладів без керівника", lambda one: one.headless, kind="num"),
    ]


@never_cache
@require_http_methods(["GET", "HEAD"])
def listing(request: HouseRequest) -> HttpResponse:
    """The plan: every wave with how far it is."""
    found = waves.progress(request.actor)
    today = clock.today()
    shown = Listing(Address(request, ()), TITLE, _columns(today), found)
    return pages.page(
        request,
        "accounts/waves.html",
        {
            "title": TITLE,
            "list": shown,
            "open": [one for one in found if one.state(today) != "ahead" and one.invited],
            "crumbs": crumbs(),
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HouseRequest) -> HttpResponse:
    """A wave to come."""
    return _edit(request, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HouseRequest, pk: UUID) -> HttpResponse:
    """Its days and regions; taking it back."""
    return _edit(request, waves.find(request.actor, pk))


def _edit(request: HouseRequest, wave: Wave | None) -> HttpResponse:
    actor = request.actor
    policies.plan_waves.require(actor)
    offered = waves.regions_to_choose(actor, wave)
    initial: dict[str, Any] = {}
    if wave is not None:
        chosen, codes = waves.regions_of(wave, {uid for uid, _ in offered})
        initial = {
            "name": wave.name,
            "opens_on": wave.opens_on,
            "closes_on": wave.closes_on,
            "units": chosen,
            "codes": ", ".join(codes),
            "version": wave.version,
        }
    form = WaveForm(request.POST or None, regions=offered, initial=initial)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            version = form.cleaned_data["version"]
            of = {} if wave is None else {"wave": wave.pk, "version": version or 0}
            done = services.plan_wave(actor=actor, **form.given, **of)
            messages.success(request, f"Хвилю «{done.name}» збережено.")
            return pages.see_other(request, "waves")
    context = {"wave": wave, "crumbs": crumbs((TITLE, reverse("waves")))}
    return pages.form_page(request, "accounts/wave.html", form, context)


@require_POST
def withdraw(request: HouseRequest, pk: UUID) -> HttpResponse:
    """Take the wave back: its regions wait no more."""
    version = request.POST.get("version", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else -1
    services.withdraw_wave(actor=request.actor, wave=pk, version=number)
    messages.success(request, "Хвилю скасовано: її території вже нічого не чекають.")
    return pages.see_other(request, "waves")


@require_POST
def remind(request: HouseRequest, pk: UUID) -> HttpResponse:
    """Letters again to whoever has not come."""
    try:
        sent = services.remind_wave(actor=request.actor, wave=pk, now=timezone.now())
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, f"{no.title}. {no.detail}")
    else:
        letters = plural(sent, "лист", "листи", "листів")
        told = (
            f"Надсилаємо {sent} {letters}: частинами, кілька хвилин."
            if sent
            else "Нагадувати нікому: листи надіслано менш як добу тому."
        )
        messages.success(request, told)
    return pages.see_other(request, "waves")
