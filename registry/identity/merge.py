"""What goes where when two profiles are found to be one child, and the way back.

`MERGE_PLAN` speaks of every relation to `Pupil`; a relation nobody has thought of stops the merge
(tests/registry/identity/test_plan.py lists them, and the command asks the database itself). What a
merge writes is one statement a relation and is kept with the values before, so that taking it back
restores every byte of what it moved.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model

from kernel.db import part_of_command
from kernel.errors import Problem
from registry.people.models.pupils import Pupil

_OVERLAP = "daterange(k.starts_on, k.ends_on) && daterange(r.starts_on, r.ends_on)"

_STAND = "k.voided_at IS NULL AND r.voided_at IS NULL"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Keep:
    """The rows stay with the merged profile; `why` says the reason."""

    why: str
    words: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Move:
    """The rows go to the retained profile.

    `only`: which of them, SQL over the row `r`; the others stay. `also`: columns set on the way,
    SQL over `r`. `loose`: rows that people may change or delete meanwhile; what is left of them
    goes back when the merge is undone, and nothing is refused because of the others. `says`: what a
    row is called when it stands in the way back, SQL over `r`.
    """

    words: str
    says: str = "''"
    only: str = "TRUE"
    also: Mapping[str, str] = dataclasses.field(default_factory=dict)
    loose: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Union(Move):
    """The rows go, unless the retained profile has one alike: SQL over the two rows `r` and `k`."""

    alike: str


# Of two enrolments: both are main, or both beside at one institution.
_SAME_LEARNING = "k.kind = r.kind AND (k.kind = 'MAIN' OR k.institution_id = r.institution_id)"
MERGE_PLAN: Mapping[str, Move | Keep] = {
    "registry.pupil.merged_into": Move(
        words="профілі, обʼєднані з ним раніше", says="concat_ws(' ', r.surname, r.given_name)"
    ),
    "registry.pupildocument.pupil": Move(
        words="документи",
        says="concat_ws(' ', nullif(r.series, ''), r.number)",
        also={
            "is_primary": "r.is_primary AND NOT EXISTS (SELECT FROM registry_pupildocument k"
            " WHERE k.pupil_id = %(retained)s AND k.is_primary)"
        },
    ),
    "registry.pupiladdress.pupil": Union(
        words="адреси", says="r.line", alike=f"k.kind = r.kind AND {_STAND}"
    ),
    # One person by the number; or by relation and name where one of the two has no number.
    "registry.guardianship.pupil": Union(
        words="представники",
        says="(SELECT concat_ws(' ', g.surname, g.given_name) FROM registry_guardian g"
        " WHERE g.id = r.guardian_id)",
        alike=f"{_STAND} AND (k.guardian_id = r.guardian_id AND {_OVERLAP} OR k.relation = r.relation AND EXISTS ("
        "SELECT FROM registry_guardian a, registry_guardian b"
        " WHERE a.id = k.guardian_id AND b.id = r.guardian_id"
        " AND (a.surname, a.given_name, a.patronymic) = (b.surname, b.given_name, b.patronymic)"
        " AND (a.rnokpp IS NULL OR b.rnokpp IS NULL)))",
    ),
    "registry.residencescope.pupil": Union(
        words="облік за місцем проживання",
        says="'з ' || to_char(r.valid_from, 'DD.MM.YYYY')",
        alike="daterange(k.valid_from, k.valid_to) && daterange(r.valid_from, r.valid_to)",
    ),
    "registry.pupilcategory.pupil": Union(
        words="категорії",
        says="'з ' || to_char(r.starts_on, 'DD.MM.YYYY')",
        alike=f"k.code = r.code AND {_STAND} AND {_OVERLAP}",
    ),
    "registry.contactstate.pupil": Union(
        words="стани звʼязку",
        says="'з ' || to_char(r.starts_on, 'DD.MM.YYYY')",
        alike=f"{_STAND} AND {_OVERLAP}",
    ),
    # A day on which both learnt stays counted twice, as it was: past figures do not change.
    "registry.enrolment.pupil": Union(
        words="зарахування",
        says="(SELECT i.short_name FROM registry_institution i WHERE i.institution_id ="
        " r.institution_id) || ' з ' || to_char(r.starts_on, 'DD.MM.YYYY')",
        alike=f"{_SAME_LEARNING} AND k.voided_by_id IS NULL"
        f" AND r.voided_by_id IS NULL AND {_OVERLAP}",
    ),
    "registry.draftrow.pupil": Move(
        words="рядки чернеток",
        only="EXISTS (SELECT FROM registry_draft d WHERE d.id = r.draft_id AND d.state = 'OPEN')",
        loose=True,
    ),
    "registry.plannedchild.pupil": Move(
        words="рішення в планах переведення",
        only="NOT EXISTS (SELECT FROM registry_plannedchild k"
        " WHERE k.plan_id = r.plan_id AND k.pupil_id = %(retained)s)",
        loose=True,
    ),
    # An open record of a kind that the retained profile has too stays, and the log closes it.
    "registry.coveragecase.pupil": Move(
        words="записи обліку дітей",
        only="r.state = 'CLOSED' OR NOT EXISTS (SELECT FROM registry_coveragecase k"
        " WHERE k.pupil_id = %(retained)s AND k.kind = r.kind AND k.state <> 'CLOSED')",
        loose=True,
    ),
    "registry.parentrequest.pupil": Move(
        words="запити батьків",
        says="r.field",
        only="NOT EXISTS (SELECT FROM registry_parentrequest k WHERE k.pupil_id = %(retained)s"
        " AND (k.field, k.person_id) = (r.field, r.person_id) AND k.state IN ('ASKED', 'NEW')"
        " AND r.state IN ('ASKED', 'NEW'))",
        loose=True,
    ),
    "registry.orderrow.pupil": Keep(
        words="рядки наказів", why="Підписане не змінюється: рядок називає профіль, який названо."
    ),
    "registry.studycertificate.pupil": Keep(
        words="довідки про навчання",
        why="Підписане не змінюється; картка показує довідки під усіма номерами дитини.",
    ),
    "registry.qualityfinding.pupil": Keep(why="Похідне: перевірка складе висновки знову."),
    "registry.pupiltrace.pupil": Keep(why="Похідне: як звучить імʼя самого профілю."),
    "registry.possibleduplicate.one": Keep(why="Про кого запитували — історія."),
    "registry.possibleduplicate.other": Keep(why="Про кого запитували — історія."),
    "registry.pupilmerge.retained": Keep(why="Хто кого з ким просив обʼєднати — історія."),
    "registry.pupilmerge.merged": Keep(why="Хто кого з ким просив обʼєднати — історія."),
}
# Columns that hold ids of pupils without a foreign key. None of them moves.
PLAIN: Mapping[str, str] = {
    "audit.eventrow.subject_id": "The log is never rewritten; the card reads both ids.",
    "audit.look.subject_id": "The log is never rewritten; the card reads both ids.",
    "audit.eventrow.payload": "The log is never rewritten.",
    "audit.change.row_pk": "The log is never rewritten.",
    "audit.change.old": "The log is never rewritten.",
    "accounts.notice.subject": "Notices are of orders, keys and certificates, never of a child.",
    "registry.draftrow.answers": "An answer about a twin speaks of the profile it named.",
    "registry.draftrow.problems": "Judged anew whenever the row is.",
    "registry.draftrow.seen": "Whoever was told to be another child is asked about once more.",
    "registry.orderrow.said": "Why the children seen are others: written with them.",
    "registry.orderrow.seen": "Kept with the signed bytes; asked about once more at signing.",
    "registry.tracedue.child": "Compared again is what it names; a merged profile is passed over.",
    "registry.pupilmerge.moved": "Says what was: the way back is read from it.",
}
# What of the profile itself the retained one takes where its own is empty.
FILL = ("patronymic", "rnokpp", "rnokpp_state", "unzr")


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One row that a merge wrote: its key, the columns it wrote, before and after, what it is called."""

    pk: int | uuid.UUID
    was: dict[str, Any]
    now: dict[str, Any]
    label: str = ""


