"""Drafts: what is typed stays, all problems at once, nothing told of children elsewhere."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel.errors import NotAllowed, NotFound
from registry.drafts import services as drafts
from registry.drafts.errors import (
    DraftClosed,
    NothingToUndo,
    StaleAnswer,
    StaleRow,
    StaleTerms,
    UnreadableFile,
)
from registry.drafts.judging import mark, said_of
from registry.drafts.selectors import repeated_kinds
from registry.drafts.services import Sight
from registry.models import Draft, DraftRow
from registry.process import kind, kinds
from tests.registry.fields.test_validation import GOOD
from tests.registry.kit import MOMENT

_GIVEN = [
    "Остап",
    "Іван",
    "Богдан",
    "Тарас",
    "Юрій",
    "Євген",
    "Захар",
    "Лука",
    "Федір",
    "Назар",
    "Мирон",
]


def numbered(number: int, **changes: str) -> dict[str, str]:
    """A good row of its own child, whom nothing makes look like its neighbours."""
    letters = "АБВГҐДЕЄЖЗ"
    name = "".join(letters[int(d)] for d in f"{number:04d}").capitalize()
    born_on = datetime.date(2015, 8, 4) + datetime.timedelta(days=number * 37 % 110)
    own = {
        "surname": f"Учень{name.lower()}",
        "given_name": _GIVEN[number % len(_GIVEN)],
        "born_on": f"{born_on:%d.%m.%Y}",
        "document": f"II-ТП {number:06d}",
    }
    return GOOD | own | changes


@pytest.fixture
def olena(world):
    return world.actor("olena")


def begin(actor, world, rows, school="school1", **options):
    return drafts.start(
        process="enrol",
        actor=actor,
        institution_id=world.units[school].id,
        rows=rows,
        moment=MOMENT,
        **options,
    )


def looked_at(draft, key, rows=None):
    """The mark of what a person sees who answers a doubt of these rows, of all unless said."""
    field, code = key.split(":")
    doubted = [
        row
        for row in rows or draft.rows.all()
        if key not in row.answers
        and code in {p["code"] for p in row.problems if p["field"] == field}
    ]
    return mark(doubted, said_of(kind(draft.process), field))


def confirm(actor, draft, key, row=None):
    """Look at a doubt and say that the value is right, in one row or wherever it is doubted."""
    return drafts.answer(
        actor=actor,
        draft_id=draft.pk,
        key=key,
        seen=looked_at(draft, key, row and [row]),
        row_id=row and row.id,
        moment=MOMENT,
    )


def states(draft):
    return list(draft.rows.order_by("position").values_list("state", flat=True))


def codes(row):
    return {p["code"] for p in row.problems}


def test_all_problems_of_all_rows_are_told_at_once(world, olena):
    draft = begin(
        olena,
        world,
        [
            numbered(1),
            numbered(2, surname="Кoвaленко"),
            numbered(3, born_on="31.02.2016", document="I-ТП 10443"),
            numbered(4, surname="Цыбуля"),
            {},
            numbered(6, document="II-ТП 000001"),
        ],
    )
    assert states(draft) == ["READY", "FIX", "FIX", "CHECK", "EMPTY", "FIX"]
    third = draft.rows.get(position=3)
    assert codes(third) == {"impossible_date", "lost_zero"}
    assert "у рядку 1" in draft.rows.get(position=6).problems[0]["detail"]


def test_a_cell_is_kept_as_typed_and_judged(world, olena):
    draft = begin(olena, world, [numbered(1)])
    row = draft.rows.get()
    saved = drafts.save_row(
        actor=olena,
        draft_id=draft.pk,
        row_id=row.id,
        version=row.version,
        values={"surname": "кoваленко", "unknown": "x"},
        moment=MOMENT,
    )
    (row,) = saved.rows
    assert row.values["surname"] == "кoваленко"
    assert "unknown" not in row.values
    assert row.state == "FIX"


def test_a_stale_row_is_refused_with_both_values_unless_other_cells_changed(world, olena):
    draft = begin(olena, world, [numbered(1)])
    row = draft.rows.get()
    common = {"actor": olena, "draft_id": draft.pk, "row_id": row.id, "moment": MOMENT}
    drafts.save_row(**common, version=1, values={"surname": "Перший"})
    with pytest.raises(StaleRow) as told:
        drafts.save_row(**common, version=1, values={"surname": "Другий"})
    assert told.value.context["theirs"] == {"surname": "Перший"}
    assert told.value.context["mine"] == {"surname": "Другий"}
    assert draft.rows.get().values["surname"] == "Перший"


def test_a_pasted_block_fills_cells_and_adds_rows(world, olena):
    draft = begin(olena, world, [], blank=1)
    row = draft.rows.get()
    saved = drafts.paste(
        actor=olena,
        draft_id=draft.pk,
        start_row=row.id,
        start_column="given_name",
        cells="Іван\tПетрович\nЛілія\tРоманівна\nЄва\t",
        moment=MOMENT,
    )
    assert [r.values for r in saved.rows] == [
        {"given_name": "Іван", "patronymic": "Петрович"},
        {"given_name": "Лілія", "patronymic": "Романівна"},
        {"given_name": "Єва"},
    ]


def phones(draft):
    return [row.values.get("phone", "") for row in draft.rows.order_by("position")]


def test_a_hole_in_a_pasted_column_stays_a_hole(world, olena):
    draft = begin(olena, world, [numbered(n, phone="") for n in range(1, 6)])
    drafts.paste(
        actor=olena,
        draft_id=draft.pk,
        start_row=draft.rows.get(position=1).id,
        start_column="phone",
        cells="\n0671111111\n\n0673333333\n0674444444\n",
        moment=MOMENT,
    )
    assert phones(draft) == ["", "0671111111", "", "0673333333", "0674444444"]


def test_a_block_pasted_under_a_filter_fills_the_visible_rows_and_no_others(world, olena):
    draft = begin(olena, world, [numbered(n, phone="") for n in range(1, 6)])
    visible = [draft.rows.get(position=n).id for n in (2, 5)]
    block = {
        "actor": olena,
        "draft_id": draft.pk,
        "start_row": visible[0],
        "start_column": "phone",
        "rows": visible,
        "filtered": True,
        "moment": MOMENT,
    }
    drafts.paste(**block, cells="0671111111\n0672222222")
    assert phones(draft) == ["", "0671111111", "", "", "0672222222"]
    with pytest.raises(UnreadableFile, match="видно лише 2"):
        drafts.paste(**block, cells="1\n2\n3")
    assert phones(draft) == ["", "0671111111", "", "", "0672222222"]


def pasted(olena, draft, column, cells, *, row=1, **more):
    start = draft.rows.get(position=row).id
    return drafts.paste(
        actor=olena,
        draft_id=draft.pk,
        start_row=start,
        start_column=column,
        cells=cells,
        moment=MOMENT,
        **more,
    )


@pytest.mark.parametrize(
    ("cells", "there"),
    [
        ("0671111111\n\n0673333333", ["0671111111", "", "0673333333", "0604"]),
        ("\n\n0673333333", ["", "", "0673333333", "0604"]),
        ("0671111111\r\n\r\n0673333333\r\n", ["0671111111", "", "0673333333", "0604"]),
        ("0671111111\r\n\r\n\r\n", ["0671111111", "0602", "0603", "0604"]),
        ("0671111111", ["0671111111", "0602", "0603", "0604"]),
    ],
    ids=["a hole", "holes first", "line ends of Windows", "line ends after the last", "one cell"],
)
def test_every_cell_of_a_pasted_column_falls_on_its_own_row(world, olena, cells, there):
    draft = begin(olena, world, [numbered(n, phone=f"060{n}") for n in range(1, 5)])
    pasted(olena, draft, "phone", cells)
    assert phones(draft) == there
    drafts.undo(actor=olena, draft_id=draft.pk, moment=MOMENT)
    assert phones(draft) == ["0601", "0602", "0603", "0604"]


def test_blank_cells_of_a_block_empty_their_places_and_add_no_rows(world, olena):
    draft = begin(olena, world, [numbered(1), numbered(2)])
    pasted(olena, draft, "given_name", "Єва\t\nЯна\t\n\t\n\t\n")
    assert [
        (row.values["given_name"], row.values.get("patronymic", ""))
        for row in draft.rows.order_by("position")
    ] == [("Єва", ""), ("Яна", "")]


def test_a_comma_or_a_semicolon_in_a_pasted_cell_moves_nothing(world, olena):
    draft = begin(olena, world, [numbered(n) for n in range(1, 4)])
    pasted(olena, draft, "document", "I-СГ 900100, видано РАЦС\nI-СГ 900101, РАЦС\nI-СГ; 1")
    rows = list(draft.rows.order_by("position"))
    assert rows[0].values["document"] == "I-СГ 900100, видано РАЦС"
    assert [row.values.get("rnokpp", "") for row in rows] == ["", "", ""]


def test_a_block_wider_than_the_table_is_refused_and_not_cut(world, olena):
    draft = begin(olena, world, [numbered(1)])
    last = kind("enrol").grid[-1].name
    before = draft.rows.get().values
    with pytest.raises(UnreadableFile, match="2 стовпці, а праворуч від цієї клітинки їх лише 1"):
        pasted(olena, draft, last, "а\tб")
    assert draft.rows.get().values == before
    pasted(olena, draft, last, "а\t\t")  # what is beyond the table is blank


def born(draft):
    """What is said of each birth date: level and offered text, or nothing."""
    return [
        next(((p["level"], p["fix"]) for p in row.problems if p["field"] == "born_on"), None)
        for row in draft.rows.order_by("position")
    ]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        # one date tells that the month stands first: the others are no longer what they seem
        (
            ["3/1/2015", "12/11/2015", "3/25/2015"],
            [("error", "01.03.2015"), ("error", "11.12.2015"), ("error", "25.03.2015")],
        ),
        (["3/1/2015", "25/3/2015"], [None, None]),
        (
            ["3/1/2015", "25/3/2015", "3/25/2015"],
            [("error", None), None, ("error", "25.03.2015")],
        ),
        (["03/04/2015", "05/05/2015"], [("warning", "03.04.2015"), None]),
        (["3-1-2015", "3-25-2015"], [("error", "01.03.2015"), ("error", "25.03.2015")]),
        (["03.04.2015", "25.03.2015"], [None, None]),
        (
            ["3/1/2015", "3/2/2015 12:00:00 AM"],
            [("error", "01.03.2015"), ("error", "02.03.2015")],
        ),
    ],
)
def test_a_column_of_dates_is_judged_as_a_whole(world, olena, typed, told):
    draft = begin(olena, world, [numbered(n, born_on=day) for n, day in enumerate(typed, start=1)])
    assert born(draft) == told


def test_when_the_telling_date_is_mended_the_whole_column_is_judged_again(world, olena):
    draft = begin(olena, world, [numbered(1, born_on="3/1/2015"), numbered(2, born_on="3/25/2015")])
    second = draft.rows.get(position=2)
    how = {"actor": olena, "draft_id": draft.pk, "row_id": second.id, "moment": MOMENT}
    drafts.save_row(**how, version=1, values={"born_on": "25/3/2015"})
    assert born(draft) == [None, None]
    drafts.save_row(**how, version=2, values={"born_on": "3/25/2015"})
    assert born(draft)[0] == ("error", "01.03.2015")
    drafts.save_row(**how, version=3, values={"surname": "Іваненко"})
    assert born(draft)[0] == ("error", "01.03.2015")


def test_days_of_every_kind_of_table_are_judged_by_their_whole_column(world, olena):
    missed = []
    for code, process in kinds().items():
        told = {c.name for c in process.columns if "дд.мм.рррр" in c.hint or c.label[:4] == "Дата"}
        assert told - {c.name for c in process.columns if c.fixed} <= {*process.days}, code
        if not process.days or process.typed is None:
            continue
        rows = [dict.fromkeys(process.days, day) for day in ("3/1/2026", "3/25/2026")]
        school = world.units["school1"].id
        draft = drafts.start(
            process=code, actor=olena, institution_id=school, rows=rows, moment=MOMENT
        )
        found = draft.rows.get(position=1).problems
        doubted = {
            p["field"] for p in found if (p["code"], p["fix"]) == ("month_first", "01.03.2026")
        }
        missed += [f"{code}: {column}" for column in {*process.days} - doubted]
    assert missed == []


def test_one_fix_mends_one_cell_or_all_of_its_kind(world, olena):
    draft = begin(olena, world, [numbered(1, sex=""), numbered(2, sex=""), numbered(3)])
    first = draft.rows.get(position=1)
    drafts.apply_fix(
        actor=olena, draft_id=draft.pk, field="sex", code="required", row_id=first.id, moment=MOMENT
    )
    assert states(draft) == ["READY", "FIX", "READY"]
    drafts.apply_fix(actor=olena, draft_id=draft.pk, field="sex", code="required", moment=MOMENT)
    assert states(draft) == ["READY", "READY", "READY"]


def test_a_confirmed_doubt_holds_until_its_cell_changes(world, olena):
    draft = begin(olena, world, [numbered(1, surname="Цыбуля")])
    confirm(olena, draft, "surname:russian_letters")
    assert states(draft) == ["READY"]
    row = draft.rows.get()
    drafts.save_row(
        actor=olena,
        draft_id=draft.pk,
        row_id=row.id,
        version=row.version,
        values={"surname": "Цыбулько"},
        moment=MOMENT,
    )
    assert states(draft) == ["CHECK"]


@pytest.mark.parametrize("how", ["another value", "another row", "a row less"])
def test_a_doubt_that_is_not_what_was_looked_at_is_not_confirmed(world, olena, how):
    rows = [numbered(1, surname="Цыбуля"), numbered(2, surname="Рыбак"), numbered(3)]
    draft = begin(olena, world, rows)
    (doubt,) = repeated_kinds(draft)
    key = f"{doubt.field}:{doubt.code}"
    assert doubt.mark == looked_at(draft, key)  # SQL and Python mark alike
    common = {"actor": olena, "draft_id": draft.pk, "moment": MOMENT}
    changes = {
        "another value": (1, {"surname": "Цыбульба"}),
        "another row": (3, {"surname": "Мыло"}),
        "a row less": (2, {"surname": "Рибак"}),
    }
    position, values = changes[how]
    row = draft.rows.get(position=position)
    drafts.save_row(**common, row_id=row.id, version=row.version, values=values)
    with pytest.raises(StaleAnswer):
        drafts.answer(**common, key=key, seen=doubt.mark)
    assert not any(row.answers for row in draft.rows.all())
    confirm(olena, draft, key)
    assert set(states(draft)) == {"READY"}
    drafts.answer(**common, key=key, seen=doubt.mark)  # nothing is left to answer: sent twice


def test_of_two_who_write_one_term_of_an_order_the_second_is_told(world, olena):
    draft = begin(olena, world, [numbered(1)])
    common = {"actor": olena, "draft_id": draft.pk, "moment": MOMENT}
    mine, theirs = Sight(draft.version, "mine"), Sight(draft.version, "theirs")
    drafts.save_terms(**common, seen=mine, fields={"number": "7", "ground": "заява"})
    drafts.save_terms(**common, seen=mine, fields={"number": "7-у"})  # one window, typing on
    drafts.save_terms(**common, seen=theirs, fields={"issued_on": "22.11.2026"})  # another term
    drafts.save_terms(**common, seen=theirs, fields={"number": "7-у"})  # the same value
    with pytest.raises(StaleTerms) as stale:
        drafts.save_terms(**common, seen=theirs, fields={"number": "8"})
    assert stale.value.context["theirs"] == {"number": "7-у"}
    draft.refresh_from_db()
    assert draft.terms == {"number": "7-у", "ground": "заява", "issued_on": "22.11.2026"}
    again = Sight(draft.version, "theirs")
    drafts.save_terms(**common, seen=again, fields={"number": "8"})  # both were seen


def test_an_excluded_row_stays_and_frees_what_repeated_it(world, olena):
    draft = begin(olena, world, [numbered(1), numbered(1)])
    assert states(draft) == ["READY", "FIX"]
    first = draft.rows.get(position=1)
    drafts.include(
        actor=olena, draft_id=draft.pk, row_ids=[first.id], included=False, moment=MOMENT
    )
    assert states(draft) == ["EXCLUDED", "READY"]
    drafts.include(actor=olena, draft_id=draft.pk, row_ids=[first.id], included=True, moment=MOMENT)
    assert states(draft) == ["READY", "FIX"]


def test_undo_takes_back_the_last_step_and_spares_newer_typing(world, olena):
    draft = begin(olena, world, [numbered(1), numbered(2, phone="")])
    two = draft.rows.get(position=2)
    drafts.fill_column(
        actor=olena, draft_id=draft.pk, column="phone", value=GOOD["phone"], moment=MOMENT
    )
    two.refresh_from_db()
    assert two.values["phone"] == GOOD["phone"]
    drafts.undo(actor=olena, draft_id=draft.pk, moment=MOMENT)
    two.refresh_from_db()
    assert "phone" not in two.values
    with pytest.raises(NothingToUndo):
        drafts.undo(actor=olena, draft_id=draft.pk, moment=MOMENT)


# ── the register ─────────────────────────────────────────────────────────────
def same_as(pupil, **changes):
    document = pupil.documents.get()
    return (
        GOOD
        | {
            "surname": pupil.surname,
            "given_name": pupil.given_name,
            "patronymic": "",
            "sex": "Ж" if pupil.sex == "F" else "М",
            "born_on": f"{pupil.born_on:%d.%m.%Y}",
            "document": f"{document.series} {document.number}",
        }
        | changes
    )


def test_a_child_of_the_own_school_is_not_enrolled_twice(world, olena):
    draft = begin(olena, world, [same_as(world.pupils["ivan"])])
    row = draft.rows.get()
    assert codes(row) == {"enrolled_here"}
    assert "5-А" in row.problems[0]["detail"]


@pytest.mark.parametrize("who", ["marko", "lev"])
def test_a_child_enrolled_elsewhere_is_refused_without_saying_who_or_where(world, olena, who):
    pupil = world.pupils[who]
    draft = begin(olena, world, [numbered(1, document=same_as(pupil)["document"])])
    row = draft.rows.get()
    assert codes(row) == {"enrolled_elsewhere"}
    told = str(row.problems)
    for secret in (
        pupil.surname,
        pupil.given_name,
        str(pupil.pk),
        pupil.institution.short_name,
        "5-А",
        pupil.born_on.isoformat(),
        f"{pupil.born_on:%d.%m.%Y}",
    ):
        assert secret not in told


def test_a_namesake_elsewhere_is_only_doubted(world, olena):
    draft = begin(olena, world, [same_as(world.pupils["lev"], document="II-ТП 000009")])
    row = draft.rows.get()
    assert codes(row) == {"namesake_elsewhere"}
    assert row.state == "CHECK"


def test_a_possible_twin_in_the_own_school_is_decided_by_a_person(world, olena):
    pupil = world.pupils["ivan"]
    draft = begin(olena, world, [same_as(pupil, document="II-ТП 000009")])
    row = draft.rows.get()
    assert codes(row) == {"twin"}
    seen = mark([row], sorted(kind("enrol").identity))
    common = {
        "actor": olena, "draft_id": draft.pk, "row_id": row.id, "pupil_id": pupil.pk, "seen": seen,
    }  # fmt: skip
    with pytest.raises(StaleAnswer):
        drafts.decide_twin(**common | {"seen": "another child"}, same=True, moment=MOMENT)
    drafts.decide_twin(**common, same=False, moment=MOMENT)
    assert states(draft) == ["READY"]
    drafts.reconsider(actor=olena, draft_id=draft.pk, row_id=row.id, moment=MOMENT)
    drafts.decide_twin(**common, same=True, moment=MOMENT)
    assert codes(draft.rows.get()) == {"enrolled_here"}
    with pytest.raises(NotFound):
        drafts.decide_twin(
            **(common | {"pupil_id": world.pupils["lev"].pk}), same=True, moment=MOMENT
        )


# ── whose drafts ─────────────────────────────────────────────────────────────
def test_a_draft_passes_to_whoever_keeps_the_pupils_of_the_school(world, olena):
    draft = begin(world.actor("dana"), world, [numbered(1)])
    assert Draft.objects.visible_to(olena).find(pk=draft.pk)
    drafts.save_terms(
        actor=olena, draft_id=draft.pk, seen=Sight(1), fields={"number": "7"}, moment=MOMENT
    )


@pytest.mark.parametrize("who", ["petro", "taras", "nina"])
def test_a_stranger_finds_no_draft(world, olena, who):
    draft = begin(olena, world, [numbered(1)])
    with pytest.raises(NotFound):
        drafts.add_rows(actor=world.actor(who), draft_id=draft.pk, moment=MOMENT)


@pytest.mark.parametrize("who", ["bohdan", "iryna", "maria", "admin"])
def test_an_authority_may_look_but_not_prepare(world, who):
    with pytest.raises(NotAllowed):
        begin(world.actor(who), world, [])


def test_a_discarded_draft_takes_no_changes_until_restored(world, olena):
    draft = begin(olena, world, [numbered(1)])
    drafts.discard(actor=olena, draft_id=draft.pk)
    with pytest.raises(DraftClosed):
        drafts.add_rows(actor=olena, draft_id=draft.pk, moment=MOMENT)
    drafts.restore(actor=olena, draft_id=draft.pk)
    assert len(drafts.add_rows(actor=olena, draft_id=draft.pk, moment=MOMENT)) == 1


def test_a_bad_file_leaves_nothing_behind(world, olena):
    with pytest.raises(UnreadableFile):
        drafts.start_from_file(
            process="enrol",
            actor=olena,
            institution_id=world.units["school1"].id,
            name="x.xlsx",
            content=b"%PDF",
            moment=MOMENT,
        )
    assert not Draft.objects.exists()


def test_checking_a_table_costs_the_same_queries_for_one_row_and_for_thirty(world, olena):
    def queries(rows):
        draft = begin(olena, world, [numbered(rows * 100 + n) for n in range(rows)])
        DraftRow.objects.filter(draft=draft).update(problems=[], state="EMPTY")
        with CaptureQueriesContext(connection) as captured:
            drafts.check_again(actor=olena, draft_id=draft.pk, moment=MOMENT)
        return len(captured)

    assert queries(1) == queries(30)
