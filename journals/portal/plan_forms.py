"""Forms of a week made from the load."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from journals.models import Bell, Journal, Room
from journals.portal import words
from journals.services.planning import RoomSpec
from kernel.ui.forms import DateField, Form


class AskForm(Form):
    """From which day, and whether to keep what stands."""

    since = DateField(label="Розклад діє з")
    keep = forms.BooleanField(
        label="Лишити якомога більше з чинного розкладу",
        required=False,
        help_text="Без позначки тиждень складається наново",
    )


class RoomsForm(Form):
    """Rooms, each with what it is for and its seats."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        rooms: Sequence[Room],
        kinds: Sequence[tuple[str, str]],
        **options: Any,
    ):
        super().__init__(*args, **options)
        self.of = {room.pk: room.name for room in rooms}
        for room in rooms:
            kind = forms.ChoiceField(
                label=f"Призначення: {room.name}",
                required=False,
                choices=[("", "Будь-які предмети"), *kinds],
                initial=room.kind,
            )
            seats = forms.IntegerField(
                label=f"Місць: {room.name}", required=False, initial=room.seats
            )
            for name, field in ((f"kind_{room.pk}", kind), (f"seats_{room.pk}", seats)):
                field.widget.attrs["aria-label"] = field.label
                self.fields[name] = field

    def lines(self) -> list[tuple[str, Any, Any]]:
        """Name, purpose and seats of each room."""
        return [(name, self[f"kind_{pk}"], self[f"seats_{pk}"]) for pk, name in self.of.items()]

    def said(self) -> dict[int, RoomSpec]:
        """What was typed, as the command takes it."""
        data = self.cleaned_data
        return {pk: RoomSpec(data[f"kind_{pk}"], data[f"seats_{pk}"]) for pk in self.of}


class HoursForm(Form):
    """Lessons a week of each journal of a class; empty leaves it to the load."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, journals: Sequence[Journal], load: Mapping[int, int], **options: Any
    ):
        super().__init__(*args, **options)
        self.of = [(one.uid, one.named, load.get(one.pk, 0)) for one in journals]  # type: ignore[attr-defined]
        for one in journals:
            field = forms.DecimalField(
                label=f"Годин на тиждень: {one.named}",  # type: ignore[attr-defined]
                required=False,
                step_size=0.5,
                localize=True,
                initial=None if one.halves is None else _written(one.halves),
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                error_messages={"step_size": "Половина години — найменша частка: 1,5"},
            )
            field.widget.attrs["aria-label"] = field.label
            self.fields[f"hours_{one.uid}"] = field

    def lines(self) -> list[tuple[str, str, Any]]:
        """Name, hours by the load and the field of each journal."""
        return [(name, _written(load), self[f"hours_{uid}"]) for uid, name, load in self.of]

    def said(self) -> dict[uuid.UUID, int | None]:
        """Twice the lessons of each journal."""
        data = self.cleaned_data
        return {
            uid: None if data[f"hours_{uid}"] is None else int(2 * data[f"hours_{uid}"])
            for uid, _, _ in self.of
        }


def _written(halves: int) -> str:
    return f"{halves // 2},5" if halves % 2 else str(halves // 2)


class LimitForm(Form):
    """When a teacher has no lessons."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    most = forms.IntegerField(
        label="Найбільше уроків на день", required=False, help_text="Порожньо — без обмеження"
    )
    closed = forms.MultipleChoiceField(
        label="Коли вчитель не веде уроків", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, days: int, bells: Mapping[tuple[int, int], Bell], **options: Any
    ):
        super().__init__(*args, **options)
        self.days, self.bells = days, sorted(bells.items())
        self.fields["closed"].choices = [  # type: ignore[attr-defined]
            (f"{day}-{shift}-{no}", f"{words.DAYS[day - 1]}, {shift} зміна, урок {no}")
            for day in range(1, days + 1)
            for (shift, no), _ in self.bells
        ]

    def heads(self) -> Sequence[str]:
        """Days of the week."""
        return words.SHORT_DAYS[: self.days]

    def lines(self) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
        """Each lesson's name, when it begins, and for every day the value, its words, if closed."""
        chosen = set(self["closed"].value() or ())
        said = dict(self.fields["closed"].choices)  # type: ignore[attr-defined]
        several = len({shift for (shift, _), _ in self.bells}) > 1
        return [
            (
                f"{no}" + (f", {shift} зміна" if several else ""),
                f"{bell.starts_at:%H:%M}",
                [
                    (key, said[key], key in chosen)
                    for day in range(1, self.days + 1)
                    for key in [f"{day}-{shift}-{no}"]
                ],
            )
            for (shift, no), bell in self.bells
        ]

    def places(self) -> list[tuple[int, int, int]]:
        """Closed places: day, shift, number."""
        found = []
        for key in self.cleaned_data["closed"]:
            day, shift, no = key.split("-")
            found.append((int(day), int(shift), int(no)))
        return found
