"""«Групи» of a class: opened, filled by ticking pupils, closed."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse

from accounts.http import HouseRequest
from kernel import clock
from kernel.errors import DomainError, StaleVersion
from kernel.ui import pages
from kernel.ui.forms import Form
from registry.classes import selectors as classes
from registry.groups import selectors, services
from registry.groups.models import StudyGroup
from registry.groups.services import LONGEST, GroupRow
from registry.institutions import policies
from registry.people import policies as pupil_policies


class NewGroupForm(Form):
    """What the group learns, its name, and which other classes it takes pupils from."""

    subject = forms.CharField(
        label="Предмет", max_length=LONGEST, help_text="Як у навчальному плані: Англійська мова"
    )
    name = forms.CharField(label="Назва групи", max_length=LONGEST, help_text="Наприклад, 1 група")

    def __init__(self, *args: Any, others: list[tuple[str, str]], **options: Any):
        super().__init__(*args, **options)
        if others:
            self.fields["classes"] = forms.MultipleChoiceField(
                label="Разом із класами",
                required=False,
                choices=others,
                widget=forms.CheckboxSelectMultiple,
            )


class GroupForm(Form):
    """The name of a group and its members."""

    name = forms.CharField(label="Назва групи", max_length=LONGEST)
    pupils = forms.MultipleChoiceField(
        label="Учні групи", required=False, widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, candidates: list[tuple[str, str]], **options: Any):
        super().__init__(*args, **options)
        self.fields["pupils"].choices = candidates  # type: ignore[attr-defined]


def group_new(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Open a group of a class; its members are ticked on the next page."""
    actor = request.actor
    klass = classes.find(actor, uid)
    policies.keep_classes.require(actor, klass.institution)
    beside = classes.of_year(actor, klass.institution, klass.school_year_id)
    form = NewGroupForm(
        request.POST or None,
        others=[
            (str(row.group.uid), row.label)
            for row in beside
            if row.group.grade == klass.grade and row.group.pk != klass.pk
        ],
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        together = {uuid.UUID(one) for one in data.get("classes", ())}
        row = GroupRow(data["subject"], data["name"], frozenset({klass.uid, *together}))
        with pages.refusable(form):
            group = services.open_group(row, actor=actor, institution=klass.institution.uid)
            messages.success(request, f"Групу «{group}» створено. Позначте її учнів.")
            return pages.see_other(request, "group_detail", group.uid)
    return pages.form_page(
        request, "registry/groups/new.html", form, {"klass": klass, "card": klass.institution}
    )


def group_detail(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """A group with its pupils; who keeps the school's classes ticks them."""
    actor = request.actor
    today = clock.today()
    group = selectors.find(actor, uid)
    can_see = pupil_policies.see_names.allows(actor, group.institution)
    can_keep = policies.keep_classes.allows(actor, group.institution) and group.closed_on is None
    if request.method == "POST":
        policies.keep_classes.require(actor, group.institution)
        pupil_policies.see_names.require(actor, group.institution)
    found = selectors.candidates(actor, group, today) if can_see else []
    parts = selectors.classes_of(group)
    labels = {one.pk: one.label for one in parts}
    context = {
        "group": group,
        "card": group.institution,
        "parts": parts,
        "size": selectors.size(group, today),
        "members": [(one.full_name, labels[one.class_id]) for one in found if one.is_member],
        "can_see": can_see,
        "can_keep": can_keep,
    }
    if not (can_keep and can_see):
        return pages.page(request, "registry/groups/detail.html", context)
    form = _ticks(request, group, found, labels if len(labels) > 1 else {})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        changes = {"name": data["name"], "pupils": [uuid.UUID(one) for one in data["pupils"]]}
        try:
            saved = services.change(changes, actor=actor, uid=uid, version=data["version"])
        except StaleVersion as refusal:
            fresh = selectors.find(actor, uid)
            now = _as_typed(fresh, selectors.candidates(actor, fresh, today))
            context["meanwhile"] = pages.meanwhile(form, refusal, now)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Групу «{saved}» збережено.")
            return pages.see_other(request, "group_detail", uid)
    return pages.form_page(request, "registry/groups/detail.html", form, context)


def group_close(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Close a group: first the page that says what will happen, then the act."""
    actor = request.actor
    group = selectors.find(actor, uid)
    school = group.institution
    policies.keep_classes.require(actor, school)
    parts = selectors.classes_of(group)
    refusal: DomainError | None = None
    if request.method == "POST":
        version = request.POST.get("version", "")
        try:
            services.close(actor=actor, uid=uid, version=int(version) if version.isdecimal() else 0)
        except DomainError as no:
            refusal = no
        else:
            messages.success(request, f"Групу «{group}» закрито.")
            return pages.see_other(request, "class_detail", parts[0].uid)
    return pages.page(
        request,
        "registry/groups/close.html",
        {"group": group, "card": school, "parts": parts, "refusal": refusal},
        status=refusal.http_status if refusal else 200,
    )


def _ticks(
    request: HouseRequest,
    group: StudyGroup,
    found: list[selectors.Candidate],
    labels: dict[int, str],
) -> GroupForm:
    def said(one: selectors.Candidate) -> str:
        notes = [
            labels.get(one.class_id, ""),
            f"зараз: {one.elsewhere}" if one.elsewhere else "",
        ]
        return ", ".join([one.full_name, *filter(None, notes)])

    return GroupForm(
        request.POST or None,
        candidates=[(str(one.id), said(one)) for one in found],
        initial=_as_typed(group, found),
    )


def _as_typed(group: StudyGroup, found: list[selectors.Candidate]) -> dict[str, Any]:
    """A group as its form has it."""
    members = [str(one.id) for one in found if one.is_member]
    return {"name": group.name, "version": group.version, "pupils": members}
