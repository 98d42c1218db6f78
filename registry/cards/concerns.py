"""What the register counts of institutions, and what of it an authority looks after.

The one place that knows the tables (as `registry/quality/facts.py` does for rules). Rows are
(institution_id, code, n) of the institutions %(ids)s.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from accounts.actors import Actor
from registry.classes.selectors import MOST, MOST_PRIMARY
from registry.fields.rules.pack import Rule, current
from registry.institutions.models.institutions import Institution
from registry.people import policies as people
from registry.quality import policies as quality
from registry.tallies.concerns import CHECKED, INDICATOR, Concern, Figure, count, show

WAITS_DAYS = 5  # an order prepared and not signed
STALE_DAYS = 14  # a draft nobody touches
CERTIFICATE_DAYS = 30

# ── figures ──────────────────────────────────────────────────────────────────
count(
    "institutions",
    """
    SELECT institution_id, 'institutions' AS code, 1 AS n FROM registry_institution
    WHERE institution_id = ANY(%(ids)s) AND status = 'ACTIVE'
    """,
    # As its orders say; one that is only as it was when the register began has none.
    ago="""
    SELECT institution_id, 'institutions' AS code, 1 AS n FROM (
        SELECT DISTINCT ON (institution_id) institution_id, status FROM registry_institutionstatus
        WHERE institution_id = ANY(%(ids)s) AND since <= %(ago)s
        ORDER BY institution_id, since DESC, id DESC
    ) s WHERE status = 'ACTIVE'
    """,
)
count(
    "pupils",
    """
    SELECT institution_id, 'pupils' AS code, count(*) AS n FROM registry_pupil
    WHERE institution_id = ANY(%(ids)s) GROUP BY institution_id
    """,
    ago="""
    SELECT institution_id, 'pupils' AS code, count(*) AS n FROM registry_enrolment
    WHERE institution_id = ANY(%(ids)s) AND kind = 'MAIN' AND voided_by_id IS NULL
      AND starts_on <= %(ago)s AND (ends_on IS NULL OR ends_on > %(ago)s)
    GROUP BY institution_id
    """,
)
count(
    "classes",
    """
    SELECT institution_id, 'classes' AS code, count(*) AS n FROM registry_classgroup
    WHERE institution_id = ANY(%(ids)s) AND school_year_id = %(year)s AND closed_on IS NULL
    GROUP BY institution_id
    """,
    ago="""
    SELECT institution_id, 'classes' AS code, count(*) AS n FROM registry_classgroup
    WHERE institution_id = ANY(%(ids)s) AND school_year_id = %(year_ago)s
      AND opened_on <= %(ago)s AND (closed_on IS NULL OR closed_on > %(ago)s)
    GROUP BY institution_id
    """,
)
count(
    "staff",
    """
    SELECT institution_id, 'staff' AS code, count(*) AS n FROM registry_post
    WHERE institution_id = ANY(%(ids)s) AND voided_by_id IS NULL
      AND (ends_on IS NULL OR ends_on > %(today)s)
    GROUP BY institution_id
    """,
    ago="""
    SELECT institution_id, 'staff' AS code, count(*) AS n FROM registry_post
    WHERE institution_id = ANY(%(ids)s)
      AND starts_on <= %(ago)s AND (ends_on IS NULL OR ends_on > %(ago)s)
    GROUP BY institution_id
    """,
)

# ── concerns ─────────────────────────────────────────────────────────────────
count(
    "no_head",
    """
    SELECT institution_id, 'no_head' AS code, 1 AS n FROM registry_institution i
    WHERE institution_id = ANY(%(ids)s) AND status = 'ACTIVE' AND NOT EXISTS (
        SELECT FROM accounts_grant g
        WHERE g.unit_id = i.institution_id AND g.role = 'HEAD' AND g.state = 'ACTIVE')
    """,
)
count(
    "certificate",
    f"""
    SELECT g.unit_id AS institution_id, 'certificate' AS code, 1 AS n FROM accounts_grant g
    CROSS JOIN LATERAL (
        SELECT s.way, s.certificate_not_after FROM accounts_usersession s WHERE s.grant_id = g.id
        ORDER BY s.started_at DESC LIMIT 1
    ) s
    WHERE g.unit_id = ANY(%(ids)s) AND g.role = 'HEAD' AND g.state = 'ACTIVE'
      AND s.way = 'SIGNATURE' AND s.certificate_not_after < %(today)s::date + {CERTIFICATE_DAYS}
    """,  # noqa: S608 - a number of ours
)
count(
    "unconfirmed",
    """
    SELECT institution_id, 'unconfirmed' AS code, 1 AS n FROM registry_institution
    WHERE institution_id = ANY(%(ids)s) AND status = 'ACTIVE' AND NOT is_confirmed
    """,
)
count(
    "empty",
    """
    SELECT institution_id, 'empty' AS code, 1 AS n FROM registry_institution i
    WHERE institution_id = ANY(%(ids)s) AND status = 'ACTIVE' AND %(year)s <> ''
      AND NOT EXISTS (SELECT FROM registry_pupil p WHERE p.institution_id = i.institution_id)
    """,
)
count(
    "no_classes",
    """
    SELECT institution_id, 'no_classes' AS code, 1 AS n FROM registry_institution i
    WHERE institution_id = ANY(%(ids)s) AND status = 'ACTIVE' AND %(year)s <> ''
      AND NOT EXISTS (SELECT FROM registry_classgroup c WHERE c.institution_id = i.institution_id
          AND c.school_year_id = %(year)s AND c.closed_on IS NULL)
    """,
)
count(
    "over_norm",
    f"""
    SELECT c.institution_id, 'over_norm' AS code, count(*) AS n FROM registry_classgroup c
    WHERE c.institution_id = ANY(%(ids)s) AND c.school_year_id = %(year)s AND c.closed_on IS NULL
      AND (SELECT count(*) FROM registry_pupil p WHERE p.class_group_id = c.id)
          > coalesce(c.capacity, CASE WHEN c.grade <= 4 THEN {MOST_PRIMARY} ELSE {MOST} END)
    GROUP BY c.institution_id
    """,  # noqa: S608 - norms of ours
)
count(
    "unsigned",
    f"""
    SELECT institution_id, 'unsigned' AS code, count(*) AS n FROM registry_order
    WHERE institution_id = ANY(%(ids)s) AND state = 'PREPARED'
      AND created_at < %(today)s::date - {WAITS_DAYS}
    GROUP BY institution_id
    """,  # noqa: S608 - a number of ours
)
count(
    "stale",
    f"""
    SELECT institution_id, 'stale' AS code, count(*) AS n FROM registry_draft
    WHERE institution_id = ANY(%(ids)s) AND state = 'OPEN'
      AND updated_at < %(today)s::date - {STALE_DAYS}
    GROUP BY institution_id
    """,  # noqa: S608 - a number of ours
)
count(
    "unanswered",
    """
    SELECT for_institution_id AS institution_id, 'unanswered' AS code, count(*) AS n
    FROM registry_ordertask
    WHERE for_institution_id = ANY(%(ids)s) AND state = 'OPEN' AND due_on < %(today)s
    GROUP BY for_institution_id
    """,
)
count(
    "findings",
    """
    SELECT institution_id, 'finding.' || rule AS code, count(*) AS n FROM registry_qualityfinding
    WHERE institution_id = ANY(%(ids)s) GROUP BY institution_id, rule
    """,
    # As the last check of that month found.
    ago="""
    SELECT institution_id, 'finding.' || f.key AS code, f.value::int AS n
    FROM registry_qualitymonth, jsonb_each_text(found) f
    WHERE institution_id = ANY(%(ids)s) AND month = date_trunc('month', %(ago)s::date)
    """,
)
_RULES = ", ".join(f"('{rule.code}', '{rule.indicator}')" for rule in current().rules)
count(
    "indicators",
    f"""
    SELECT f.institution_id, '{INDICATOR}' || x.indicator AS code, count(DISTINCT f.pupil_id) AS n
    FROM registry_qualityfinding f JOIN (VALUES {_RULES}) AS x(rule, indicator) ON x.rule = f.rule
    WHERE f.institution_id = ANY(%(ids)s) GROUP BY f.institution_id, x.indicator
    """,  # noqa: S608 - codes of a checked file
)
count(
    CHECKED,
    f"""
    SELECT institution_id, '{CHECKED}' AS code, 1 AS n FROM registry_qualitycheck
    WHERE institution_id = ANY(%(ids)s)
    """,  # noqa: S608 - a word of ours
    ago=f"""
    SELECT institution_id, '{CHECKED}' AS code, 1 AS n FROM registry_qualitymonth
    WHERE institution_id = ANY(%(ids)s) AND month = date_trunc('month', %(ago)s::date)
    """,  # noqa: S608 - a word of ours
)


def _pupils(actor: Any) -> bool:
    return people.list_pupils.allows(actor)


def _quality(actor: Any) -> bool:
    return quality.see.allows(actor)


def _of(url_name: str, *args: str, when: Any = None) -> Any:
    """A page narrowed to the institution of a row, where the actor may open it."""

    def at(actor: Actor, institution: Institution) -> str:
        if when is not None and not when(actor, institution):
            return ""
        return f"{reverse(url_name, args=args)}?{urlencode({'institution': str(institution.uid)})}"

    return at


def _finding(rule: Rule) -> Concern:
    return Concern(
        code=f"finding.{rule.code}",
        title=rule.title,
        text="Помилка: дані виправляє заклад."
        if rule.severity == "error"
        else "Сумнів: заклад звіряє з документом.",
        weight="bad" if rule.severity == "error" else "heed",
        things=("учень", "учні", "учнів"),
        group="data",
        visible=_quality,
        at=_of("quality_rule", rule.code),
    )


show(
    Figure(
        code="institutions",
        label="Закладів освіти, що діють",
        url_name="institution_list",
        query="status=ACTIVE",
    ),
    Figure(code="pupils", label="Здобувачів освіти", url_name="pupil_list", visible=_pupils),
    Figure(code="classes", label="Класів", url_name="institution_list", query="status=ACTIVE"),
    Figure(code="staff", label="Працівників", url_name="staff_list"),
    Concern(
        code="no_head",
        title="Заклад без керівника",
        text="Заклад діє, а чинного запису керівника немає: ніхто не підпише наказ.",
        weight="bad",
    ),
    Concern(
        code="empty",
        title="Навчальний рік іде, а учнів немає",
        text="Заклад діє, а жодної дитини не зараховано.",
        weight="bad",
        visible=_pupils,
    ),
    Concern(
        code="unanswered",
        title="Минув строк вибуття після переведення",
        text="Дитину зарахував інший заклад, а цей не видав наказу про вибуття.",
        weight="bad",
        things=("дитина", "дитини", "дітей"),
        visible=_pupils,
    ),
    Concern(
        code="no_classes",
        title="Класів цього навчального року не відкрито",
        text="Без класів не можна зарахувати жодної дитини.",
        weight="bad",
    ),
    Concern(
        code="unsigned",
        title=f"Наказ не підписано понад {WAITS_DAYS} днів",
        text="Поки наказу не підписано, зарахування й вибуття не діють.",
        weight="heed",
        things=("наказ", "накази", "наказів"),
        visible=_pupils,
    ),
    Concern(
        code="certificate",
        title=f"Сертифікат керівника закінчується за {CERTIFICATE_DAYS} днів або вже закінчився",
        text="Без чинного сертифіката керівник не зможе ні увійти, ні підписати.",
        weight="heed",
    ),
    Concern(
        code="over_norm",
        title="Класи понад граничну наповнюваність",
        text="Наповнюваність: ст. 12 Закону 463-IX або власна місткість класу.",
        weight="heed",
        things=("клас", "класи", "класів"),
        visible=_pupils,
    ),
    Concern(
        code="unconfirmed",
        title="Дані картки не підтверджено",
        text="Картку змінювали або ще не підтверджували.",
        weight="heed",
    ),
    Concern(
        code="stale",
        title=f"Чернетку не відкривали понад {STALE_DAYS} днів",
        text="Почали готувати наказ і не завершили.",
        weight="heed",
        things=("чернетка", "чернетки", "чернеток"),
        visible=_pupils,
    ),
    *map(_finding, current().rules),
)
