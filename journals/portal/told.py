"""What the room did to a school and its classes, as their cards tell it.

Why a day was changed is people's own words, which a card open to every region does not repeat.
"""

from __future__ import annotations

from collections.abc import Iterator

from journals import events
from journals.models.lessons import CANCELLED
from journals.portal.words import PLACES, STATES
from kernel.audit.events import Event
from kernel.tables import dates
from kernel.text import plural, years
from registry.cards.portal import words

TITLES: dict[type[Event], str] = {
    events.YearPlanned: "Вписано семестри, канікули й дзвінки",
    events.TimetableChanged: "Змінено розклад класу",
    events.LessonsMade: "Створено уроки за розкладом",
    events.DayChanged: "Змінено уроки дня",
    events.RoomsDescribed: "Описано кабінети",
    events.HoursSaid: "Вписано години предметів на тиждень",
    events.TeacherLimited: "Вказано, коли вчитель не веде уроків",
    events.TimetableTaken: "Збережено складений розклад закладу",
}


def _lessons(count: int) -> str:
    return f"{count} {plural(count, 'урок', 'уроки', 'уроків')}"


def said(event: Event) -> Iterator[str]:
    """Details of one event."""
    match event:
        case events.YearPlanned(year=year):
            yield years(year)
        case events.TimetableChanged(since=since, lessons=count):
            yield f"з {dates.show(since)}"
            yield _lessons(count)
        case events.LessonsMade(year=year, made=made, gone=gone):
            yield years(year)
            yield _lessons(made)
            if gone:
                yield f"прибрано {gone}"
        case events.DayChanged(day=day, how=how, lessons=count):
            yield dates.show(day)
            yield (STATES[how] if how == CANCELLED else PLACES[how]).lower()
            yield _lessons(count)
        case events.RoomsDescribed(rooms=count):
            yield f"{count} {plural(count, 'кабінет', 'кабінети', 'кабінетів')}"
        case events.HoursSaid(journals=count):
            yield f"{count} {plural(count, 'предмет', 'предмети', 'предметів')}"
        case events.TeacherLimited(closed=count, most=most):
            yield f"{count} {plural(count, 'година', 'години', 'годин')} на тиждень без уроків"
            if most is not None:
                yield f"щонайбільше {_lessons(most)} на день"
        case events.TimetableTaken(since=since, lessons=count):
            yield f"з {dates.show(since)}"
            yield _lessons(count)


words.tell(TITLES, said)
