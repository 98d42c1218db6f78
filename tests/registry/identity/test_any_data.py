"""Whatever the two profiles hold: merged and unmerged, every table is as it was, byte for byte."""

from __future__ import annotations

import datetime
import operator
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import actors
from kernel.db import command, part_of_command
from registry.coverage.states import KINDS
from registry.enrolments import services as enrolments
from registry.identity.children import CHILDREN
from registry.identity.errors import CannotMerge
from registry.identity.kind import Move
from registry.identity.merge import relations
from registry.identity.models import PupilMerge
from registry.models import (
    ContactState,
    CoverageCase,
    Draft,
    DraftRow,
    Guardian,
    Guardianship,
    ParentRequest,
    PlannedChild,
    Pupil,
    PupilAddress,
    PupilCategory,
    PupilDocument,
    QualityFinding,
    ResidenceScope,
    RolloverPlan,
    SchoolYear,
)
from tests.kit.acts import noted
from tests.registry.identity import kit
from tests.world import World

first = operator.itemgetter(0)
_words = st.sampled_from(["", "Іванович", "Петрівна"])
_day = st.integers(0, 800).map(lambda n: datetime.date(2024, 9, 1) + datetime.timedelta(days=n))
_periods = st.lists(_day, max_size=4, unique=True).map(sorted)


@st.composite
def profiles(draw: Any) -> dict[str, Any]:
    """What one profile holds: own fields, rows of every relation, periods of study one by one."""
    days = draw(_periods)
    return {
        "patronymic": draw(_words),
        "rnokpp": draw(st.sampled_from([None, "3471200008"])),
        "unzr": draw(st.sampled_from([None, "20160301-00001", "20160301-00002"])),
        "documents": draw(st.integers(0, 3)),
        "primary": draw(st.booleans()),
        "addresses": draw(st.sets(st.sampled_from(["ACTUAL", "REGISTERED"]))),
        "resides": draw(st.sampled_from(["", "chernivtsi", "hromada"])),
        "representatives": draw(st.lists(st.sampled_from(["Марія", "Олег"]), max_size=2)),
        "categories": draw(
            st.lists(
                st.tuples(st.sampled_from(["IDP", "ORPHAN"]), _day), max_size=2, unique_by=first
            )
        ),
        "contacts": draw(st.lists(_day, max_size=3, unique=True).map(sorted)),
        # Consecutive days are the ends of periods; an odd one out begins an open period.
        "periods": [(a, b) for a, b in zip(days[::2], [*days[1::2], None], strict=False)],
        "school": draw(st.sampled_from(["school1", "school2"])),
        "drafts": draw(st.integers(0, 2)),
        # Both profiles may be decided of in one plan: a child stands in it once.
        "planned": draw(
            st.dictionaries(
                st.sampled_from(["school1", "school2"]), st.sampled_from(["STAY", "REPEAT"])
            )
        ),
        "findings": draw(st.integers(0, 2)),
        # Open or closed records of each kind, and what a parent asked: one open of each at a time.
        "cases": draw(st.dictionaries(st.sampled_from(KINDS), st.booleans())),
        "requests": draw(
            st.dictionaries(
                st.sampled_from(["phone", "line"]), st.sampled_from(["NEW", "WITHDRAWN"])
            )
        ),
    }


