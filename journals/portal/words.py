"""Words of the room's pages."""

from __future__ import annotations

from journals.models.lessons import CANCELLED, HELD, IN_ROOM, PLANNED, REMOTE, SHELTER

DAYS = ("Понеділок", "Вівторок", "Середа", "Четвер", "Пʼятниця", "Субота", "Неділя")
SHORT_DAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "нд")
WEEKS = {"ALL": "щотижня", "ODD": "1-й, 3-й… тиждень", "EVEN": "2-й, 4-й… тиждень"}
STATES = {PLANNED: "За розкладом", HELD: "Проведено", CANCELLED: "Скасовано"}
PLACES = {IN_ROOM: "У кабінеті", SHELTER: "В укритті", REMOTE: "Дистанційно"}
HOW = {
    SHELTER: "Провести в укритті",
    REMOTE: "Провести дистанційно",
    CANCELLED: "Скасувати",
    IN_ROOM: "Повернути, як у розкладі",
}
