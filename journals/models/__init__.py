"""Tables of the room: the year of a school, its timetable, its journals."""

from journals.models.cells import Cell
from journals.models.lessons import Column
from journals.models.planning import TeacherHours, TimetableRun
from journals.models.timetable import Journal, Slot
from journals.models.years import Bell, Room, SubjectName, YearPeriod, YearPlan

__all__ = [
    "Bell",
    "Cell",
    "Column",
    "Journal",
    "Room",
    "Slot",
    "SubjectName",
    "TeacherHours",
    "TimetableRun",
    "YearPeriod",
    "YearPlan",
]
