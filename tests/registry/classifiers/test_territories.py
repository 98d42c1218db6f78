"""КАТОТТГ in editions: what changes is told, what is wrong stops everything, the past stays."""

from __future__ import annotations

import datetime
import io
import lzma

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command

from accounts import actors
from kernel.errors import NotAllowed, NotFound
from registry.classifiers.errors import EditionClosesTooMuch, EditionOutdated, EditionRejected
from registry.classifiers.selectors import territories
from registry.classifiers.services import territories as services
from registry.models import Territory
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
SETUP = actors.system("тест")
NEXT = datetime.date(2027, 1, 15)
MAMAIVTSI = "UA73060370010090405"
CHERNIVTSI = "UA73060610010033137"


def carried_lines() -> list[str]:
    path, _ = services.carried_edition()
    return lzma.decompress(path.read_bytes()).decode().splitlines()


def load(lines: list[str], edition: datetime.date = NEXT, **options):
    return services.import_edition(
        "\n".join(lines).encode(), actor=SETUP, edition=edition, **options
    )


def test_the_whole_codifier_is_there():
    assert Territory.objects.filter(valid_to=None).count() == 31_744
    assert territories.label(MAMAIVTSI) == (
        "с. Мамаївці, Мамаївська громада, Чернівецький район, Чернівецька область"
    )
    assert territories.label("UA80000000000126643") == "Голосіївський район, м. Київ"


def test_the_same_edition_again_changes_nothing():
    before = list(Territory.objects.order_by("pk").values_list("pk", "valid_to"))
    path, edition = services.carried_edition()
    report = services.import_edition(path.read_bytes(), actor=SETUP, edition=edition)
    assert report.changes == []
    assert list(Territory.objects.order_by("pk").values_list("pk", "valid_to")) == before


def test_a_newer_edition_renames_recategorises_closes_and_opens_and_says_so():
    lines = []
    for line in carried_lines():
        code = line.split(",")[0]
        if code == MAMAIVTSI:
            line = line.replace("Мамаївці", "Нові Мамаївці")
        lines.append(line)
    village = next(x for x in lines if x.startswith("UA73") and ",C," in x and MAMAIVTSI not in x)
    closed = next(
        x for x in reversed(lines) if x.startswith("UA73") and ",C," in x and x != village
    )
    lines[lines.index(village)] = village.replace(",C,", ",X,")
    lines.remove(closed)
    lines.append(f"UA73060370990099999,{territories.find(MAMAIVTSI).parent_code},C,Нове Село")

    report = load(lines)

    assert report.counts == {
        "opened": 1,
        "renamed": 1,
        "recategorised": 1,
        "moved": 0,
        "closed": 1,
    }
    assert territories.find(MAMAIVTSI).name == "Нові Мамаївці"
    assert territories.find(MAMAIVTSI, NEXT - datetime.timedelta(days=1)).name == "Мамаївці"
    with pytest.raises(NotFound):
        territories.find(closed.split(",")[0])
    assert "(закрито)" in territories.label(closed.split(",")[0])
    # and once more: the register holds this edition already
    assert load(lines).changes == []


def test_a_correction_of_the_same_edition_replaces_its_own_rows():
    lines = [line.replace("Мамаївці", "Помилка") for line in carried_lines()]
    load(lines)
    load(carried_lines())
    names = [(t.name, t.valid_to) for t in territories.history(MAMAIVTSI)]
    assert names == [("Мамаївці", None), ("Мамаївці", NEXT)]


def test_every_wrong_row_is_told_and_not_one_is_loaded():
    lines = carried_lines()
    lines[1] = lines[1].replace("UA", "ЮА", 1)
    lines[5] = lines[4]
    lines.append("UA73060370990099999,UA73060370000000001,C,Сирота")
    lines.append("UA73060370990099998,UA73060370000059595,Я,Невідоме")
    lines.append("UA73060370990099997,UA73060370000059595,C, ")
    with pytest.raises(EditionRejected) as refused:
        load(lines)
    told = {problem.code for problem in refused.value.problems}
    assert {"code_shape", "duplicate", "orphan", "category", "name"} <= told
    assert all(problem.field.startswith("рядок ") for problem in refused.value.problems)
    assert Territory.objects.filter(valid_from=NEXT).count() == 0


