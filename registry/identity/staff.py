"""Two profiles of one member of staff: what goes where when they are merged, and what stands in the way."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from accounts.actors import Actor
from kernel import audit
from kernel.errors import NotFound
from kernel.kept import key_of
from registry.identity import colleagues, events, policies
from registry.identity.kind import Events, Keep, Kind, Move, Say, Union, Words
from registry.identity.models import EmployeeDue, EmployeeMerge, PossibleColleague
from registry.institutions.models.institutions import Institution
from registry.staff.models.posts import Employee, Post

_OVERLAP = "daterange(k.starts_on, k.ends_on) && daterange(r.starts_on, r.ends_on)"
_SCHOOL = (
    "(SELECT i.short_name FROM registry_institution i WHERE i.institution_id = r.institution_id)"
)
STAFF_PLAN: Mapping[str, Move | Keep] = {
    "registry.employee.merged_into": Move(
        words="профілі, обʼєднані з ним раніше", says="concat_ws(' ', r.surname, r.given_name)"
    ),
    # Two main posts of one time are a mistake of the past that a merge does not mend: the second stays.
    "registry.post.employee": Union(
        words="посади",
        says=f"{_SCHOOL} || ' з ' || to_char(r.starts_on, 'DD.MM.YYYY')",
        alike=f"k.is_main AND r.is_main AND {_OVERLAP}",
    ),
    "registry.attestation.employee": Union(
        words="атестації",
        says="to_char(r.held_on, 'DD.MM.YYYY')",
        alike="k.held_on = r.held_on AND k.voided_by_id IS NULL AND r.voided_by_id IS NULL",
    ),
    "registry.course.employee": Union(
        words="курси підвищення кваліфікації",
        says="r.title",
        alike="(k.document, k.ended_on) = (r.document, r.ended_on)"
        " AND k.voided_by_id IS NULL AND r.voided_by_id IS NULL",
    ),
    "registry.education.employee": Union(
        words="освіта",
        says="r.place",
        alike="(k.level, k.diploma, k.graduated) = (r.level, r.diploma, r.graduated)"
        " AND NOT k.is_void AND NOT r.is_void",
    ),
    "registry.possiblecolleague.one": Keep(why="Про кого запитували — історія."),
    "registry.possiblecolleague.other": Keep(why="Про кого запитували — історія."),
    "registry.employeemerge.retained": Keep(why="Хто кого з ким просив обʼєднати — історія."),
    "registry.employeemerge.merged": Keep(why="Хто кого з ким просив обʼєднати — історія."),
}
# Columns that hold ids of members of staff without a foreign key. None of them moves.
STAFF_PLAIN: Mapping[str, str] = {
    "audit.eventrow.subject_id": "The log is never rewritten; the card reads both ids.",
    "audit.eventrow.payload": "The log is never rewritten.",
    "audit.change.row_pk": "The log is never rewritten.",
    "audit.change.old": "The log is never rewritten.",
    "registry.draftrow.seen": "Whoever was told to be another is asked about once more.",
    "registry.orderrow.seen": "Kept with the signed bytes; asked about once more at signing.",
    "registry.employeedue.employee": "Compared again is what it names; a merged one is passed over.",
    "registry.employeemerge.moved": "Says what was: the way back is read from it.",
}

_HELD = (
    # Posts first, as every change of a post takes its locks; then whose they are, so that nothing new
    # may point to them.
    "SELECT FROM registry_post WHERE employee_id = ANY(%(ids)s) ORDER BY id FOR UPDATE",
    "SELECT FROM registry_employee WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE",
)
_LASTS = "(r.ends_on IS NULL OR r.ends_on > %(today)s) AND r.is_main AND r.voided_by_id IS NULL"
_BOTH_WORK = f"""
    SELECT count(DISTINCT r.employee_id) > 1 FROM registry_post r
    WHERE r.employee_id IN (%(retained)s, %(merged)s) AND {_LASTS}
"""
_LASTING_STAYS = f"""
    SELECT EXISTS (
        SELECT FROM registry_post r JOIN registry_post k ON k.employee_id = %(retained)s
            AND k.is_main AND {_OVERLAP}
        WHERE r.employee_id = %(merged)s AND {_LASTS}
    )
"""


def _against(cursor: Any, ids: Mapping[str, Any], say: Say) -> None:
    """Both have a main post now, or the one who has it would be the merged one."""
    cursor.execute(_BOTH_WORK, ids)
    if cursor.fetchone()[0]:
        say(
            "both_work",
            "За обома профілями зараз є основна робота, а вона в людини одна. Спершу один із "
            "закладів має наказом змінити вид роботи на сумісництво або звільнити.",
        )
        return
    cursor.execute(_LASTING_STAYS, ids)
    if cursor.fetchone()[0]:
        say(
            "retain_the_other",
            "Основна робота зараз — за другим профілем, а періоди роботи обох перетинаються. "
            "Залиште основним той профіль, за яким людина працює.",
        )


# The institution of the main post that lasts, else of the last post there was.
_PLACE = """
    (SELECT s.institution_id FROM registry_post s WHERE s.employee_id = p.id
     ORDER BY (s.voided_by_id IS NULL) DESC, (s.ends_on IS NULL) DESC, s.is_main DESC,
         s.starts_on DESC, s.id DESC LIMIT 1)
