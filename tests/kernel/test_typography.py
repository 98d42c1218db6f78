"""Where no line breaks, and what stays as it was written."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aikom.settings import base
from kernel.typography import typeset


def shown(text: str) -> str:
    return typeset(text.encode()).decode().replace("\u00a0", "~")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Наказ № 112-у", "Наказ №~112-у"),
        ("№ 1", "№~1"),
        ("Безпала Т. С.", "Безпала Т.~С."),
        ("Ґ. Є. Їжак, м. Біла Церква", "Ґ.~Є.~Їжак, м.~Біла Церква"),
        ("<p>с. Андріївка, вул. Садова</p>", "<p>с.~Андріївка, вул.~Садова</p>"),
        ("за ст. 9 (п. 18)", "за ст.~9 (п.~18)"),
        ("вул. Дальня, буд. 3, кв. 12", "вул.~Дальня, буд.~3, кв.~12"),
        ("62 % із 15 000,00 грн, знак %", "62~% із 15 000,00~грн, знак %"),
        ("Усе гаразд. Далі текст.", "Усе гаразд. Далі текст."),
        ("Клас 5-А. Потім", "Клас 5-А. Потім"),
        ("", ""),
    ],
)
def test_a_number_stays_with_its_sign_and_initials_with_their_name(text: str, line: str) -> None:
    assert shown(text) == line


@pytest.mark.parametrize(
    "text",
    [
        '<input value="Наказ № 5, м. Київ">',
        "<textarea name=a>протокол № 9</textarea>",
        "<option value=1>Ліцей № 1</option>",
        "<pre>№ 1</pre>",
        "<script>let a = '№ 1';</script>",
    ],
)
def test_what_comes_back_from_a_form_is_as_it_was(text: str) -> None:
    assert shown(text) == text


@pytest.mark.django_db
def test_every_page_is_set_so(client: Client, settings: Any) -> None:
    assert "kernel.middleware.Typography" in base.MIDDLEWARE
    settings.MIDDLEWARE = base.MIDDLEWARE
    page = client.get(reverse("ui_gallery")).content.decode()
    assert "наказ №\u00a047-у" in page
    assert ">№ " not in page
