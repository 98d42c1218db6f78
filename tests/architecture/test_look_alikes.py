"""One folding of look-alikes: what people type is compared by kernel.text and by nothing else."""

from __future__ import annotations

import ast
import re

import pytest
from django.db import connection

from kernel import text
from tests.architecture import sources

# Every place that compares what people type: the file, what it compares, by what of kernel.text.
COMPARED = (
    ("registry/certificates/selectors.py", "names in the register of certificates", "alike"),
    ("registry/classifiers/portal/territory_field.py", "a place named and not picked", "alike"),
    ("registry/coverage/services/rows.py", "reasons of the children's register", "alike"),
    ("registry/movements/staff/careers.py", "kinds of attestation", "alike"),
    ("reports/subvention/places.py", "ЄДРПОУ of budgets", "code"),
    ("registry/fields/labels.py", "labels and letters of classes", "alike"),
    ("registry/classes/models.py", "one class of a name", "Alike"),
    ("registry/classes/services/groups.py", "classes opened at once", "alike"),
    ("registry/classes/services/merging.py", "classes told by a system", "alike"),
    ("registry/classes/selectors.py", "classes of the next year", "alike"),
    ("registry/classes/written.py", "names of classes in a line", "cyrillic"),
    ("registry/groups/models.py", "one group of a subject", "Alike"),
    ("registry/groups/services.py", "groups told by a system", "alike"),
    ("registry/orders/models.py", "one order of a number", "Alike"),
    ("registry/orders/services/terms.py", "numbers of orders", "alike"),
    ("registry/movements/annul.py", "the order to annul", "alike"),
    ("registry/movements/grounds.py", "grounds of leaving", "alike"),
    ("registry/process.py", "choices of a column", "alike"),
    ("registry/fields/documents.py", "series and numbers of documents", "digits"),
    ("registry/fields/numbers.py", "РНОКПП, УНЗР", "digits"),
    ("registry/fields/contacts.py", "telephones and addresses of mail", "digits"),
    ("registry/fields/names.py", "names of children and representatives", "in_letters"),
    ("registry/classifiers/selectors/classifiers.py", "words of dictionaries", "alike"),
    ("registry/classifiers/services/katottg.py", "categories of settlements", "latin"),
    ("accounts/identifiers.py", "ЄДРПОУ, КАТОТТГ, codes and names of users", "alike"),
    ("signatures/selectors/sessions.py", "the code printed on a document", "latin"),
)
# Other tables of characters, and why they are not look-alikes.
NOT_LOOK_ALIKES = {
    "kernel/text.py": "the folding itself, and the order of the alphabet",
    "kernel/tables/cells.py": "marks that cannot be seen",
    "kernel/tables/delimited.py": "letters of an encoding",
    "accounts/models/units.py": "an index of trigrams",
    "registry/people/models/pupils.py": "names as they are kept, with one apostrophe",
    "signatures/revocation.py": "names of X.500",
    "signatures/certificates.py": "names of X.500",
}
_TABLES = {"maketrans", "casefold", "iexact", "Upper", "Lower"}
_RUN = re.compile(r"(?:А?ВСЕН?|А?ВЕКМ|A?BCEH|A?BEKM|([’‘ʼ`′])(?!\1)[’‘ʼ`′]|([–—‑‐])(?!\2)[–—‑‐])")


@pytest.mark.parametrize(("path", "what", "how"), COMPARED)
def test_every_comparing_place_folds_by_kernel_text(path, what, how):
    tree = ast.parse((sources.ROOT / path).read_text(encoding="utf-8"))
    brought = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "kernel.text"
        for alias in node.names
    }
    assert how in brought, f"{path} compares {what}: bring `{how}` from kernel.text"


def test_nobody_folds_look_alikes_anew():
    found = []
    for path, tree in sources.modules():
        if str(path) in NOT_LOOK_ALIKES or "demo" in path.parts:
            continue
        for node in ast.walk(tree):
            named = getattr(node, "attr", None) or getattr(node, "id", None)
            said = node.value if isinstance(node, ast.Constant) else ""
            if named in _TABLES or (isinstance(said, str) and _RUN.search(said)):
                found.append(f"{path}:{getattr(node, 'lineno', 0)}")
    assert not found, f"Compare by `alike` or `Alike` of kernel.text, and list the place: {found}"


@pytest.mark.django_db
def test_the_database_folds_as_the_code_does():
    typed = "".join(chr(mark) for mark in (*range(1, 0x530), *range(0x2000, 0x2220), 0xFF07))
    with connection.cursor() as cursor:
        cursor.execute("SELECT uk_alike(%s), uk_sort_key(%s)", [typed, typed[31:]])
        folded, key = cursor.fetchone()
    assert folded == text.alike(typed)
    marks = text.APOSTROPHES + text.DASHES
    assert not {mark for mark in key if not mark.isascii()} & set(marks)
    assert text.sort_key(marks) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("77-у", "77 – Y"),
        ("12-В", "12-b"),
        ("ОСНОВНА", "0CHOBHA"),
        ("Дем'ян", "дем´ян"),
        ("Дем’ян", "демʻян"),
        ("10—ФМ", "10-фм"),
    ],
)
def test_what_looks_the_same_is_one(one, other):
    assert text.alike(one) == text.alike(other)


def test_what_differs_stays_apart():
    assert (
        len({text.alike(one) for one in ("5-А", "5-Б", "5-Г", "5-Ґ", "5-І", "5-Ї", "15", "5")}) == 8
    )
