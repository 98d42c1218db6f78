"""Forms of the room: the year of a school, the week of a class, one lesson, a whole day."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from journals.models import Slot, YearPlan
from journals.models.years import SEMESTER, VACATION
from journals.portal import words
from journals.services.lessons import LessonSpec
from journals.services.timetable import SlotRow
from journals.services.years import Period, YearSpec
from kernel.tables.dates import show
from kernel.ui.forms import DateField, Form

SEMESTERS, VACATIONS = 2, 5
LESSONS = range(10)  # numbers that a page of bells and of a week shows: from 0
LINES = (1, 2)  # at one time of a class: two groups, or every other week
_CELL = re.compile(r"cell_(\d)_(\d{1,2})_(\d)", re.ASCII)


def _typed(label: str, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, strip=True, **options)


def _named(fields: Mapping[str, forms.Field]) -> None:
    """Name what stands in a table, where no label is seen."""
    for name, field in fields.items():
        if name.startswith(("semester", "vacation", "bell_", "cell_")):
            field.widget.attrs["aria-label"] = field.label


def _day(label: str) -> forms.CharField:
    attrs = {"data-ak-date": True, "inputmode": "numeric", "autocomplete": "off", "maxlength": "10"}
    return _typed(label, widget=forms.TextInput(attrs=attrs))


class YearForm(Form):
    """A year as its page has it: fields by number of the semester, the vacation and the lesson."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    days = forms.ChoiceField(
        label="Навчальний тиждень", choices=[("5", "Пʼять днів"), ("6", "Шість днів")]
    )
    rooms = forms.CharField(
        label="Кабінети",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Кожен кабінет з нового рядка. Прибраний кабінет лишається в минулому розкладі",
    )

    def __init__(
        self, *args: Any, shifts: Sequence[int], subjects: Mapping[str, str], **options: Any
    ):
        super().__init__(*args, **options)
        self.shifts, self.subjects = list(shifts), dict(subjects)
        for kind, count, said in (
            ("semester", SEMESTERS, "семестр"),
            ("vacation", VACATIONS, "канікули"),
        ):
            for number in range(1, count + 1):
                name = f"{kind}{number}"
                self.fields[f"{name}_name"] = _typed(f"Назва: {said} {number}")
                self.fields[f"{name}_first"] = _day(f"Перший день: {said} {number}")
                self.fields[f"{name}_last"] = _day(f"Останній день: {said} {number}")
        for shift in self.shifts:
            for no in LESSONS:
                self.fields[f"bell_{shift}_{no}"] = _typed(f"Зміна {shift}, урок {no}")
        _named(self.fields)
        for code, label in self.subjects.items():
            self.fields[f"name_{code}"] = _typed(label)

    def _periods(self, kind: str, count: int) -> list[Period]:
        data = self.cleaned_data
        return [
            Period(name, *(data[f"{name}_{end}"] for end in ("name", "first", "last")))
            for number in range(1, count + 1)
            for name in [f"{kind}{number}"]
        ]

    def spec(self) -> YearSpec:
        """What was typed, as the command takes it."""
        data = self.cleaned_data
        return YearSpec(
            days=int(data["days"]),
            semesters=self._periods("semester", SEMESTERS),
            vacations=self._periods("vacation", VACATIONS),
            bells={(s, no): data[f"bell_{s}_{no}"] for s in self.shifts for no in LESSONS},
            rooms=data["rooms"].splitlines(),
            names={code: data[f"name_{code}"] for code in self.subjects},
        )

    def rows(self, kind: str) -> list[tuple[Any, Any, Any]]:
        """Name, first and last day of each semester or vacation."""
        count = SEMESTERS if kind == "semester" else VACATIONS
        return [
            tuple(self[f"{kind}{number}_{end}"] for end in ("name", "first", "last"))  # type: ignore[misc]
            for number in range(1, count + 1)
        ]

    def bell_rows(self) -> list[tuple[int, list[Any]]]:
        """Each lesson's number with its bell in every shift."""
        return [(no, [self[f"bell_{s}_{no}"] for s in self.shifts]) for no in LESSONS]

    def name_rows(self) -> list[Any]:
        """Fields of the school's own names of subjects."""
        return [self[f"name_{code}"] for code in self.subjects]