def test_a_file_cut_short_does_not_close_half_the_country():
    lines = [x for x in carried_lines() if not x.startswith(("UA46", "UA05", "UA07"))]
    with pytest.raises(EditionClosesTooMuch):
        load(lines)
    assert Territory.objects.filter(valid_to=None).count() == 31_744
    report = load(lines, confirm_closing=True)
    assert report.count("closed") > 4_000


def test_history_is_not_written_backwards():
    with pytest.raises(EditionOutdated):
        load(carried_lines(), edition=datetime.date(2020, 1, 1))


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"a,b\n1,2\n", b"PK\x03\x04broken", b"\x1f\x8bx"]
)
def test_a_file_of_another_kind_is_told_as_such(content: bytes):
    with pytest.raises(EditionRejected):
        services.import_edition(content, actor=SETUP, edition=NEXT)


def test_the_ministrys_table_is_read_too():
    # One oblast is enough to compare; the rest of the country closes, which is said to be meant.
    lines = [line for line in carried_lines() if line.startswith("UA73")]
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(
            0,
            0,
            [
                "Перший рівень",
                "Другий рівень",
                "Третій рівень",
                "Четвертий рівень",
                "Додатковий рівень",
                "Категорія об’єкта",
                "Назва об’єкта",
            ],
        )
        for number, line in enumerate(lines, start=1):
            code, _, category, name = line.split(",")
            chain = _chain(code)
            sheet.write_row(number, 0, [*chain, *[""] * (5 - len(chain)), category, name])
    report = services.import_edition(
        book.getvalue(), actor=SETUP, edition=NEXT, confirm_closing=True
    )
    assert not [change for change in report.changes if change.code.startswith("UA73")]


_PARENTS: dict[str, str] = {}


def _chain(code: str) -> list[str]:
    if not _PARENTS:
        _PARENTS.update(line.split(",")[:2] for line in carried_lines()[1:])
    chain = [code]
    while _PARENTS.get(chain[0]):
        chain.insert(0, _PARENTS[chain[0]])
    return chain


def test_only_the_technical_administrator_loads_editions(world: World):
    with pytest.raises(NotAllowed):
        services.import_edition(b"", actor=world.actor("bohdan"), edition=NEXT)


def test_the_command_asks_for_the_edition_and_lists_wrong_rows(tmp_path, capsys):
    file = tmp_path / "katottg.csv"
    file.write_text("code,parent_code,category,name\nUA1,,O,Область\n")
    with pytest.raises(CommandError, match="--edition"):
        call_command("import_katottg", file)
    with pytest.raises(CommandError, match="помилки"):
        call_command(
            "import_katottg", file, "--edition", "2027-01-15", stderr=(err := io.StringIO())
        )
    assert "рядок 2" in err.getvalue()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Чернівці", "м. Чернівці"),
        ("чернівц", "м. Чернівці"),
        ("Мамаївцы", "с. Мамаївці"),  # misspelt
        ("с. Мамаївці", "с. Мамаївці"),
        ("Іванівка, Одеська", "с-ще Іванівка"),
        (CHERNIVTSI, "м. Чернівці"),
        ("Мар'янівка", None),
    ],
)
def test_places_are_found_as_people_write_them(text: str, first: str | None):
    found = territories.search(text)
    assert found
    if first:
        assert territories.short_label(found[0]) == first


def test_what_stands_above_narrows_the_search():
    found = territories.search("Іванівка, Одеська", limit=50)
    assert {one.oblast_code[:4] for one in found} == {"UA51"}


@pytest.mark.parametrize("text", ["", "а", "%", "_%", "'; DROP TABLE registry_territory; --"])
def test_odd_texts_find_nothing_and_break_nothing(text: str):
    assert territories.search(text) == []