class Moved(msgspec.Struct, frozen=True):
    """Everything a merge wrote, as `PupilMerge.moved` keeps it.

    `filled` are the columns of the retained profile, `enrolments` those it had afterwards.
    """

    rows: dict[str, list[Row]]
    filled: Row
    enrolments: list[int]


def relations() -> Iterator[str]:
    """«registry.pupildocument.pupil»: every foreign key to Pupil, hidden ones too."""
    for relation in Pupil._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and relation.remote_field is not None:
            yield _name(relation.remote_field)


def _name(field: Any) -> str:
    return f"{field.model._meta.label_lower}.{field.name}"


@dataclasses.dataclass(frozen=True)
class _Relation:
    """A relation of the plan as the tables have it; all names are of our own models."""

    name: str
    table: str
    pk: str
    column: str

    @classmethod
    def of(cls, name: str) -> _Relation:
        label, _, field_name = name.rpartition(".")
        model: type[Model] = apps.get_model(label)
        field: ForeignKey[Any, Any] = model._meta.get_field(field_name)  # type: ignore[assignment]
        pk = model._meta.pk
        assert pk is not None  # noqa: S101 - every model has one
        return cls(name, model._meta.db_table, str(pk.column), str(field.column))

    def goes(self, step: Move) -> str:
        """SQL: which rows of the merged profile go."""
        alike = ""
        if isinstance(step, Union):
            alike = (
                f" AND NOT EXISTS (SELECT FROM {self.table} k"
                f" WHERE k.{self.column} = %(retained)s AND {step.alike})"
            )
        return f"r.{self.column} = %(merged)s AND ({step.only}){alike}"


