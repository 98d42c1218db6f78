"""What people type in another alphabet, with О for 0 or with another dash is read as it was meant."""

from __future__ import annotations

import pytest

from accounts import identifiers
from kernel.errors import DomainError, Invalid
from kernel.text import alike
from registry.classes import services as classes
from registry.classes.services import ClassSpec
from registry.classes.written import read_labels
from registry.fields import documents, labels, numbers
from registry.movements.grounds import ground_of
from signatures.models import SigningSession
from signatures.selectors.sessions import by_code
from tests.registry.drafts.test_drafts import numbered
from tests.registry.orders.test_orders import prepared, sign


@pytest.mark.parametrize(
    ("typed", "kind", "kept"),
    [
        ("1-CГ О12З45", "BIRTH_UA", None),  # З is no zero: the number is refused
        ("I-CГ О12345", "BIRTH_UA", ("I-СГ", "012345")),
        ("І–СГ 012345", "BIRTH_UA", ("I-СГ", "012345")),
        ("CT 12345О", "PASSPORT_BOOK", ("СТ", "123450")),
        ("РЕ О12345", "PASSPORT_FOREIGN", ("PE", "012345")),
        ("ОО0123456", "ID_CARD", ("", "000123456")),
        ("АВ 123", "BIRTH_FOREIGN", ("", "AB123")),
        ("AB123", "BIRTH_FOREIGN", ("", "AB123")),
        ("12 АБ 7", "REFUGEE", ("", "12АБ7")),
    ],
)
def test_a_document_is_one_however_it_is_typed(typed, kind, kept):
    read = documents.check("document", typed, kind=kind).value
    assert (read and (read.series, read.number)) == kept


def test_numbers_and_codes_are_read_with_o_for_nought():
    rnokpp = "3117100022"
    typed = rnokpp.replace("0", "О")
    assert numbers.check_rnokpp("rnokpp", typed, born_on=None, sex=None).value == (rnokpp, "VALUE")
    unzr = numbers.check_unzr("unzr", "2О16О3О5−ООО14", born_on=None)
    assert unzr.value == "20160305-00014"
    assert identifiers.bare("59 9ОО О62") == "59900062"
    assert identifiers.bare("ct123456") == "СТ123456"
    assert identifiers.territory("УА7306 О610010033137") == "UA73060610010033137"
    assert identifiers.names_agree("О'Коннор-Дід Олена", "олена дід o`kоннор")


def test_a_label_of_a_class_is_one_whatever_the_alphabet():
    refs = labels.Classes([labels.ClassRef(1, 12, "В"), labels.ClassRef(2, 10, "ФМ")])
    for typed in ("12-B", "12 – в", "XIІ-В", "12В"):
        assert labels.check("class", typed, refs).value == refs.refs[1], typed
    assert labels.check("class", "10-ФM", refs).value == refs.refs[0]


@pytest.mark.parametrize(
    ("typed", "opened"),
    [
        ("10-ФМ", ["10-ФМ"]),
        ("10-ФM", ["10-ФМ"]),
        ("5-АБВ", ["5-А", "5-Б", "5-В"]),
        ("5-A—B", ["5-А", "5-Б", "5-В"]),
        ("1-A, 1-Б", ["1-А", "1-Б"]),
    ],
)
def test_classes_are_opened_as_they_were_meant(typed, opened):
    found, problems = read_labels(typed)
    assert ([labels.label(*one) for one in found], problems) == (opened, [])


def test_a_letter_edited_to_its_double_opens_no_second_class(world):
    olena, home = world.actor("olena"), world.institutions["school1"]
    with pytest.raises(Invalid):
        classes.open_many([ClassSpec(5, "A")], actor=olena, institution=home.uid, year="2026-2027")
    group = world.classes["school1/5-Б"]
    with pytest.raises(DomainError) as told:
        classes.update({"letter": "A"}, actor=olena, uid=group.uid, version=group.version)
    assert told.value.code == "class_exists"
    (made,) = classes.open_many(
        [ClassSpec(5, "b")], actor=olena, institution=home.uid, year="2026-2027"
    )
    assert made.letter == "В"


@pytest.mark.parametrize("typed", ["77-У", "77–у", "77 - Y", "№ 77-y"])
def test_a_number_of_an_order_is_one_whatever_the_case_and_alphabet(world, typed):
    olena = world.actor("olena")
    prepared(olena, world, [numbered(1)], number="77-у")
    with pytest.raises(Invalid, match="№ 77-у у 2026 році вже є"):
        prepared(olena, world, [numbered(2)], number=typed)


def test_the_printed_code_is_found_as_people_type_it(world):
    order = sign(world.actor("olena"), prepared(world.actor("olena"), world, [numbered(1)]))
    session = SigningSession.objects.get(pk=order.signing_id)

    code = session.code
    typed = code.translate({ord(lat): cyr for lat, cyr in zip("ABCE0", "АВСЕО", strict=True)})
    parted = "–".join(typed[i : i + 4].lower() for i in range(0, len(typed), 4))
    assert alike(typed) == alike(code)
    assert by_code(parted).pk == session.pk


def test_words_of_a_choice_are_known_by_their_look():
    assert ground_of("переведення до iншого зз") == "TRANSFER"
