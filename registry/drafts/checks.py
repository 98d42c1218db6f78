"""Judging a draft: cells, rows against rows, rows against the register.

What is told of a child outside the actor's reach is only that it exists: never who it is or where
it learns.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.db import connection

from accounts.actors import Actor
from kernel.db import part_of_command
from kernel.tables.findings import Problem, error, warning
from registry.classes.frames import frame_for
from registry.drafts.models import EnrolmentDraft, EnrolmentDraftRow
from registry.identity import matches
from registry.movements.enrol import rows as rules


@part_of_command
def save_rows_at_once(rows: Sequence[EnrolmentDraftRow]) -> None:
    """Write what may change of rows in one statement: 1,000 rows in 20 ms, where `bulk_update`
    with its CASE for each value takes half a second."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_enrolmentdraftrow r
            SET values = x.values, answers = x.answers, problems = x.problems, state = x.state,
                pupil_id = x.pupil_id, version = x.version
            FROM unnest(%s::bigint[], %s::jsonb[], %s::jsonb[], %s::jsonb[], %s::text[], %s::uuid[],
                        %s::int[]) AS x(id, values, answers, problems, state, pupil_id, version)
            WHERE r.id = x.id
            """,
            [
                [row.id for row in rows],
                *(
                    [orjson.dumps(getattr(row, name)).decode() for row in rows]
                    for name in ("values", "answers", "problems")
                ),
                [row.state for row in rows],
                [row.pupil_id for row in rows],
                [row.version for row in rows],
            ],
        )


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What is to be said of one row."""

    problems: list[dict[str, Any]]
    state: str
    pupil_id: uuid.UUID | None
    clean: rules.CleanRow | None


def judge(
    draft: EnrolmentDraft, rows: Sequence[EnrolmentDraftRow], actor: Actor, today: datetime.date
) -> list[Verdict]:
    """Judge all rows of a draft: cells, rows against rows, rows against the register.

    Raises:
        NoSchoolYear: no school year covers the first day of study.
    """
    frame, starts_on = frame_for(
        draft.institution_id, draft.order_fields.get("effective_on"), today
    )
    checks: list[rules.RowCheck | None] = [
        None
        if row.state == "EXCLUDED" or rules.is_blank(row.values)
        else rules.check(row.values, frame)
        for row in rows
    ]
    live = [place for place, check in enumerate(checks) if check is not None]
    extra: dict[int, list[dict[str, Any]]] = {place: [] for place in live}
    for place, problem in _repeated(rows, checks):
        extra[place].append(problem.as_json())
    links: dict[int, uuid.UUID] = {}
    found = matches.find([checks[place].keys for place in live], starts_on)  # type: ignore[union-attr]
    for place, matched in zip(live, found, strict=True):
        if matched:
            told, link = _compared(rows[place], checks[place].keys, matched, actor)  # type: ignore[union-attr]
            extra[place].extend(told)
            if link is not None:
                links[place] = link
    return [
        _verdict(row, checks[place], extra.get(place, []), links.get(place))
        for place, row in enumerate(rows)
    ]


def _verdict(
    row: EnrolmentDraftRow,
    check: rules.RowCheck | None,
    extra: list[dict[str, Any]],
    link: uuid.UUID | None,
) -> Verdict:
    if check is None:
        return Verdict([], "EXCLUDED" if row.state == "EXCLUDED" else "EMPTY", None, None)
    problems = [problem.as_json() for problem in check.problems] + extra
    if any(problem["level"] == "error" for problem in problems):
        state = "FIX"
    elif any(not is_answered(row.answers, problem) for problem in problems):
        state = "CHECK"
    else:
        state = "READY"
    return Verdict(problems, state, link, check.clean if state == "READY" else None)


def is_answered(answers: Mapping[str, str], problem: Mapping[str, Any]) -> bool:
    """Whether a person said that this doubt is no mistake."""
    if pupil := problem.get("pupil"):
        # Documents and numbers are one child's: «another child» is no answer to such a doubt, and
        # «the same» takes the doubt away.
        return problem["code"] == "twin" and f"twin:{pupil}" in answers
    return f"{problem['field']}:{problem['code']}" in answers