_USUAL = {
    **{f"semester{no}_name": f"{'I' * no} семестр" for no in (1, 2)},
    "vacation1_name": "Осінні канікули",
    "vacation2_name": "Зимові канікули",
    "vacation3_name": "Весняні канікули",
    "vacation4_name": "Додаткові канікули",
    "vacation5_name": "Інші канікули",
}


def year_initial(
    plan: YearPlan | None, rooms: Iterable[str], names: Mapping[str, str]
) -> dict[str, Any]:
    """A year as its form has it; names of periods as usual where nothing is said."""
    found: dict[str, Any] = {"version": 0, "days": "5", **_USUAL, "rooms": "\n".join(rooms)}
    found |= {f"name_{code}": name for code, name in names.items()}
    if plan is None:
        return found
    found |= {"version": plan.version, "days": str(plan.days)}
    for kind, prefix in ((SEMESTER, "semester"), (VACATION, "vacation")):
        periods = sorted(
            (p for p in plan.periods.all() if p.kind == kind), key=lambda p: p.starts_on
        )
        for number, one in enumerate(periods, start=1):
            name = f"{prefix}{number}"
            found[f"{name}_name"] = one.name
            found[f"{name}_first"] = show(one.starts_on)
            found[f"{name}_last"] = show(_before(one.ends_on))
    for bell in plan.bells.all():
        found[f"bell_{bell.shift}_{bell.no}"] = f"{bell.starts_at:%H:%M}–{bell.ends_at:%H:%M}"
    return found


