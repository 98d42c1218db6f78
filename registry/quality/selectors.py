"""Reading what the rules found: counts at every level, children only for those who see names."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Count, Min, Sum

from accounts.actors import Actor
from kernel import audit, clock
from kernel.errors import NotFound
from kernel.paging import Order, Page, keyset, ordered
from kernel.text import sort_key
from registry.classifiers.errors import NoSchoolYear
from registry.fields.rules import judge
from registry.fields.rules.pack import Rule, current
from registry.institutions.models.institutions import Institution
from registry.people import policies as people
from registry.people.models.pupils import Pupil
from registry.quality import facts, policies
from registry.quality.models import QualityCheck, QualityFinding, QualityMonth
from registry.tallies import selectors as tallies
from registry.tallies.concerns import AGO, FINDING
from registry.tallies.keeping import year_before

PAGE = 50
ORDERS = {"name": Order(("sort_key", "id"), "pupil_inst pupil_hromada pupil_raion pupil_oblast")}


_TENS = "rules of the pack: tens, sorted in memory"
_RULE_KEYS: dict[str, Callable[[Broken], Any]] = {
    "weight": lambda row: (row.rule.severity != "error", -row.count),
    "title": lambda row: sort_key(row.rule.title),
    "count": lambda row: row.count,
}
RULE_ORDERS = {name: Order((name,), _TENS, few=True) for name in _RULE_KEYS}


def in_order(rows: Iterable[Broken], order: str) -> list[Broken]:
    """Rules by a column; those of one weight by their number of children."""
    return sorted(rows, key=_RULE_KEYS[order.removeprefix("-")], reverse=order.startswith("-"))


@dataclasses.dataclass(frozen=True)
class Broken:
    """A rule and how many children break it."""

    rule: Rule
    count: int


@dataclasses.dataclass(frozen=True)
class Summary:
    """Counts of one reach: rules that are broken; those of the month a year ago, None where nobody
    checked then; the last checks."""

    rules: list[Broken]
    ago: dict[str, int] | None
    pupils: int
    checked_since: datetime.datetime | None
    unchecked: int


@dataclasses.dataclass(frozen=True)
class Found:
    """One problem of a child: the rule, its words, where to mend it ('' for who may not)."""

    rule: Rule
    text: str
    url: str


def summary(actor: Actor, institution: Institution | None, today: datetime.date) -> Summary:
    """How many children break which rule within reach, or at one institution of it.

    Raises:
        NotAllowed: the actor's role sees no pupils.
    """
    policies.see.require(actor)
    if institution is None and actor.scope.level != "institution":
        # Above a school findings are counted already; the home page tells the same numbers.
        told = tallies.totals(actor)
        counted = {
            code.removeprefix(FINDING): one.n
            for code, one in told.items()
            if not code.endswith(AGO)
        }
        ago = tallies.findings_ago(told)
    else:
        findings = _findings(actor, institution)
        counted = dict(findings.values_list("rule").annotate(n=Count("id")).order_by())
        ago = _a_year_ago(actor, institution, today)
    rules = [Broken(rule, counted[rule.code]) for rule in current().rules if rule.code in counted]
    checks = QualityCheck.objects.visible_to(actor)
    schools = Institution.objects.visible_to(actor)
    if institution is not None:
        checks, schools = checks.filter(institution=institution), schools.filter(pk=institution.pk)
    checked = checks.aggregate(
        pupils=Sum("pupils"), since=Min("checked_at"), schools=Count("institution_id")
    )
    return Summary(
        rules,
        ago,
        checked["pupils"] or 0,
        checked["since"],
        schools.count() - checked["schools"],
    )


def _findings(actor: Actor, institution: Institution | None) -> Any:
    findings = QualityFinding.objects.visible_to(actor)
    return findings if institution is None else findings.filter(institution=institution)


def _a_year_ago(
    actor: Actor, institution: Institution | None, today: datetime.date
) -> dict[str, int] | None:
    months = QualityMonth.objects.visible_to(actor).filter(month=clock.month_of(year_before(today)))
    if institution is not None:
        months = months.filter(institution=institution)
    found: list[dict[str, int]] = list(months.values_list("found", flat=True))
    return dict(sum((Counter(one) for one in found), Counter())) if found else None


def institution_of(actor: Actor, uid: str) -> Institution | None:
    """The institution a page is narrowed to; None when to none.

    Raises:
        NotFound: out of reach.
    """
    if not uid:
        return None
    found: Institution = Institution.objects.visible_to(actor).select_related("unit").find(uid=uid)
    return found


def rule_of(code: str) -> Rule:
    """A rule of the pack.

    Raises:
        NotFound: none such.
    """
    rule = current().rule(code)
    if rule is None:
        raise NotFound
    return rule


def children(
    actor: Actor,
    rule: Rule,
    institution: Institution | None,
    today: datetime.date,
    *,
    order: str = "name",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    what: str = "якість даних",
) -> tuple[Page[Any], dict[uuid.UUID, str]]:
    """A page of children who break a rule, with the words for each; the look is noted.

    Raises:
        NotAllowed: the actor sees no names there.
    """
    people.see_names.require(actor, institution)
    broken = _findings(actor, institution).filter(rule=rule.code).values("pupil_id")
    rows = Pupil.objects.visible_to(actor).select_related("institution").filter(id__in=broken)
    rows, fields = ordered(rows, ORDERS, order, "name")
    page = keyset(
        rows,
        order=fields,
        size=size,
        after=after,
        before=before,
    )
    audit.looked_at(actor, "registry.pupil", [one.pk for one in page.rows], what)
    known = facts.of_pupils([one.pk for one in page.rows], today)
    words = {
        pk: next((p.detail for p in judge(told, rule.field) if p.code == rule.short), "")
        for pk, told in known.items()
    }
    return page, words


def of_pupil(pupil: Pupil, today: datetime.date, *, may_edit: bool) -> list[Found]:
    """Open problems of one child as it stands now; whoever asks has been let to its card."""
    try:
        told = facts.of_pupils([pupil.pk], today).get(pupil.pk)
    except NoSchoolYear:
        return []
    if told is None:
        return []
    found = []
    for problem in judge(told):
        rule = current().rule(problem.key.replace(":", "."))
        if rule is not None:
            found.append(Found(rule, problem.detail, fix_url(rule, pupil.pk) if may_edit else ""))
    return found


def fix_url(rule: Rule, pupil_id: uuid.UUID) -> str:
    """Where the problem of a child is mended."""
    return rule.fix_url.replace("{pupil}", str(pupil_id))


def due(today: datetime.date) -> list[int]:
    """Institutions not checked yet today."""
    checked = QualityCheck.objects.filter(checked_on__gte=today).values("institution_id")
    return list(
        Institution.objects.exclude(pk__in=checked).order_by("pk").values_list("pk", flat=True)
    )
