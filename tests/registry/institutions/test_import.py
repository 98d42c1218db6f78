"""The open register of ЄДЕБО: shown first, idempotent, every bad row told, nothing half-taken."""

from __future__ import annotations

import datetime
import io
import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts import actors
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound
from registry.classifiers.services.classifiers import DATA
from registry.institutions.errors import WrongFile
from registry.institutions.services import edebo, institution_import
from registry.models import Institution, InstitutionStatus
from tests.kit import acts
from tests.world import World

TODAY = datetime.date(2026, 11, 22)
NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
SETUP = actors.system("тест")
SAMPLE = DATA / "edebo-chernivtsi-sample.json"


def row(**changes) -> dict:
    return {
        "Повна назва": "Гімназія «Проліски», Мамаївці (вигадана)",
        "ID закладу": "880001",
        "Скорочена назва": "Гімназія «Проліски»",
        "Статус": "працює",
        "Тип закладу": "Гімназія",
        "Форма власності": "Комунальна",
        "Код КАТОТТГ": "UA73060370010090405",
        "Сільський": "Так",
        **changes,
    }


def take(*rows, **options):
    content = json.dumps(list(rows), ensure_ascii=False).encode()
    return institution_import.take(content, actor=SETUP, today=TODAY, **options)


def test_the_sample_is_taken_once_and_a_second_time_changes_nothing(world: World):
    before = Institution.objects.count()
    first = institution_import.take(SAMPLE.read_bytes(), actor=SETUP, today=TODAY)
    assert (len(first.new), first.bad) == (40, [])
    assert Institution.objects.count() == before + 40

    versions = dict(Institution.objects.values_list("pk", "version"))
    steps = InstitutionStatus.objects.count()
    second = institution_import.take(SAMPLE.read_bytes(), actor=SETUP, today=TODAY)
    assert (second.unchanged, second.new, second.changed) == (40, [], [])
    assert dict(Institution.objects.values_list("pk", "version")) == versions
    assert InstitutionStatus.objects.count() == steps


def test_branches_stand_below_their_hub_and_suspended_ones_are_closed(world: World):
    institution_import.take(SAMPLE.read_bytes(), actor=SETUP, today=TODAY)
    branches = Institution.objects.filter(edebo_id__startswith="9900", hub__isnull=False)
    assert len(branches) == 3
    for branch in branches.select_related("unit", "hub__unit"):
        assert branch.hub.is_hub
        assert branch.unit.path.startswith(branch.hub.unit.path)
    for suspended in Institution.objects.filter(status="SUSPENDED").select_related("unit"):
        assert not suspended.unit.is_active


def test_an_institution_stands_under_the_authority_of_its_place_else_of_the_oblast(world: World):
    @command
    def give_real_codes(*, actor):
        acts.noted()
        for key, code in (
            ("hromada", "UA73060370000059595"),
            ("chernivtsi", "UA73060610010033137"),
        ):
            world.units[key].territory_code = code
            world.units[key].save(update_fields=["territory_code"])

    give_real_codes(actor=SETUP)
    take(
        row(),
        row(**{"ID закладу": "880002", "Код КАТОТТГ": "UA73060610010033137"}),
        row(**{"ID закладу": "880003", "Код КАТОТТГ": "UA73020010010031879"}),
    )
    parents = {
        one.edebo_id: one.unit.parent_id
        for one in Institution.objects.filter(edebo_id__startswith="88").select_related("unit")
    }
    assert parents["880001"] == world.units["hromada"].id
    assert parents["880002"] == world.units["chernivtsi"].id
    assert parents["880003"] == world.units["chernivetska"].id


def test_every_bad_row_is_told_with_its_reason_and_good_ones_are_taken(world: World):
    report = take(
        row(),
        row(**{"ID закладу": "880002", "Код КАТОТТГ": "UA73060370000059595"}),  # a hromada
        row(**{"ID закладу": "880003", "Тип закладу": "Академія мрій", "Статус": ""}),
        row(**{"ID закладу": ""}),
        row(),  # the same ID again
        "не запис",
        row(**{"ID закладу": "880007", "ЄДРПОУ": "12345679"}),
        row(**{"ID закладу": "880008", "Код КАТОТТГ": "UA46060250010015970"}),
    )
    told = {problem.field: problem.detail for problem in report.bad}
    assert list(told) == [f"рядок {n}" for n in (2, 3, 4, 5, 6, 7)]
    assert "не населений пункт" in told["рядок 2"]
    assert "Академія мрій" in told["рядок 3"]
    assert "статус" in told["рядок 3"]
    assert "ID" in told["рядок 4"]
    assert "рядку 1" in told["рядок 5"]
    assert "контрольна цифра" in told["рядок 7"]
    assert [line.name for line in report.new] == ["Гімназія «Проліски»"] * 2


