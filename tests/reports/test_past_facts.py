"""Yesterday's figure stays, whatever a form can count by is changed today; today's follows."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from accounts import actors
from kernel.db import command
from kernel.errors import Invalid
from registry.classes import services as classes
from registry.models import (
    ClassGroup,
    ClassPast,
    Employee,
    Enrolment,
    Post,
    PostPast,
    Pupil,
)
from registry.people.services import categories
from registry.staff import services as staff
from reports import definition
from reports.models import ReportCount
from reports.vocabulary import SOURCES
from tests.kit.acts import noted
from tests.reports import NOW, generate
from tests.world import FIRST_DAY, YEAR, World, enrol, hire, sign_in

TODAY = NOW.date()
YESTERDAY = TODAY - datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def in_november(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


def written(change: Callable[[], Any]) -> Any:
    @command
    def write(*, actor: actors.Actor) -> Any:
        noted()
        return change()

    return write(actor=actors.system("тест"))


@pytest.fixture
def school(world: World) -> World:
    """School 1 with a teacher of two posts; its 5-А has a boy of eleven who stays at home."""

    def fill() -> None:
        here = world.institutions["school1"]
        hire(here, "Перша", rnokpp="7000000001", rate=Decimal("1.00"), category="FIRST")
        hire(here, "Перша", rnokpp="7000000001", position="PSYCHOLOGIST", is_main=False, rate="0.5")

    written(fill)
    return world


def of_class(**changes: Any) -> Callable[[World], None]:
    """The class is changed from today on, through the command of its page."""

    def change(world: World, since: datetime.date | None = None) -> None:
        group = ClassGroup.objects.get(pk=world.classes["school1/5-А"].pk)
        classes.update(
            changes,
            actor=world.actor("olena"),
            uid=group.uid,
            version=group.version,
            since=since,
        )

    return change


def of_post(**said: str) -> Callable[[World], None]:
    """The main post is changed from today on, as its form says it."""

    def change(world: World, since: str = "") -> None:
        post = Post.objects.select_related("employee").get(position="TEACHER")
        person = post.employee
        values = {
            "surname": person.surname, "given_name": person.given_name, "rnokpp": "",
            "born_on": "05.05.1980", "sex": "F", "position": "TEACHER", "is_main": "on",
            "rate": "1", "category": "FIRST", "starts_on": "01.09.2026", "since": since,
        }  # fmt: skip
        staff.correct(
            actor=world.actor("olena"),
            post_id=post.pk,
            version=post.version,
            employee_version=person.version,
            values=values | said,
            ground="наказ",
            today=TODAY,
        )

    return change


def left_and_regraded(world: World) -> None:
    """The only child leaves 5-А today, and the class nobody learns in becomes the sixth."""
    written(lambda: Enrolment.objects.filter(pupil=world.pupils["ivan"]).update(ends_on=TODAY))
    of_class(grade=6)(world)


def in_another_form(world: World) -> None:
    def change() -> None:
        Enrolment.objects.filter(pupil=world.pupils["ivan"]).update(ends_on=TODAY)
        enrol(world.pupils["ivan"], world.classes["school1/5-А"], form="FAMILY", starts_on=TODAY)

    written(change)


def with_support(world: World) -> None:
    categories.add_category(
        actor=world.actor("olena"),
        pupil_id=world.pupils["ivan"].pk,
        values={
            "code": "IDP",
            "document": "1234-5000123456",
            "issued_on": "01.09.2026",
            "starts_on": f"{TODAY:%d.%m.%Y}",
        },
        today=TODAY,
    )


# Each word a form may speak of: what a line counts by it, and how it is changed today.
CHANGED: dict[tuple[str, str], tuple[list[Any], Callable[[World], None]]] = {
    ("pupils", "grade"): ([5], left_and_regraded),
    ("pupils", "class_type"): (["INCLUSIVE"], of_class(type="INCLUSIVE")),
    ("pupils", "class_form"): (["EVENING"], of_class(form="EVENING")),
    ("pupils", "class_language"): (["ro"], of_class(language="ro")),
    ("pupils", "class_shift"): ([2], of_class(shift=2)),
    ("pupils", "form"): (["FAMILY"], in_another_form),
    ("pupils", "category"): (["IDP"], with_support),
    ("classes", "grade"): ([6], left_and_regraded),
    ("classes", "class_type"): (["INCLUSIVE"], of_class(type="INCLUSIVE")),
    ("classes", "class_form"): (["EVENING"], of_class(form="EVENING")),
    ("classes", "class_language"): (["ro"], of_class(language="ro")),
    ("classes", "class_shift"): ([2], of_class(shift=2)),
    ("posts", "position"): (["METHODIST"], of_post(position="METHODIST")),
    ("posts", "category"): (["HIGHEST"], of_post(category="HIGHEST")),
    ("posts", "main"): ([True], of_post(is_main="")),
    # Who counts as one person by the main post counts by the other one, when that alone is main.
    ("posts", "person"): ([True], of_post(is_main="", rate="0,25")),
    ("posts", "rate"): ([], of_post(rate="0,5")),
}
# Facts of birth do not change, they are corrected; a published figure keeps what it counted (0036).
CORRECTED = {
    ("pupils", "sex"): (["F"], lambda w: Pupil.objects.filter(pk=w.pupils["ivan"].pk).update(sex="F")),
    ("pupils", "age"): (
        [8],
        lambda w: Pupil.objects.filter(pk=w.pupils["ivan"].pk).update(born_on="2018-01-01"),
    ),
    ("posts", "sex"): (["M"], lambda w: staffed(sex="M")),
    ("posts", "age"): ([60], lambda w: staffed(born_on="1966-01-01")),
    ("posts", "age_band"): ([60], lambda w: staffed(born_on="1966-01-01")),
}  # fmt: skip


# What became of a year that is over: the section of leavers has tests of its own.
OF_LAST_YEAR = {("finished", "sex"), ("finished", "step")}


def staffed(**facts: Any) -> int:
    return Employee.objects.filter(posts__position="TEACHER").update(**facts)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, list[int]]]]:
    """Counts of a form made for one word, as of a day, by key of the axis."""

    def count(world: World, source: str, word: str, value: list[Any], day: datetime.date) -> Any:
        field = SOURCES[source].fields.get(word)
        if field is None:
            line = f'sum = "{word}"'
        elif field.kind == "flag":
            line = f"where = {{ {word} = {str(value[0]).lower()} }}"
        else:
            line = f"where = {{ {word} = {value!r} }}"
        axis = "position" if source == "posts" else "grade"
        text = f"""
            code = "T"\nshort = "T"\ncell_prefix = "T"\ntitle = "T"\nversion = 1\nact = "T"
            [axis]\nfield = "{axis}"\non = "rows"\nall = "усі"\none = "{{}}"
            [[columns]]\ncode = "1"\ntitle = "T"\ncounts = "{source}"\n{line}
            [[rows]]\ncode = "1"\ntitle = "T"
            [[headlines]]\ntitle = "T"\nrow = "1"\ncolumn = "1"
        """
        monkeypatch.setattr(definition, "_files", lambda: {"T": text})
        definition.load.cache_clear()
        run = generate(world, "olena", "school1", form="T", as_of=day)
        return dict(ReportCount.objects.filter(run=run).values_list("key", "counts"))

    yield count
    definition.load.cache_clear()


def words() -> set[tuple[str, str]]:
    return {
        (name, word) for name, source in SOURCES.items() for word in (*source.fields, *source.sums)
    }


def test_each_word_of_forms_says_how_it_changes() -> None:
    assert set(CHANGED) | set(CORRECTED) | OF_LAST_YEAR == words()
    assert not set(CHANGED) & set(CORRECTED)


@pytest.mark.parametrize(("source", "word"), sorted(CHANGED))
def test_what_is_changed_today_moves_no_figure_of_yesterday(school, counted, source, word):
    value, change = CHANGED[source, word]

    def on(day: datetime.date) -> Any:
        return counted(school, source, word, value, day)

    before = on(YESTERDAY)
    assert on(TODAY) == before
    change(school)
    assert on(YESTERDAY) == before
    assert on(TODAY) != before


@pytest.mark.parametrize(("source", "word"), sorted(CORRECTED))
def test_a_fact_of_birth_is_corrected_for_every_day(school, counted, source, word):
    value, change = CORRECTED[source, word]
    before = counted(school, source, word, value, YESTERDAY)
    written(lambda: change(school))
    after = counted(school, source, word, value, YESTERDAY)
    assert after != before
    assert counted(school, source, word, value, TODAY) == after


# ── what is a change, what a correction ─────────────────────────────────────
OCTOBER, NOVEMBER = datetime.date(2026, 10, 1), datetime.date(2026, 11, 1)


def shifts(world: World, counted: Callable[..., Any]) -> list[tuple[int, bool]]:
    """On days of September to today: the shift of 5-А and whether it is of the Romanian language."""
    found = []
    for day in (FIRST_DAY, OCTOBER, datetime.date(2026, 10, 15), NOVEMBER, TODAY):
        shift = next(n for n in (1, 2, 3) if counted(world, "pupils", "class_shift", [n], day))
        found.append((shift, bool(counted(world, "pupils", "class_language", ["ro"], day))))
    return found


@pytest.fixture
def alone(school: World) -> World:
    written(lambda: Enrolment.objects.filter(pupil=school.pupils["oksana"]).update(ends_on="2026-09-02"))  # fmt: skip
    return school


def test_changes_of_several_days_stand_beside_each_other(alone, counted):
    of_class(shift=2)(alone, since=OCTOBER)
    of_class(shift=3)(alone, since=NOVEMBER)
    assert [shift for shift, _ in shifts(alone, counted)] == [1, 2, 2, 3, 3]
    of_class(language="ro")(alone, since=datetime.date(2026, 10, 15))  # told late, between the two
    assert shifts(alone, counted) == [(1, False), (2, False), (2, True), (3, True), (3, True)]
    assert ClassPast.objects.count() == 3


def test_a_mistake_is_corrected_for_every_day_and_other_changes_stay(alone, counted):
    of_class(shift=2)(alone, since=OCTOBER)
    of_class(language="ro")(alone, since=FIRST_DAY)
    assert shifts(alone, counted) == [(1, True), (2, True), (2, True), (2, True), (2, True)]


@pytest.mark.parametrize("day", [TODAY + datetime.timedelta(days=1), datetime.date(2026, 8, 31)])
def test_no_class_changes_on_a_day_to_come_or_before_it_was(school, day):
    with pytest.raises(Invalid) as refused:
        of_class(shift=2)(school, since=day)
    assert [one.field for one in refused.value.problems] == ["since"]


def test_a_class_opened_in_the_middle_of_a_year_is_in_no_figure_before(client, school, counted):
    sign_in(client, school.grants["olena"])
    page = f"/institutions/{school.institutions['school1'].uid}/classes/new/?year={YEAR}"
    form = {"labels": "5-Я", "type": "GENERAL", "form": "FULL_TIME", "language": "uk", "shift": "2"}
    assert client.post(page, form | {"opened_on": "01.09.2027"}).status_code == 422
    assert client.post(page, form | {"opened_on": f"{TODAY:%d.%m.%Y}"}).status_code == 303
    assert not counted(school, "classes", "class_shift", [2], YESTERDAY)
    assert counted(school, "classes", "class_shift", [2], TODAY)


def test_a_system_changes_a_class_from_the_day_it_writes(alone, counted):
    row = classes.ClassRow(YEAR, 5, "А", {"shift": 2})
    for _ in range(2):  # on one day twice: what was before the day is kept
        classes.put_many([row], actor=alone.actor("olena"), unit_id=alone.units["school1"].pk)
        row = classes.ClassRow(YEAR, 5, "А", {"shift": 3})
    assert [shift for shift, _ in shifts(alone, counted)] == [1, 1, 1, 1, 3]


def test_a_post_corrected_from_its_first_day_never_was_otherwise(school, counted):
    of_post(category="HIGHEST")(school)
    of_post(category="SECOND")(school, since="01.09.2026")
    for day in (FIRST_DAY, YESTERDAY, TODAY):
        assert counted(school, "posts", "category", ["SECOND"], day)
        assert not counted(school, "posts", "category", ["FIRST", "HIGHEST"], day)
    with pytest.raises(Invalid):
        of_post(category="FIRST")(school, since=f"{TODAY + datetime.timedelta(days=1):%d.%m.%Y}")


def test_the_forms_of_a_class_and_of_a_post_ask_from_which_day(client, school, counted):
    sign_in(client, school.grants["olena"])
    group = school.classes["school1/5-А"]
    page = f"/classes/{group.uid}/edit/"
    assert f'value="{TODAY:%d.%m.%Y}"' in client.get(page).content.decode()
    form = {
        "grade": "5", "letter": "А", "type": "GENERAL", "form": "FULL_TIME", "language": "ro",
        "shift": "1", "teacher": "", "version": "1",
    }  # fmt: skip
    late = client.post(page, form | {"since": "01.01.2099"})
    assert late.status_code == 422
    assert "ще не настав" in late.content.decode()
    assert client.post(page, form | {"since": "02.11.2026"}).status_code == 303
    assert not counted(school, "classes", "class_language", ["ro"], NOVEMBER)
    assert counted(school, "classes", "class_language", ["ro"], datetime.date(2026, 11, 2))
    post = Post.objects.get(position="TEACHER")
    assert "Діє з" in client.get(f"/staff/{post.pk}/edit/").content.decode()
    assert not PostPast.objects.exists()
