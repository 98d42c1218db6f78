"""Two profiles of one child: what goes where when they are merged, and what stands in the way."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.actors import Actor
from kernel import audit
from registry.identity import alike, events, policies
from registry.identity.kind import Events, Keep, Kind, Move, Say, Union, Words
from registry.identity.models import PossibleDuplicate, PupilMerge, TraceDue
from registry.people.models.pupils import CLOSED, Pupil
from registry.people.selectors.reach import reached

_OVERLAP = "daterange(k.starts_on, k.ends_on) && daterange(r.starts_on, r.ends_on)"

_STAND = "k.voided_at IS NULL AND r.voided_at IS NULL"


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

_HELD = (
    "SELECT FROM registry_pupil WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE",
    # Profiles first, as movements do, and so that nothing new may point to them: whoever adds a row
    # waits, and meets the profile as it is then.
    "SELECT FROM registry_enrolment WHERE pupil_id = ANY(%(ids)s) ORDER BY id FOR UPDATE",
)


def _against(cursor: Any, ids: Mapping[str, Any], say: Say) -> None:
    """Both learn now, or the one who learns would be the merged one."""
    cursor.execute(_STUDY, ids)
    if cursor.fetchone()[0]:
        say(
            "both_study",
            "Обидва профілі зараз навчаються. Спершу один із закладів має скасувати "
            "зарахування або відрахувати дитину наказом.",
        )
        return
    cursor.execute(_OPEN_STAYS, ids)
    if cursor.fetchone()[0]:
        say(
            "retain_the_other",
            "Дитина зараз навчається за другим профілем, а періоди навчання обох "
            "перетинаються. Залиште основним той профіль, за яким вона навчається.",
        )


def _why_closed(one: Pupil) -> str:
    return CLOSED[one.closed_reason].lower() if one.closed_on is not None else ""


def _looked(actor: Actor, ids: Iterable[uuid.UUID], what: str) -> None:
    audit.looked_at(actor, "registry.pupil", sorted(ids), what)


CHILDREN = Kind(
    address="",
    model=Pupil,
    merges=PupilMerge,
    doubts=PossibleDuplicate,
    due=TraceDue,
    due_column="child",
    plan=MERGE_PLAN,
    numbers={"rnokpp": "РНОКПП", "unzr": "УНЗР"},
    rules=("one_pupil_per_rnokpp", "one_pupil_per_unzr"),
    chain="merged_without_chains",
    asked_once="one_merge_of_a_profile",
    takes={
        "patronymic": "CASE WHEN r.patronymic = '' THEN m.patronymic ELSE r.patronymic END",
        "rnokpp": "coalesce(r.rnokpp, m.rnokpp)",
        "rnokpp_state": "CASE WHEN r.rnokpp IS NULL AND m.rnokpp IS NOT NULL"
        " THEN m.rnokpp_state ELSE r.rnokpp_state END",
        "unzr": "coalesce(r.unzr, m.unzr)",
    },
    taken={
        "patronymic": "по батькові",
        "rnokpp": "РНОКПП",
        "rnokpp_state": "стан РНОКПП",
        "unzr": "УНЗР",
    },
    closed="closed_on = %(today)s, closed_reason = 'MERGED'",
    opened="closed_on = NULL, closed_reason = ''",
    holds=_HELD,
    periods="SELECT id FROM registry_enrolment WHERE pupil_id = %(retained)s ORDER BY id",
    since="""
        SELECT i.short_name, e.starts_on FROM registry_enrolment e
        JOIN registry_institution i USING (institution_id)
        WHERE e.pupil_id = %(retained)s AND e.voided_by_id IS NULL AND e.id <> ALL(%(known)s)
        ORDER BY e.id
    """,
    begun_since="Відтоді дитину зараховано новим наказом ({place}, з {day}), і не видно, "
    "котрої з двох він стосується. Спершу скасуйте той наказ.",
    waiting=_WAITING,
    why_closed=_why_closed,
    against=_against,
    # Where a child learns, else where it learnt last (people.selectors.reach).
    place="""
        coalesce(p.institution_id, (
            SELECT e.institution_id FROM registry_enrolment e
            WHERE e.pupil_id = p.id AND e.kind = 'MAIN' ORDER BY e.starts_on DESC, e.id DESC LIMIT 1))
    """,
    standing=alike.STANDING,
    reached=reached,
    looked=_looked,
    looks_into=policies.see_doubts,
    see=policies.see_child,
    say=policies.say,
    events=Events(
        asked=events.MergeAsked,
        rejected=events.MergeRejected,
        merged=events.PupilMerged,
        took_over=events.PupilTookOver,
        undo_asked=events.UnmergeAsked,
        undo_refused=events.UnmergeRefused,
        undone=events.PupilUnmerged,
        gave_back=events.PupilGaveBack,
    ),
    words=Words(
        service="Обʼєднання профілів дитини",
        one="одна дитина",
        same="та сама дитина",
        differ="різні діти",
        person="Дитина",
        now="за яким дитина навчається зараз",
        named_by="Документ (серія і номер), РНОКПП, УНЗР або адреса картки дитини",
        as_when="Наприклад: це близнюки; звірено зі свідоцтвами — різні номери",
        alike="Два профілі, можливо, однієї дитини",
        queue="Можливі дублікати",
        whose="дитини",
        of_same="цієї самої дитини",
    ),
)