def test_all_or_nothing_writes_nothing_when_a_row_is_bad(world: World):
    before = Institution.objects.count()
    with pytest.raises(Invalid) as refused:
        take(row(), row(**{"ID закладу": ""}), all_or_nothing=True)
    assert len(refused.value.problems) == 1
    assert Institution.objects.count() == before


def test_a_bad_telephone_is_left_out_and_told_and_the_row_is_taken(world: World):
    report = take(row(Телефон="дзвоніть секретарю"))
    assert len(report.new) == 1
    assert [problem.code for problem in report.notes] == ["left_out"]
    assert Institution.objects.get(edebo_id="880001").phone == ""


def test_what_the_register_says_anew_changes_the_card_and_what_the_head_typed_stays(world: World):
    take(row(Адреса="вул. Стара, 1"))
    report = take(
        row(**{"Повна назва": "Гімназія «Підсніжник» (вигадана)", "Адреса": "вул. Нова, 2"})
    )
    one = Institution.objects.get(edebo_id="880001")
    assert [line.detail for line in report.changed] == ["full_name"]
    assert one.full_name == "Гімназія «Підсніжник» (вигадана)"
    assert one.address == "вул. Стара, 1"


def test_a_card_without_an_id_is_matched_by_code_and_name(world: World):
    school = world.institutions["school1"]
    take(
        row(
            **{
                "ID закладу": "880009",
                "ЄДРПОУ": school.edrpou,
                "Повна назва": school.full_name.upper(),
                "Код КАТОТТГ": school.territory_code,
            }
        )
    )
    assert Institution.objects.get(edebo_id="880009").pk == school.pk


def test_suspension_in_the_register_is_taken_and_what_needs_an_order_is_told(world: World):
    take(row())
    report = take(row(Статус="призупинено"))
    assert [line.detail for line in report.changed] == ["status"]
    one = Institution.objects.select_related("unit").get(edebo_id="880001")
    assert (one.status, one.unit.is_active) == ("SUSPENDED", False)
    report = take(row(Статус="ліквідовано"))
    assert "наказом" in report.notes[0].detail
    assert report.unchanged == 1


def test_cards_the_file_does_not_name_are_told_and_never_touched(world: World):
    take(row())
    report = take(row(**{"ID закладу": "880002", "Повна назва": "Інша гімназія"}))
    assert [line.name for line in report.absent] == ["Гімназія «Проліски»"]
    assert Institution.objects.get(edebo_id="880001").status == "ACTIVE"


HUB = {"Опорний / Філія": "Опорний", "Сільський": "Так", "Гірський": "Так", "Інтернат": "Так",
       "Скорочена назва": "Проліски", "Ліцензований обсяг": "300"}  # fmt: skip


@pytest.mark.parametrize("column", [*row(), *HUB])
@pytest.mark.parametrize("absent", ["no key", "null"])
def test_a_column_that_is_absent_or_null_changes_nothing(world: World, column: str, absent: str):
    whole = row(**HUB)
    take(whole)
    card = Institution.objects.values().get(edebo_id="880001")
    again = dict(whole)
    if absent == "null":
        again[column] = None
    else:
        del again[column]
    if column == "ID закладу" or (column, absent) == ("Повна назва", "no key"):
        return  # without these it is no row of a register
    report = take(again)
    assert (report.bad, report.notes, report.changed) == ([], [], [])
    assert report.unchanged == 1
    assert Institution.objects.values().get(edebo_id="880001") == card


def test_every_flag_may_be_taken_back_and_a_word_that_is_neither_is_told(world: World):
    take(row(**HUB))
    report = take(row(**HUB | {"Гірський": "частково"}))
    assert report.changed == []
    assert "гірський: має бути «так» або «ні»" in report.notes[0].detail
    report = take(row(**HUB | {"Опорний / Філія": "#N/A"}))
    assert (report.changed, [note.code for note in report.notes]) == ([], ["left_out"])
    take(row(**HUB | {"Опорний / Філія": "", "Сільський": "Ні", "Гірський": False, "Інтернат": 0}))
    one = Institution.objects.get(edebo_id="880001")
    assert {one.is_hub, one.is_rural, one.is_mountain, one.is_boarding} == {False}


@pytest.mark.parametrize("column", ["Статус", "Тип закладу", "Форма власності", "Код КАТОТТГ"])
def test_a_new_institution_needs_what_a_known_one_may_leave_out(world: World, column: str):
    report = take(row(**{column: None}))
    assert report.new == []
    assert "не вказано" in report.bad[0].detail


