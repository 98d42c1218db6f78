"""Dictionaries: the carried files are what the database says, in the past too."""

from __future__ import annotations

import datetime

import pytest

from accounts import actors
from kernel.errors import NotAllowed
from registry.classifiers.selectors import classifiers
from registry.classifiers.services import classifiers as services
from registry.models import ClassifierItem
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = datetime.date(2026, 11, 22)
SETUP = actors.system("тест")


@pytest.fixture(autouse=True)
def _nothing_remembered():
    classifiers.forget()
    yield
    classifiers.forget()


def test_the_installed_dictionaries_are_what_the_files_say():
    assert not services.differences()


def test_loading_twice_changes_nothing_and_loses_nothing():
    before = ClassifierItem.objects.count()
    changes = services.load(actor=SETUP, today=TODAY)
    assert not changes
    assert ClassifierItem.objects.count() == before


def test_an_item_dropped_from_a_file_is_closed_and_keeps_its_label(tmp_path):
    data = _copy(tmp_path)
    path = data / "classifiers" / "class_type.toml"
    path.write_text(
        "\n".join(line for line in path.read_text().splitlines() if '"SANATORIUM"' not in line)
    )

    services.load(actor=SETUP, today=TODAY, data=data)

    assert "SANATORIUM" not in classifiers.codes("class_type", TODAY)
    assert "SANATORIUM" in classifiers.codes("class_type", TODAY - datetime.timedelta(days=1))
    assert classifiers.label("class_type", "SANATORIUM") == "Санаторний"


def test_a_renamed_item_is_corrected_and_a_dated_one_opens_a_new_edition(tmp_path):
    data = _copy(tmp_path)
    path = data / "classifiers" / "ownership.toml"
    text = path.read_text().replace('name = "Державна"', 'name = "Державна власність"')
    text = text.replace(
        '{ code = "PRIVATE", name = "Приватна", aliases = ["приватна"] },',
        '{ code = "PRIVATE", name = "Приватна", valid_to = 2027-01-01 },\n'
        '{ code = "PRIVATE", name = "Приватна (нова)", valid_from = 2027-01-01 },',
    )
    path.write_text(text)

    services.load(actor=SETUP, today=TODAY, data=data)

    assert classifiers.label("ownership", "STATE", TODAY) == "Державна власність"
    assert classifiers.label("ownership", "PRIVATE", TODAY) == "Приватна"
    assert classifiers.label("ownership", "PRIVATE", datetime.date(2027, 1, 1)) == "Приватна (нова)"


def test_a_file_with_a_code_twice_is_refused_whole(tmp_path):
    data = _copy(tmp_path)
    path = data / "classifiers" / "ownership.toml"
    path.write_text(path.read_text().replace('"CORPORATE"', '"STATE"'))
    with pytest.raises(ValueError, match=r"ownership\.toml: STATE stands twice"):
        services.load(actor=SETUP, today=TODAY, data=data)
    assert not services.differences()


def test_only_the_technical_administrator_keeps_dictionaries(world: World):
    with pytest.raises(NotAllowed):
        services.load(actor=world.actor("iryna"), today=TODAY)


def test_other_registers_spelling_of_a_type_is_understood():
    name = "Заклад загальної середньої освіти І–ІІІ ступенів"  # Cyrillic «І», a dash
    assert classifiers.code_of("institution_type", name, TODAY) == "SCHOOL_I_III"
    assert classifiers.code_of("institution_status", " Працює ", TODAY) == "ACTIVE"
    assert classifiers.code_of("ownership", "народна", TODAY) is None


def test_an_academic_lyceum_can_be_chosen_only_from_the_reform_on():
    assert "ACADEMIC_LYCEUM" not in classifiers.codes("institution_type", TODAY)
    assert "ACADEMIC_LYCEUM" in classifiers.codes("institution_type", datetime.date(2027, 9, 1))


def test_the_year_of_a_summer_day_is_the_one_that_ended():
    assert classifiers.current_year(datetime.date(2026, 8, 31)).code == "2025-2026"
    assert classifiers.current_year(datetime.date(2026, 9, 1)).code == "2026-2027"


def _copy(tmp_path):
    import shutil

    return shutil.copytree(services.DATA, tmp_path / "data")
