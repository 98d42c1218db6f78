"""Extracts: the history of each field of the four cards, and the same on paper and as a workbook."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from kernel.audit.models import Look
from registry.institutions.services import institutions
from registry.models import Post
from registry.people import services as pupils
from tests.registry.kit import TODAY
from tests.registry.staff.test_pages import hire
from tests.world import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def changed(world):
    """One field of each card changed twice, so that what stood between is told, too."""
    olena, school = world.actor("olena"), world.institutions["school1"]
    ivan = world.pupils["ivan"]
    known = {
        "given_name": ivan.given_name,
        "patronymic": ivan.patronymic,
        "born_on": f"{ivan.born_on:%d.%m.%Y}",
        "sex": ivan.sex,
    }
    for version, surname in enumerate(("Перший", "Другий"), start=1):
        pupils.correct(
            actor=olena,
            pupil_id=ivan.pk,
            version=version,
            values=known | {"surname": surname},
            ground="свідоцтво",
            today=TODAY,
        )
        institutions.update(
            {"address": f"вул. {surname}, 1"}, actor=olena, uid=school.uid, version=version
        )
    post = hire(world, school)
    return {
        "pupil_extract": ([ivan.pk], ("Прізвище", "Перший", "Другий")),
        "institution_extract": ([school.uid], ("Адреса", "вул. Перший, 1", "вул. Другий, 1")),
        "staff_extract": ([post.pk], None),
        "class_extract": ([next(iter(world.classes.values())).uid], None),
    }


@pytest.mark.parametrize("name", ["pupil_extract", "institution_extract"])
def test_each_change_of_a_field_is_told_with_who_and_why_on_page_and_in_files(
    client, world, changed, name
):
    keys, (field, was, now) = changed[name]
    sign_in(client, world.grants["olena"])
    address = reverse(name, args=keys)
    page = client.get(address).content.decode()
    # Newest first: the second change, then the first with the value that stood before.
    second = page.index(f'<th scope="row">{field}</th><td data-l="Було">{was}</td>')
    assert f'<td data-l="Стало">{now}</td>' in page[second : second + 400]
    assert "Шкільна О. В." in page[second : second + 600]
    assert page.index(f'data-l="Стало">{was}</td>', second) > second
    looks = Look.objects.count()
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(address, {"file": "xlsx"}).content))
    assert book.sheet_names == ["Стан", "Події", "Історія полів"]
    rows = book.get_sheet_by_name("Історія полів").to_python()
    assert next(row[1:4] for row in rows if row[1] == field) == [field, was, now]
    pdf = pypdfium2.PdfDocument(client.get(address, {"file": "pdf"}).content)
    said = " ".join(one.get_textpage().get_text_range() for one in pdf)
    assert now.split()[0] in said
    assert Look.objects.count() >= looks + 2


@pytest.mark.parametrize("name", ["staff_extract", "class_extract"])
def test_a_card_never_changed_says_so_and_has_its_files(client, world, changed, name):
    keys, _ = changed[name]
    sign_in(client, world.grants["olena"])
    address = reverse(name, args=keys)
    assert "жодного поля не змінювали" in client.get(address).content.decode()
    for file, start in (("xlsx", b"PK"), ("pdf", b"%PDF")):
        assert client.get(address, {"file": file}).content.startswith(start)
    assert client.get(address, {"file": "exe"}).status_code == 400


def test_who_sees_no_staff_by_name_reads_changes_of_a_school_without_names(client, world, changed):
    keys, (field, _, now) = changed["institution_extract"]
    sign_in(client, world.grants["maria"])
    page = client.get(reverse("institution_extract", args=keys)).content.decode()
    assert now in page
    assert field in page
    assert "Шкільна О. В." not in page


def test_a_number_of_a_person_stays_masked_in_the_history(client, world, changed):
    (pk,), _ = changed["staff_extract"]
    sign_in(client, world.grants["olena"])
    card = client.get(reverse("staff_detail", args=[pk])).content.decode()
    assert reverse("staff_extract", args=[pk]) in card

    post = Post.objects.select_related("employee").get(pk=pk)
    page = client.get(reverse("staff_extract", args=[pk])).content.decode()
    assert (post.employee.rnokpp or "нема такого") not in page