def test_a_row_that_cannot_be_taken_is_not_told_as_absent_too(world: World):
    take(row(), row(**{"ID закладу": "880002", "Повна назва": "Друга гімназія"}))
    report = take(row(ЄДРПОУ="123"), row(**{"ID закладу": "", "Повна назва": "Друга гімназія"}))
    assert len(report.bad) == 2
    assert report.absent == []


@pytest.mark.parametrize("same", [{"ЄДРПОУ": "22794450"}, {}])
def test_a_second_card_of_one_name_and_code_is_noted(world: World, same: dict):
    take(row(**same))
    report = take(row(**same), row(**same | {"ID закладу": "880002"}))
    assert len(report.new) == 1
    (note,) = report.notes
    assert note.code == "second_card"
    assert "ID 880001" in note.detail


def test_a_preview_writes_nothing_and_says_the_same_as_the_act(world: World):
    content = json.dumps([row(), row(**{"ID закладу": ""})]).encode()
    before = Institution.objects.count()
    seen = institution_import.preview(world.actor("admin"), content, TODAY)
    assert Institution.objects.count() == before
    done = institution_import.take(content, actor=world.actor("admin"), today=TODAY)
    assert seen.counts == done.counts


@pytest.mark.parametrize("who", ["maria", "iryna", "bohdan", "olena"])
def test_only_the_technical_administrator_imports(world: World, who: str):
    with pytest.raises(NotAllowed):
        institution_import.take(b"[]", actor=world.actor(who), today=TODAY)
    with pytest.raises(NotAllowed):
        institution_import.preview(world.actor(who), b"[]", TODAY)


def test_a_staged_file_waits_for_its_owner_and_pressing_twice_takes_it_once(world: World):
    content = json.dumps([row()]).encode()
    staged = institution_import.stage(content, "file.json", actor=world.actor("admin"), now=NOW)
    for _ in range(2):
        institution_import.take_staged(
            actor=world.actor("admin"), pk=staged.pk, today=TODAY, now=NOW
        )
    assert Institution.objects.filter(edebo_id="880001").count() == 1
    with pytest.raises((NotAllowed, NotFound)):
        institution_import.staged(world.actor("bohdan"), staged.pk)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "порожній"),
        (b"PK\x03\x04...", "не JSON"),
        (b"%PDF-1.7", "не JSON"),
        (b'[{"a": 1,]', "правильним JSON"),
        (b"\xff\xfe\x00", "правильним JSON"),
        (b'{"a": 1}', "списку"),
        (b'[{"name": "x"}]', "Стовпці"),
        (b" " * (edebo.LARGEST + 1), "більший"),
    ],
)
def test_a_wrong_file_is_refused_in_words(content: bytes, told: str):
    with pytest.raises(WrongFile, match=told):
        edebo.read(content, TODAY)


def test_the_keys_of_the_api_are_read_as_well(world: World):
    report = take(
        {
            "institution_name": "Ліцей «Зоря» (вигаданий)",
            "institution_id": 880010,
            "short_name": "Ліцей «Зоря»",
            "state_name": "працює",
            "institution_type_name": "ліцей",
            "university_financing_type_name": "Комунальна",
            "katottgcode": "UA73060370010090405",
            "is_village": "Так",
            "is_checked": "так",
        }
    )
    assert report.bad == []
    one = Institution.objects.get(edebo_id="880010")
    assert (one.type, one.is_rural, one.is_confirmed) == ("LYCEUM", True, True)


def test_the_manual_lists_exactly_the_keys_that_are_read():
    manual = Path(__file__).parents[3] / "docs" / "how-to" / "import-institutions.md"
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| `(.+?)` \|", manual.read_text(), re.MULTILINE)
    listed = {field: (*map(str.strip, names.split(";")), api) for field, names, api in rows}
    assert listed == edebo.KEYS


def test_the_command_tells_what_it_did_and_what_it_left(world: World, tmp_path):
    file = tmp_path / "register.json"
    file.write_text(json.dumps([row(), row(**{"ID закладу": ""})], ensure_ascii=False))
    out, err = io.StringIO(), io.StringIO()
    call_command("import_institutions", file, "--dry-run", stdout=out, stderr=err)
    assert "Would be: rows 2, new 1" in out.getvalue()
    assert "рядок 2" in err.getvalue()
    assert not Institution.objects.filter(edebo_id="880001").exists()
    call_command("import_institutions", file, stdout=io.StringIO(), stderr=io.StringIO())
    assert Institution.objects.filter(edebo_id="880001").exists()


def test_an_import_that_dies_half_way_leaves_nothing_behind(world: World, monkeypatch):
    before = Institution.objects.count()

    def dies(*_):
        raise RuntimeError("зникло живлення")

    monkeypatch.setattr(institution_import.audit, "record", dies)
    with pytest.raises(RuntimeError):
        take(row(), row(**{"ID закладу": "880002"}))
    assert Institution.objects.count() == before