"""


def reached(actor: Actor, employee_id: Any) -> tuple[Employee, Institution | None]:
    """A member of staff and the institution through which one is reached.

    Raises:
        NotFound: absent or out of reach: the two read the same.
    """
    one = Employee.objects.filter(pk=key_of(Employee, employee_id)).first()
    if one is None:
        raise NotFound
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_PLACE} FROM (SELECT %s::uuid AS id) p", [one.pk])
        (through,) = cursor.fetchone()
    within = Institution.objects.visible_to(actor).select_related("unit")
    place = within.filter(pk=through).first()
    if place is None:
        raise NotFound
    return one, place


def _looked(actor: Actor, ids: Iterable[uuid.UUID], what: str) -> None:
    """A look at somebody is a look at each of the posts."""
    posts = Post.objects.filter(employee__in=list(ids)).values_list("pk", flat=True)
    audit.looked_at(actor, "registry.staff", sorted(posts), what)


_NUMBERS = {"rnokpp": "РНОКПП", "unzr": "УНЗР"}
STAFF = Kind(
    address="staff_",
    model=Employee,
    merges=EmployeeMerge,
    doubts=PossibleColleague,
    due=EmployeeDue,
    due_column="employee",
    plan=STAFF_PLAN,
    numbers=_NUMBERS,
    rules=("one_employee_per_rnokpp", "one_employee_per_unzr", "one_employee_per_passport"),
    chain="employees_merged_without_chains",
    asked_once="one_merge_of_an_employee",
    # A passport is changed at 25 and 45, or lost: two of them are no two people.
    also_unique={"passport": "Паспорт"},
    takes={
        "patronymic": "CASE WHEN r.patronymic = '' THEN m.patronymic ELSE r.patronymic END",
        "rnokpp": "coalesce(r.rnokpp, m.rnokpp)",
        "rnokpp_state": "CASE WHEN r.rnokpp IS NULL AND m.rnokpp IS NOT NULL"
        " THEN m.rnokpp_state ELSE r.rnokpp_state END",
        "unzr": "coalesce(r.unzr, m.unzr)",
        "passport": "coalesce(r.passport, m.passport)",
        "teaching_since": "least(r.teaching_since, m.teaching_since)",
    },
    taken={
        "patronymic": "по батькові",
        "rnokpp": "РНОКПП",
        "rnokpp_state": "стан РНОКПП",
        "unzr": "УНЗР",
        "passport": "паспорт",
        "teaching_since": "день початку педагогічного стажу",
    },
    closed="",
    opened="",
    holds=_HELD,
    periods="SELECT id FROM registry_post WHERE employee_id = %(retained)s ORDER BY id",
    since="""
        SELECT i.short_name, s.starts_on FROM registry_post s
        JOIN registry_institution i USING (institution_id)
        WHERE s.employee_id = %(retained)s AND s.voided_by_id IS NULL
          AND s.id <> ALL(%(known)s::uuid[])
        ORDER BY s.id
    """,
    begun_since="Відтоді людину прийнято на роботу ({place}, з {day}), і не видно, котрого з двох "
    "профілів це стосується. Спершу скасуйте той наказ.",
    # Rows of an order that waits name posts; a name that is another when it is signed stops it.
    waiting="",
    why_closed=lambda one: "",
    against=_against,
    place=_PLACE,
    standing=colleagues.STANDING,
    reached=reached,
    looked=_looked,
    looks_into=policies.see_doubts_of_staff,
    see=policies.see_colleague,
    say=policies.say_of_colleague,
    events=Events(
        asked=events.StaffMergeAsked,
        rejected=events.StaffMergeRejected,
        merged=events.StaffMerged,
        took_over=events.StaffTookOver,
        undo_asked=events.StaffUnmergeAsked,
        undo_refused=events.StaffUnmergeRefused,
        undone=events.StaffUnmerged,
        gave_back=events.StaffGaveBack,
    ),
    words=Words(
        service="Обʼєднання профілів працівника",
        one="одна людина",
        same="та сама людина",
        differ="різні люди",
        person="Працівник",
        now="за яким людина працює зараз",
        named_by="РНОКПП, УНЗР, паспорт (серія і номер) або адреса картки працівника",
        as_when="Наприклад: це тезки; звірено з паспортами — різні особи",
        alike="Два профілі, можливо, одного працівника",
        queue="Можливі дублікати працівників",
        whose="працівника",
        of_same="цього самого працівника",
    ),
)