@command
def filled(*, actor: Any, world: World, facts: dict[str, Any], tag: str) -> Pupil:
    pupil = Pupil.objects.create(
        surname="Двійник",
        given_name="Іван",
        sex="M",
        born_on=datetime.date(2016, 3, 1),
        patronymic=facts["patronymic"],
        # The same number on both profiles that stand is impossible, so only one may bring it.
        rnokpp=facts["rnokpp"] if tag == "2" else None,
        rnokpp_state="VALUE" if facts["rnokpp"] and tag == "2" else "NOT_ASSIGNED",
        unzr=facts["unzr"],
    )
    for number in range(facts["documents"]):
        PupilDocument.objects.create(
            pupil=pupil,
            type="BIRTH_UA",
            series="II-ТЕ",
            number=f"{tag}{number:05d}",
            is_primary=facts["primary"] and number == 0,
        )
    for kind in sorted(facts["addresses"]):
        PupilAddress.objects.create(pupil=pupil, kind=kind, line=f"вул. {tag}")
    if facts["resides"]:
        ResidenceScope.objects.create(
            pupil=pupil, unit=world.units[facts["resides"]], valid_from=kit.LAST_YEAR
        )
    for name in facts["representatives"]:
        mother = Guardian.objects.create(surname="Двійник", given_name=name, phone=tag)
        Guardianship.objects.create(
            pupil=pupil, guardian=mother, relation="MOTHER", starts_on=kit.TODAY
        )
    for code, day in facts["categories"]:
        PupilCategory.objects.create(pupil=pupil, code=code, starts_on=day)
    days = facts["contacts"]
    for day, until in zip(days, [*days[1:], None], strict=False):
        ContactState.objects.create(pupil=pupil, status="LOST_BOTH", starts_on=day, ends_on=until)
    group = world.classes[f"{facts['school']}/5-А"]
    for starts_on, ends_on in facts["periods"]:
        place = enrolments.Place(pupil.pk, group.pk, starts_on, ends_on=ends_on)
        enrolments.enrol(group.institution_id, [place], order=None)
    for state in ["OPEN", "DISCARDED"][: facts["drafts"]]:
        draft = Draft.objects.create(
            institution_id=group.institution_id,
            author=world.grants["olena"],
            title=tag,
            state=state,
        )
        DraftRow.objects.create(draft=draft, position=1, pupil=pupil)
    for school, act in facts["planned"].items():
        PlannedChild.objects.create(plan=_plan(world, school), pupil=pupil, act=act)
    for number in range(facts["findings"]):
        QualityFinding.objects.create(
            pupil=pupil,
            institution_id=group.institution_id,
            rule=f"rule.{number}",
            found_on=kit.TODAY,
        )
    for kind, is_open in sorted(facts["cases"].items()):
        ended = {} if is_open else {"state": "CLOSED", "outcome": "LEARNS", "closed_on": kit.TODAY}
        CoverageCase.objects.create(
            pupil=pupil, unit=world.units["chernivtsi"], kind=kind, reason="OTHER",
            since=kit.TODAY, opened_on=kit.TODAY, due_on=kit.TODAY if is_open else None, **ended,
        )  # fmt: skip
    for field, state in sorted(facts["requests"].items()):
        ParentRequest.objects.create(
            pupil=pupil, kind="CORRECTION", field=field, wanted=tag, state=state, due_on=kit.TODAY,
            person=world.grants["olena"].user, created_at=kit.NOW,
        )  # fmt: skip
    noted()
    return pupil


@part_of_command
def _plan(world: World, school: str) -> RolloverPlan:
    """The plan of a school for the next year, one for whoever stands in it."""
    now = world.classes[f"{school}/5-А"]
    year, _ = SchoolYear.objects.get_or_create(
        code="2027-2028",
        defaults={
            "starts_on": datetime.date(2027, 9, 1),
            "ends_on": datetime.date(2028, 7, 1),
        },
    )
    plan, _ = RolloverPlan.objects.get_or_create(
        institution_id=now.institution_id,
        to_year=year,
        defaults={"from_year_id": now.school_year_id},
    )
    return plan


def attempt(world: World, retained: Pupil, merged: Pupil) -> tuple[PupilMerge | None, set[str]]:
    """The merge, or the reasons against it."""
    try:
        return kit.merged(world, retained, merged), set()
    except CannotMerge as refusal:
        return None, {problem.code for problem in refusal.problems}


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(one=profiles(), other=profiles())
def test_merged_and_unmerged_everything_is_as_it_was(
    world: World, one: dict[str, Any], other: dict[str, Any]
):
    if one["unzr"] and one["unzr"] == other["unzr"]:
        other = other | {"unzr": None}
    system = actors.system("тест")
    start = transaction.savepoint()
    retained = filled(actor=system, world=world, facts=one, tag="1")
    merged = filled(actor=system, world=world, facts=other, tag="2")
    before = kit.everything()
    if one["periods"] and other["periods"]:  # whoever never learnt anywhere is nobody's to merge
        merge, refused = attempt(world, retained, merged)
        assert refused <= {"both_study", "retain_the_other", "unzr_differs"}
        if merge is not None:
            merged.refresh_from_db()
            assert merged.institution_id is None
            kit.unmerged(world, merge)
        assert kit.everything() == before
    transaction.savepoint_rollback(start)


def test_the_data_above_have_rows_of_everything_that_moves():
    filled_here = {
        "registry.pupildocument.pupil", "registry.pupiladdress.pupil",
        "registry.guardianship.pupil", "registry.residencescope.pupil", "registry.pupilcategory.pupil",
        "registry.contactstate.pupil",
        "registry.enrolment.pupil", "registry.draftrow.pupil", "registry.plannedchild.pupil",
        "registry.coveragecase.pupil", "registry.parentrequest.pupil",
    }  # fmt: skip
    moving = {name for name in relations(CHILDREN) if isinstance(CHILDREN.plan[name], Move)}
    assert moving - {"registry.pupil.merged_into"} == filled_here
