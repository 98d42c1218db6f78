"""Letters to a parent: the address, what they are about, and the link that confirms it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from accounts.middleware import for_parents
from accounts.selectors import mail as letters_of
from accounts.services import mail
from kernel.clock import moment
from kernel.scoping import person_of
from kernel.ui import pages
from kernel.ui.forms import Form
from registry.parents.notices import LETTERS

TITLE = "Листи"


class AddressForm(Form):
    """Where letters go."""

    expected = frozenset({"address"})
    address = forms.CharField(
        label="Електронна пошта",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="Надішлемо посилання, яке діє добу. Інших листів не буде, доки не відкриєте його",
    )


class LettersForm(Form):
    """What letters are about."""

    wanted = forms.MultipleChoiceField(
        label="Про що надсилати листи",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(code, words.capitalize()) for code, words in LETTERS.items()],
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_parents
def settings(request: HouseRequest) -> HttpResponse:
    """The address and what letters are about; each part is saved by itself."""
    actor = request.actor
    row = letters_of.of_person(person_of(actor))
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = AddressForm(request.POST if act == "address" else None)
    letters = LettersForm(
        request.POST if act == "letters" else None,
        initial={"wanted": [code for code in LETTERS if code not in row.muted]},
    )
    if act == "address" and form.is_valid():
        with pages.refusable(form):
            mail.leave_address(actor=actor, address=form.cleaned_data["address"], moment=moment())
            messages.success(request, "Лист із посиланням надіслано. Відкрийте його протягом доби.")
            return pages.see_other(request, "parent_mail")
    if act == "letters" and letters.is_valid():
        muted = set(LETTERS) - set(letters.cleaned_data["wanted"])
        mail.choose(actor=actor, muted=muted, known=LETTERS)
        messages.success(request, "Збережено.")
        return pages.see_other(request, "parent_mail")
    if act == "stop":
        mail.leave_off(actor=actor)
        messages.success(request, "Листів більше не буде. Сповіщення лишаються тут.")
        return pages.see_other(request, "parent_mail")
    return pages.form_page(
        request,
        "registry/parents/mail.html",
        form,
        {"mail": row, "letters": letters, "crumbs": [("Мої діти", reverse("parents"))]},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_parents
def confirm(request: HouseRequest, token: str) -> HttpResponse:
    """The page of the link: a button, so that a program which looks at links confirms nothing."""
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        form.is_valid()
        with pages.refusable(form):
            mail.confirm_address(actor=request.actor, token=token, moment=moment())
            messages.success(request, "Адресу підтверджено.")
            return pages.see_other(request, "parent_mail")
    return pages.form_page(
        request,
        "registry/parents/mail_confirm.html",
        form,
        {"crumbs": [("Мої діти", reverse("parents")), (TITLE, reverse("parent_mail"))]},
    )