def _images(columns: list[str], side: str) -> str:
    pairs = (f"'{column}', {side}.{column}" for column in columns)
    return f"jsonb_build_object({', '.join(pairs)})"


@part_of_command
def hold(*ids: uuid.UUID) -> None:
    """Hold profiles with their enrolments until the transaction ends, each in the order of keys.

    Profiles first, as movements do, and so that nothing new may point to them: whoever adds a row
    waits, and meets the profile as it is then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM registry_pupil WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [list(ids)]
        )
        cursor.execute(
            "SELECT FROM registry_enrolment WHERE pupil_id = ANY(%s) ORDER BY id FOR UPDATE",
            [list(ids)],
        )


# ── what goes where, and why not ─────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Step:
    """One line of a plan for two profiles: how many rows go to the retained one, how many stay."""

    words: str
    goes: int
    stays: int
    why: str = ""


def plan(retained: uuid.UUID, merged: uuid.UUID) -> list[Step]:
    """What a merge would move; only what there is. One small query a relation."""
    ids = {"retained": retained, "merged": merged}
    steps = []
    with connection.cursor() as cursor:
        for name, step in MERGE_PLAN.items():
            relation = _Relation.of(name)
            goes = relation.goes(step) if isinstance(step, Move) else "FALSE"
            cursor.execute(
                f"SELECT count(*) FILTER (WHERE {goes}), count(*) FROM {relation.table} r"
                f" WHERE r.{relation.column} = %(merged)s",
                ids,
            )
            moving, all_of_it = cursor.fetchone()
            if all_of_it and step.words:
                why = step.why if isinstance(step, Keep) else ""
                steps.append(Step(step.words, moving, all_of_it - moving, why))
    return steps


def told(moved: Moved, merged: uuid.UUID) -> list[Step]:
    """What a merge has moved, and what is still with the merged profile."""
    steps = []
    with connection.cursor() as cursor:
        for name, step in MERGE_PLAN.items():
            relation = _Relation.of(name)
            cursor.execute(
                f"SELECT count(*) FROM {relation.table} WHERE {relation.column} = %s", [merged]
            )
            went, stays = len(moved.rows.get(name, ())), cursor.fetchone()[0]
            if (went or stays) and step.words:
                why = step.why if isinstance(step, Keep) else ""
                steps.append(Step(step.words, went, stays, why))
    return steps


_STUDY = """
    SELECT count(DISTINCT e.pupil_id) > 1 FROM registry_enrolment e
    WHERE e.pupil_id IN (%(retained)s, %(merged)s) AND e.kind = 'MAIN' AND e.voided_by_id IS NULL
      AND (e.ends_on IS NULL OR e.ends_on > %(today)s)