def _before(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(days=1)


class JournalForm(Form):
    """A journal opened by hand."""

    subject = forms.ChoiceField(label="Предмет")
    group = forms.ChoiceField(label="Кому", required=False)
    post = forms.ChoiceField(label="Учитель", required=False)

    def __init__(
        self,
        *args: Any,
        subjects: Sequence[tuple[str, str]],
        groups: Sequence[tuple[str, str]],
        posts: Sequence[tuple[str, str]],
        **options: Any,
    ):
        super().__init__(*args, **options)
        self.fields["subject"].choices = [("", "Виберіть предмет"), *subjects]  # type: ignore[attr-defined]
        self.fields["group"].choices = [("", "Усьому класу"), *groups]  # type: ignore[attr-defined]
        self.fields["post"].choices = [("", "Поки не призначено"), *posts]  # type: ignore[attr-defined]


class GiveForm(Form):
    """Who leads a journal."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    post = forms.ChoiceField(label="Учитель", required=False)

    def __init__(self, *args: Any, posts: Sequence[tuple[str, str]], **options: Any):
        super().__init__(*args, **options)
        self.fields["post"].choices = [("", "Поки не призначено"), *posts]  # type: ignore[attr-defined]


class UnlockForm(Form):
    """Until when past lessons are open, and why."""

    expected = frozenset({"ground"})
    version = forms.IntegerField(widget=forms.HiddenInput)
    until = DateField(label="Відкрити до")
    ground = forms.CharField(
        label="Чому", required=False, help_text="Наприклад: учителька хворіла, оцінки за роботи"
    )


class WeekForm(Form):
    """The week of a class: at each time a journal, its room and how often, two lines at most."""

    seen = forms.CharField(widget=forms.HiddenInput)
    since = DateField(label="Розклад діє з")

    def __init__(
        self,
        *args: Any,
        days: int,
        journals: Sequence[tuple[str, str]],
        rooms: Sequence[tuple[str, str]],
        **options: Any,
    ):
        super().__init__(*args, **options)
        self.days = days
        for weekday in range(1, days + 1):
            for no in LESSONS:
                for line in LINES:
                    said = f"{words.DAYS[weekday - 1]}, урок {no}"
                    name = f"cell_{weekday}_{no}_{line}"
                    self.fields[name] = forms.ChoiceField(
                        label=f"{said}: предмет", required=False, choices=[("", "—"), *journals]
                    )
                    self.fields[f"{name}_room"] = forms.ChoiceField(
                        label=f"{said}: кабінет", required=False, choices=[("", "каб.—"), *rooms]
                    )
                    self.fields[f"{name}_weeks"] = forms.ChoiceField(
                        label=f"{said}: як часто", required=False, choices=[*words.WEEKS.items()]
                    )
        _named(self.fields)

    def lines(self) -> list[SlotRow]:
        """Lessons of the week as typed."""
        found = []
        for name in self.fields:
            at = _CELL.fullmatch(name)
            chosen = self.cleaned_data.get(name) if at else None
            if at is None or not chosen:
                continue
            room = self.cleaned_data.get(f"{name}_room")
            found.append(
                SlotRow(
                    field=name,
                    weekday=int(at[1]),
                    no=int(at[2]),
                    journal=uuid.UUID(chosen),
                    weeks=self.cleaned_data.get(f"{name}_weeks") or "ALL",
                    room=int(room) if room else None,
                )
            )
        return found

    def week(self) -> list[tuple[str, list[tuple[int, list[tuple[Any, Any, Any]]]]]]:
        """Days with their lessons, each with its lines of three fields."""
        return [
            (
                words.DAYS[weekday - 1],
                [
                    (
                        no,
                        [
                            tuple(self[f"cell_{weekday}_{no}_{line}{part}"] for part in _PARTS)  # type: ignore[misc]
                            for line in LINES
                        ],
                    )
                    for no in LESSONS
                ],
            )
            for weekday in range(1, self.days + 1)
        ]


_PARTS = ("", "_room", "_weeks")


def week_initial(slots: Iterable[Slot], uids: Mapping[int, str]) -> dict[str, Any]:
    """A week as its form has it."""
    found: dict[str, Any] = {}
    taken: dict[tuple[int, int], int] = {}
    for slot in sorted(slots, key=lambda one: one.pk):
        key = (slot.weekday, slot.no)
        taken[key] = taken.get(key, 0) + 1
        name = f"cell_{slot.weekday}_{slot.no}_{taken[key]}"
        found[name] = uids.get(slot.journal_id, "")
        found[f"{name}_room"] = str(slot.room_id or "")
        found[f"{name}_weeks"] = slot.weeks
    return found


class LessonForm(Form):
    """One lesson: when, where, who, what became of it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    day = DateField(label="День")
    no = forms.IntegerField(label="Номер уроку", min_value=0, max_value=12)
    room = forms.ChoiceField(label="Кабінет", required=False)
    post = forms.ChoiceField(
        label="Хто веде", required=False, help_text="Інший учитель веде заміну; години — йому"
    )
    state = forms.ChoiceField(label="Урок", choices=[*words.STATES.items()])
    place = forms.ChoiceField(label="Де", choices=[*words.PLACES.items()])
    reason = forms.CharField(label="Причина скасування чи перенесення", required=False)

    def __init__(
        self,
        *args: Any,
        rooms: Sequence[tuple[str, str]],
        posts: Sequence[tuple[str, str]],
        **options: Any,
    ):
        super().__init__(*args, **options)
        self.fields["room"].choices = [("", "без кабінету"), *rooms]  # type: ignore[attr-defined]
        self.fields["post"].choices = [("", "За розкладом"), *posts]  # type: ignore[attr-defined]

    def spec(self) -> LessonSpec:
        """What was typed, as the command takes it."""
        data = self.cleaned_data
        return LessonSpec(
            day=data["day"],
            no=data["no"],
            room=int(data["room"]) if data["room"] else None,
            post=uuid.UUID(data["post"]) if data["post"] else None,
            state=data["state"],
            place=data["place"],
            reason=data["reason"],
        )


class DayForm(Form):
    """What becomes of the lessons of a day."""

    expected = frozenset({"reason"})
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    first = forms.IntegerField(label="Від уроку", min_value=0, max_value=12)
    last = forms.IntegerField(label="До уроку", min_value=0, max_value=12)
    how = forms.ChoiceField(label="Що зробити", choices=[*words.HOW.items()])
    reason = forms.CharField(
        label="Причина", required=False, help_text="Повітряна тривога, карантин, аварія"
    )
