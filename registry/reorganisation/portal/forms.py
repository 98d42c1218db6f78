"""Forms of reorganisation: to whom, and what passes otherwise than proposed."""

from __future__ import annotations

from typing import Any

from django import forms

from kernel.text import plural
from kernel.ui.forms import Form
from registry.institutions.models.institutions import Institution
from registry.orders.portal.forms import OrderForm
from registry.process import AnyProcess
from registry.reorganisation.effect import position_of
from registry.reorganisation.plan import SPIN, WAYS, Plan
from registry.reorganisation.process import PROCESS
from registry.reorganisation.status import PROCESS as STATUS
from registry.reorganisation.subordinate import PROCESS as SUBORDINATE


class BeginForm(Form):
    """How, and to whom."""

    way = forms.ChoiceField(
        label="Як реорганізують",
        widget=forms.RadioSelect,
        choices=[(code, words.capitalize()) for code, words in WAYS.items()],
        help_text="При злитті кожен із закладів передають новому окремим наказом за тим самим рішенням. "
        "При виділі до нового переходить вибране, а цей заклад працює далі.",
    )
    to = forms.MultipleChoiceField(label="Правонаступник", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, heirs: list[Institution], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].choices = [(str(one.uid), one.short_name) for one in heirs]  # type: ignore[attr-defined]


class ActForm(OrderForm):
    """Terms of an order of the authority: its own number and date, and who issues it."""

    def __init__(self, *args: Any, process: AnyProcess, **options: Any) -> None:
        super().__init__(*args, process=process, **options)
        self.fields["number"].label = "Номер документа"
        self.fields["number"].help_text = "За журналом вашого органу"
        self.fields["issued_on"].label = "Дата документа"


class StatusForm(ActForm):
    """The next state by an order."""

    chosen = "to"
    to = forms.ChoiceField(label="Новий стан", widget=forms.RadioSelect)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, steps: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, process=STATUS, **options)
        self.fields["to"].choices = steps  # type: ignore[attr-defined]
        self.order_fields(["to"])


class PlaceForm(ActForm):
    """Whose the institution becomes."""

    chosen = "under"
    under = forms.ChoiceField(label="Кому підпорядковується", choices=())
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, places: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, process=SUBORDINATE, **options)
        self.fields["under"].choices = [("", "Виберіть зі списку"), *places]  # type: ignore[attr-defined]
        self.order_fields(["under"])


class PlanForm(ActForm):
    """Terms of the order, and the choices of classes and posts."""

    def __init__(self, *args: Any, plan: Plan, way: str, **options: Any) -> None:
        super().__init__(*args, process=PROCESS, **options)
        self._classes = [line.field for line in plan.lines]
        chosen = len(plan.successors) > 1 or way == SPIN
        self._posts = [one.field for one in plan.workers] if chosen else []
        stays = [(str(plan.source.pk), "Лишається")] if way == SPIN else []
        for line in plan.lines:
            pupils = f"{line.pupils} {plural(line.pupils, 'учень', 'учні', 'учнів')}"
            self.fields[line.field] = forms.ChoiceField(
                label=f"{line.group.label}, {pupils}",
                choices=[
                    (
                        code,
                        f"{words} {line.passing.to_label}"
                        if code == line.chosen and code[0] == "N"
                        else words,
                    )
                    for code, words in line.choices
                ],
                initial=line.chosen,
                required=False,
            )
        for worker in plan.workers if self._posts else ():
            name = f"{worker.post.employee.full_name}, {position_of(worker.post).lower()}"
            self.fields[worker.field] = forms.ChoiceField(
                label=name,
                choices=[*stays, *((str(at), words) for at, words in plan.names.items())],
                initial=str(worker.at),
                required=False,
            )

    def classes(self) -> list[Any]:
        """Where each class passes."""
        return [self[name] for name in self._classes]

    def posts(self) -> list[Any]:
        """Where each post passes, when there is a choice."""
        return [self[name] for name in self._posts]

    def terms(self) -> list[Any]:
        """What the order asks beside."""
        return [self[term.name] for term in PROCESS.term_fields]