"""
_OPEN_STAYS = """
    SELECT EXISTS (
        SELECT FROM registry_enrolment r
        JOIN registry_enrolment k ON k.pupil_id = %(retained)s AND k.kind = r.kind
             AND (k.kind = 'MAIN' OR k.institution_id = r.institution_id) AND k.voided_by_id IS NULL AND daterange(k.starts_on, k.ends_on) && daterange(r.starts_on, r.ends_on)
        WHERE r.pupil_id = %(merged)s AND r.voided_by_id IS NULL
          AND (r.ends_on IS NULL OR r.ends_on > %(today)s)
    )
"""
_WAITING = """
    SELECT DISTINCT o.number, i.short_name FROM registry_orderrow r
    JOIN registry_order o ON o.id = r.order_id AND o.state = 'PREPARED'
    JOIN registry_institution i ON i.institution_id = o.institution_id
    WHERE r.pupil_id = ANY(%(ids)s) ORDER BY 2, 1
"""
# Foreign keys to pupils as the database has them, past what Django knows.
_CATALOGUE = """
    SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = 'registry_pupil'::regclass AND c.conparentid = 0
    ORDER BY 1, 2
"""


def against(retained: Pupil, merged: Pupil, today: Any) -> list[Problem]:
    """Every reason why the two cannot be merged now, in words."""
    found: list[Problem] = []

    def say(code: str, detail: str) -> None:
        found.append(Problem("", code, detail))

    for one, which in ((retained, "основний"), (merged, "другий")):
        if one.merged_into_id is not None:
            say("merged_already", f"Профіль ({which}) вже обʼєднано з іншим.")
        elif one.closed_on is not None:
            say("closed", f"Профіль ({which}) закрито: {_CLOSED[one.closed_reason]}.")
    for field, label in (("rnokpp", "РНОКПП"), ("unzr", "УНЗР")):
        mine, other = getattr(retained, field), getattr(merged, field)
        if mine and other and mine != other:
            say(
                f"{field}_differs",
                f"У профілях різні {label}: {mine} і {other}. Якщо це одна дитина, спершу "
                "виправте помилковий номер.",
            )
    ids = {"retained": retained.pk, "merged": merged.pk, "today": today}
    with connection.cursor() as cursor:
        cursor.execute(_STUDY, ids)
        if cursor.fetchone()[0]:
            say(
                "both_study",
                "Обидва профілі зараз навчаються. Спершу один із закладів має скасувати "
                "зарахування або відрахувати дитину наказом.",
            )
        else:
            cursor.execute(_OPEN_STAYS, ids)
            if cursor.fetchone()[0]:
                say(
                    "retain_the_other",
                    "Дитина зараз навчається за другим профілем, а періоди навчання обох "
                    "перетинаються. Залиште основним той профіль, за яким вона навчається.",
                )
        for number, name in _waiting(cursor, retained.pk, merged.pk):
            say(
                "order_waits",
                f"Профіль названо в наказі № {number} ({name}), що чекає на підпис. Спершу "
                "наказ треба підписати або повернути на доопрацювання.",
            )
        for table, column in _unlisted(cursor):
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table} WHERE {column} = %s)", [merged.pk])
            if cursor.fetchone()[0]:
                say(
                    "unlisted",
                    "Профіль має дані, про які обʼєднання ще не знає "
                    f"({table}.{column}). Зверніться до технічного адміністратора.",
                )
    return found


_CLOSED = {"DEATH": "смерть", "MAJORITY": "повноліття"}


def _waiting(cursor: Any, *ids: uuid.UUID) -> list[tuple[str, str]]:
    cursor.execute(_WAITING, {"ids": list(ids)})
    rows: list[tuple[str, str]] = cursor.fetchall()
    return rows


def _unlisted(cursor: Any) -> list[tuple[str, str]]:
    """Foreign keys to pupils in the database that the plan does not name."""
    listed = {(one.table, one.column) for one in map(_Relation.of, MERGE_PLAN)}
    cursor.execute(_CATALOGUE)
    return [pair for pair in cursor.fetchall() if pair not in listed]


# ── there ────────────────────────────────────────────────────────────────────
@part_of_command
def move(retained: uuid.UUID, merged: uuid.UUID, today: Any) -> Moved:
    """Move what the plan moves, close the merged profile, fill the retained one. Both are held."""
    ids = {"retained": retained, "merged": merged, "today": today}
    rows: dict[str, list[Row]] = {}
    with connection.cursor() as cursor:
        for name, step in MERGE_PLAN.items():
            if isinstance(step, Keep):
                continue
            relation = _Relation.of(name)
            written = {relation.column: "%(retained)s::uuid", **step.also}
            columns = list(written)
            cursor.execute(
                f"UPDATE {relation.table} r SET {', '.join(f'{c} = {v}' for c, v in written.items())}"
                f" WHERE {relation.goes(step)}"
                f" RETURNING r.{relation.pk}, {_images(columns, 'old')}, {_images(columns, 'new')},"
                f" coalesce({step.says}, '')",
                ids,
            )
            if found := cursor.fetchall():
                rows[name] = [_row(*one) for one in sorted(found)]
        cursor.execute(
            """
            UPDATE registry_pupil SET merged_into_id = %(retained)s, closed_on = %(today)s,
                closed_reason = 'MERGED', version = version + 1
            WHERE id = %(merged)s
            """,
            ids,
        )
        cursor.execute(
            f"""
            UPDATE registry_pupil r SET
                patronymic = CASE WHEN r.patronymic = '' THEN m.patronymic ELSE r.patronymic END,
                rnokpp = coalesce(r.rnokpp, m.rnokpp),
                rnokpp_state = CASE WHEN r.rnokpp IS NULL AND m.rnokpp IS NOT NULL
                                    THEN m.rnokpp_state ELSE r.rnokpp_state END,
                unzr = coalesce(r.unzr, m.unzr),
                version = r.version + 1
            FROM registry_pupil m
            WHERE r.id = %(retained)s AND m.id = %(merged)s
            RETURNING r.id, {_images(list(FILL), "old")}, {_images(list(FILL), "new")}
            """,
            ids,
        )
        filled = _row(*cursor.fetchone())
        cursor.execute(
            "SELECT id FROM registry_enrolment WHERE pupil_id = %(retained)s ORDER BY id", ids
        )
        return Moved(rows, filled, [one[0] for one in cursor.fetchall()])


def _row(pk: Any, was: Any, now: Any, label: str = "") -> Row:
    return Row(pk, _json(was), _json(now), label)


def _json(image: Any) -> dict[str, Any]:
    read: dict[str, Any] = msgspec.json.decode(image) if isinstance(image, str) else image
    return read


# ── and back ─────────────────────────────────────────────────────────────────
def against_undoing(retained: Pupil, merged: Pupil, moved: Moved) -> list[Problem]:
    """Every reason why a merge can no longer be taken back, in words."""
    found: list[Problem] = []

    def say(code: str, detail: str) -> None:
        found.append(Problem("", code, detail))

    if retained.merged_into_id is not None:
        say(
            "merged_further",
            "Основний профіль відтоді обʼєднано з іншим. Спершу скасуйте те обʼєднання.",
        )
    elif retained.closed_on is not None:
        say("closed", f"Основний профіль відтоді закрито: {_CLOSED[retained.closed_reason]}.")
    with connection.cursor() as cursor:
        for name, rows in moved.rows.items():
            step = MERGE_PLAN[name]
            if isinstance(step, Move) and not step.loose:
                for row, what in _fallen(cursor, name, rows):
                    called = f": {row.label}" if row.label else ""
                    say("changed", f"Відтоді {what} перенесене ({step.words}){called}.")
        for field in FILL:
            if getattr(retained, field) != moved.filled.now[field]:
                say("corrected", f"Відтоді виправлено {_FILLED[field]}, узяте з другого профілю.")
        cursor.execute(
            """
            SELECT i.short_name, e.starts_on FROM registry_enrolment e
            JOIN registry_institution i USING (institution_id)
            WHERE e.pupil_id = %s AND e.voided_by_id IS NULL AND e.id <> ALL(%s) ORDER BY e.id
            """,
            [retained.pk, moved.enrolments],
        )
        for school, day in cursor.fetchall():
            say(
                "enrolled_since",
                f"Відтоді дитину зараховано новим наказом ({school}, з {day:%d.%m.%Y}), і не видно, "
                "котрої з двох він стосується. Спершу скасуйте той наказ.",
            )
        for number, name in _waiting(cursor, retained.pk):
            say(
                "order_waits",
                f"Профіль названо в наказі № {number} ({name}), що чекає на підпис. Спершу "
                "наказ треба підписати або повернути на доопрацювання.",
            )
        for field, label in (("rnokpp", "РНОКПП"), ("unzr", "УНЗР")):
            cursor.execute(
                f"SELECT EXISTS (SELECT FROM registry_pupil WHERE {field} = %s"
                " AND merged_into_id IS NULL AND id <> %s)",
                [getattr(merged, field), retained.pk],
            )
            if cursor.fetchone()[0]:
                say("number_taken", f"{label} другого профілю відтоді записано на іншу дитину.")
    return found


_FILLED = {
    "patronymic": "по батькові",
    "rnokpp": "РНОКПП",
    "rnokpp_state": "стан РНОКПП",
    "unzr": "УНЗР",
}


def _fallen(cursor: Any, name: str, rows: list[Row]) -> Iterator[tuple[Row, str]]:
    """The moved rows that no longer hold what the merge wrote, and what became of each."""
    relation = _Relation.of(name)
    cursor.execute(
        f"SELECT x.pk, to_jsonb(r) @> x.now FROM jsonb_to_recordset(%s::jsonb) AS x(pk text, now jsonb)"
        f" JOIN {relation.table} r ON r.{relation.pk}::text = x.pk",
        [_recordset(rows)],
    )
    standing = dict(cursor.fetchall())
    for row in rows:
        if not standing.get(str(row.pk)):
            yield row, "змінено" if str(row.pk) in standing else "прибрано"


def _recordset(rows: list[Row]) -> str:
    return msgspec.json.encode(
        [{"pk": str(row.pk), "was": row.was, "now": row.now} for row in rows]
    ).decode()


@part_of_command
def restore(retained: uuid.UUID, merged: uuid.UUID, moved: Moved) -> None:
    """Put back everything a merge wrote: both profiles are held, and nothing speaks against it."""
    with connection.cursor() as cursor:
        _put_back(cursor, "registry_pupil", "id", [moved.filled])
        cursor.execute(
            """
            UPDATE registry_pupil SET version = version + 1, merged_into_id = NULL, closed_on = NULL,
                closed_reason = ''
            WHERE id = %s
            """,
            [merged],
        )
        cursor.execute("UPDATE registry_pupil SET version = version + 1 WHERE id = %s", [retained])
        for name, rows in moved.rows.items():
            relation = _Relation.of(name)
            _put_back(cursor, relation.table, relation.pk, rows)


def _put_back(cursor: Any, table: str, pk: str, rows: list[Row]) -> None:
    """One statement a table: the columns that were written, where they still are as written."""
    columns = list(rows[0].was)
    cursor.execute(
        f"UPDATE {table} r SET {', '.join(f'{c} = b.{c}' for c in columns)}"
        " FROM jsonb_to_recordset(%s::jsonb) AS x(pk text, was jsonb, now jsonb)"
        f" CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, x.was) b"
        f" WHERE r.{pk} = x.pk::{'uuid' if isinstance(rows[0].pk, uuid.UUID) else 'bigint'}"
        " AND to_jsonb(r) @> x.now",
        [_recordset(rows)],
    )
