"""Why there is no week, in words: of the rules that cannot hold together, all that is named."""

from __future__ import annotations

from collections.abc import Iterable

from journals import values
from journals.solver.problem import Problem
from journals.solver.search import Reason

INTRO = "Разом ці вимоги виконати неможливо. Послабте хоча б одну з них:"
UNTOLD = (
    "Вимоги суперечать одна одній, але знайти, які саме, за відведений час не вдалося. "
    "Відкрийте більше годин учителів або додайте кабінети."
)


def said(problem: Problem, reasons: Iterable[Reason]) -> list[str]:
    """Each rule in a sentence, under a line that says what to do."""
    found = dict.fromkeys(_said(problem, kind, of) for kind, of in reasons)
    return [INTRO, *found] if found else [UNTOLD]


def _said(problem: Problem, kind: str, of: object) -> str:
    if kind in {"closed", "most", "at_once"}:
        teacher = problem.teachers[str(of)]
        return {
            "closed": f"{teacher.name} не має уроків у {len(teacher.closed)} місцях тижня",
            "most": f"{teacher.name}: не більше ніж {teacher.most} на день",
            "at_once": f"{teacher.name} веде один урок водночас",
        }[kind]
    if kind.startswith("class_"):
        klass = problem.classes[int(str(of))]
        return {
            "class_most": f"{klass.label}: не більше ніж {klass.most} уроків на день",
            "class_gaps": f"{klass.label}: уроки з першого й без вікон",
            "class_at_once": f"{klass.label}: учні на одному уроці водночас",
        }[kind]
    if kind == "rooms":
        rooms = sum(one.kind == of for one in problem.rooms)
        name = values.rooms()[str(of)].name if of else "Кабінети для будь-якого предмета"
        return f"{name}: {rooms}, і кожен — для одного уроку водночас"
    course = next(one for one in problem.courses if one.journal == of)
    return f"{course.name}: не більше ніж два уроки на день"