def _repeated(
    rows: Sequence[EnrolmentDraftRow], checks: Sequence[rules.RowCheck | None]
) -> Iterable[tuple[int, Problem]]:
    """The same document or number twice is an error of the later row; the same name and birth
    date a doubt."""
    first: dict[tuple[Any, ...], int] = {}
    for place, check in enumerate(checks):
        if check is None:
            continue
        keys = check.keys
        for field, value in (
            ("document", keys.document),
            ("rnokpp", keys.rnokpp),
            ("unzr", keys.unzr),
        ):
            if not value:
                continue
            before = first.setdefault((field, value), place)
            if before != place:
                label = {"document": "документ", "rnokpp": "РНОКПП", "unzr": "УНЗР"}[field]
                yield (
                    place,
                    error(
                        field,
                        "repeated",
                        f"Такий самий {label} у рядку {rows[before].position}. "
                        "Виправте його або не включайте один із рядків.",
                    ),
                )
        if keys.surname and keys.given_name and keys.born_on:
            name = ("name", matches.name_key(keys), keys.born_on)
            before = first.setdefault(name, place)
            if before != place:
                yield (
                    place,
                    warning(
                        "surname",
                        "repeated_name",
                        f"У рядку {rows[before].position} дитина з таким самим імʼям і датою "
                        "народження. Це різні діти?",
                    ),
                )


_HARD = {
    "document": ("document", "таким документом"),
    "rnokpp": ("rnokpp", "таким РНОКПП"),
    "unzr": ("unzr", "таким УНЗР"),
}
_TRANSFER = (
    "Прийняти її можна лише послугою «Переведення учня між школами протягом року»: "
    "одночасно дитина навчається в одному закладі."
)


def _compared(
    row: EnrolmentDraftRow,
    keys: rules.Keys,
    matched: Sequence[matches.Match],
    actor: Actor,
) -> tuple[list[dict[str, Any]], uuid.UUID | None]:
    """What to say of the children a row may be, and which profile the row is.

    Nothing of a child outside the actor's reach is told: neither who it is, nor where it learns.
    """
    by_child: dict[uuid.UUID, list[matches.Match]] = {}
    for match in matched:
        by_child.setdefault(match.found.pupil_id, []).append(match)
    told: list[dict[str, Any]] = []
    link: uuid.UUID | None = None
    for pupil_id, those in by_child.items():
        found = those[0].found
        hard = next((_HARD[m.kind] for m in those if m.kind in _HARD), None)
        mine = bool({*found.ever_at, found.institution_id} & set(actor.scope.keys))
        decision = row.answers.get(f"twin:{pupil_id}")
        agrees = found.born_on == keys.born_on and found.name_key.startswith(
            matches.name_key(keys) + " "
        )
        field, what = hard or ("surname", "таким самим імʼям і датою народження")
        if found.institution_id is not None and found.institution_id in actor.scope.keys:
            if decision == "same" or (hard is not None and agrees):
                told.append(
                    error(
                        field,
                        "enrolled_here",
                        f"Ця дитина вже навчається у вашому закладі, клас {found.class_label}. "
                        "Не включайте рядок.",
                    ).as_json()
                    | {"pupil": str(pupil_id)}
                )
            else:
                told.append(_twin(field, what, pupil_id, hard is not None))
        elif found.institution_id is not None:
            if hard is not None:
                told.append(
                    error(
                        field,
                        "enrolled_elsewhere",
                        f"Дитину з {what} уже зараховано до іншого закладу. {_TRANSFER}",
                    ).as_json()
                )
            else:
                told.append(
                    warning(
                        field,
                        "namesake_elsewhere",
                        f"У реєстрі вже є дитина з {what}. Якщо це вона, потрібне переведення, "
                        "а не зарахування. Якщо інша — підтвердьте.",
                    ).as_json()
                )
        elif hard is not None and (agrees or decision == "same"):
            link = pupil_id  # known, enrolled nowhere, and all data agree: the profile is hers
        elif mine:
            if decision == "same":
                link = pupil_id
            else:
                told.append(_twin(field, what, pupil_id, hard is not None))
        elif hard is not None:
            told.append(
                warning(
                    field,
                    "other_data",
                    f"У реєстрі дитина з {what} має інше імʼя або дату народження. Звірте з "
                    "документом; якщо в рядку все правильно, вкажіть, що це та сама дитина.",
                ).as_json()
                | {"pupil": str(pupil_id)}
            )
    return told, link


def _twin(field: str, what: str, pupil_id: uuid.UUID, hard: bool) -> dict[str, Any]:
    code = "twin_document" if hard else "twin"
    detail = f"Можливо, це та сама дитина: у реєстрі є профіль з {what}."
    return warning(field, code, detail).as_json() | {"pupil": str(pupil_id)}
