"""The gallery at /ui/: every component in every state, with invented data. Screenshots are compared here."""

import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from kernel.paging import Order
from kernel.ui import helpers as ui
from kernel.ui import menu, pages, views
from kernel.ui.forms import DateField, Form
from kernel.ui.listing import Address, Column, Listing, Name


class SampleForm(Form):
    """One field of each kind, as the form renderer draws it."""

    number = forms.CharField(label="Номер наказу", max_length=12)
    signed_on = DateField(label="Дата наказу")
    level = forms.ChoiceField(
        label="Паралель", choices=[("", "Виберіть паралель"), ("5", "5 клас"), ("6", "6 клас")]
    )
    relation = forms.ChoiceField(
        label="Тип відносин з дитиною",
        choices=[("m", "Мати"), ("f", "Батько"), ("g", "Опікун")],
        widget=forms.RadioSelect,
        required=False,
    )
    shown = forms.MultipleChoiceField(
        label="Предʼявлено",
        choices=[("id", "Документ, що посвідчує особу"), ("med", "Медична довідка")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Документ, що посвідчує особу, обовʼязковий для зарахування",
    )
    phone = forms.CharField(label="Контактний телефон", required=False, help_text="(000) 000-0000")
    note = forms.CharField(
        label="Примітка", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    scan = forms.FileField(label="Скан заяви", required=False)
    agree = forms.BooleanField(label="Дані звірено з оригіналами документів")


@views.open_to_all
@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """All components; nothing here is real and nothing here writes."""
    return pages.page(request, "ui/gallery.html", sample(timezone.now()))


COLOURS = (
    ("act", "барвінок: дія"),
    ("frame", "ніч: рама"),
    ("paper", "вапно: тло"),
    ("surface", "аркуш"),
    ("ink", "чорнило"),
    ("good", "смерека: добре"),
    ("heed", "жито: увага"),
    ("bad", "калина: помилка"),
    ("note", "Дніпро: довідка"),
    ("focus-out", "фокус"),
)


def _listing() -> Listing[tuple[str, int]]:
    columns = [
        Column[tuple[str, int]]("name", "Клас", lambda row: Name(row[0], "#rows")),
        Column[tuple[str, int]]("pupils", "Учнів", lambda row: row[1], kind="num"),
    ]
    orders = {"name": Order(("name",), "", few=True), "pupils": Order(("pupils",), "", few=True)}
    return Listing(
        Address(HttpRequest(), ()),
        "Класи",
        columns,
        [("5-А", 21), ("5-Б", 22)],
        orders=orders,
        order="name",
    )


def sample(now: datetime.datetime) -> dict[str, Any]:
    """Invented data for every part of the gallery."""
    return {
        "listing": _listing(),
        "colours": COLOURS,
        "icons": sorted(ui.icon_names()),
        "form_tag": "{{ form }}",
        "wrong": SampleForm({"number": "", "signed_on": "31.02.2026", "level": "5"}),
        "now": now,
        "levels": [("5", "5 клас"), ("6", "6 клас")],
        "relations": [("m", "Мати"), ("f", "Батько"), ("g", "Опікун")],
        "shown": [
            ("id", "Документ, що посвідчує особу", "обовʼязково для зарахування"),
            ("med", "Медична довідка"),
        ],
        "chosen": ["med"],
        "classes": [
            {"name": "5-А", "head": "Левчук І. В.", "pupils": 21, "places": 3, "on": False},
            {"name": "5-Б", "head": "Мельник В. П.", "pupils": 22, "places": 2, "on": True},
            {"name": "5-В", "head": "Скиба О. М.", "pupils": 21, "places": 3, "on": False},
        ],
        "facets": [
            {
                "title": "Паралель",
                "items": [
                    {"label": "Усі", "url": "#list", "count": 612, "current": False},
                    {"label": "5 клас", "url": "#list", "count": 64, "current": True},
                    {"label": "6 клас", "url": "#list", "count": 59, "current": False},
                ],
            },
            {
                "title": "Стан даних",
                "items": [
                    {"label": "Будь-який", "url": "#list", "count": 64, "current": True},
                    {"label": "Немає РНОКПП", "url": "#list", "count": 8, "current": False},
                ],
            },
        ],
        "chips": [{"label": "5 клас", "url": "#list"}],
        "pills": [
            {"label": "Усі", "count": 61, "url": "#list", "current": True},
            {"label": "Виправити", "count": 3, "url": "#list", "icon": "err"},
            {"label": "Готові", "count": 54, "url": "#list", "icon": "check"},
        ],
        "pupils": [
            {"name": "Василенко Максим Степанович", "klass": "5-Б", "born": "13.10.2015",
             "kind": "good", "state": "Підтверджено", "on": False},
            {"name": "Ґалаґан Мілана Дмитрівна", "klass": "5-Б", "born": "09.12.2015",
             "kind": "heed", "state": "Немає РНОКПП", "on": True},
            {"name": "Їжакевич Ярина Сергіївна", "klass": "5-А", "born": "20.11.2015",
             "kind": "bad", "state": "Не знайдено в ДРАЦС", "on": False},
        ],
        "grid": [grid_row(2, "ok"), grid_row(4, "bad"), grid_row(8, "heed")],
        "crumbs": [("Доступні послуги", "/"), ("Здобувачі освіти", "#nav")],
        "tabs": [
            {"label": "Стан", "url": "#nav", "current": True},
            {"label": "Рух і накази", "url": "#nav"},
            {"label": "Документи", "url": "#nav", "count": 2},
        ],
        "steps": [
            {"label": "Таблиця", "url": "#nav", "state": "done"},
            {"label": "Перевірка", "state": "now"},
            {"label": "Наказ"},
            {"label": "Підпис"},
        ],
        "nodes": [
            {
                "label": "Чернівецька область", "url": "#tree", "open": True,
                "children": [
                    {
                        "label": "Чернівецький район", "url": "#tree", "open": True,
                        "children": [
                            {"label": "Місто Чернівці", "url": "#tree", "current": True,
                             "note": "46 закладів"},
                            {"label": "Мамаївська громада", "url": "#tree", "note": "9 закладів"},
                        ],
                    },
                    {"label": "Вижницький район", "url": "#tree", "children": [
                        {"label": "Берегометська громада", "url": "#tree"}]},
                ],
            }
        ],
        "facts": [
            ("Клас", "5-Б"),
            ("Форма здобуття", "Очна (денна)"),
            ("Зараховано", "02.09.2024, наказ № 88-у"),
            ("Попередній заклад", ""),
        ],
        "figures": [("Здобувачів", "612"), ("Класів", "24"), ("Працівників", "58")],
        "oblasts": [
            {"code": "UA73", "label": "Чернівецька область", "value": 92, "url": "#nav"},
            {"code": "UA46", "label": "Львівська область", "value": 41, "url": "#nav"},
        ],
        "ranks": [
            {"label": "Яворинська громада", "value": 8170, "ago": 7815, "url": "#nav"},
            {"label": "Горинська громада", "value": 2412, "ago": 2530, "url": "#nav"},
            {"label": "Угорська громада", "value": 904, "ago": None, "url": ""},
        ],
        "months": [
            {"label": label, "value": value}
            for label, value in (("01.09", 8010), ("01.10", 8115), ("01.11", 8170), ("01.12", 8140))
        ],
        "ages": [
            {"label": str(age), "left": 410 + 7 * age % 90, "right": 395 + 11 * age % 90}
            for age in range(6, 18)
        ],
        "raions": [
            {"label": "Вижницький район", "value": 8170, "code": ""},
            {"label": "Дністровський район", "value": 12415, "code": ""},
            {"label": "Чернівецький район", "value": 61030, "code": ""},
            {"label": "Інший район", "value": "hidden", "code": ""},
        ],
        "bars": [
            menu.Bar(label=str(level + 1), value=pupils)
            for level, pupils in enumerate((58, 61, 57, 60, 64, 59, 62, 55, 58, 40, 38))
        ],
        "stamp": [
            "Ґалаґан Ніна Степанівна, керівник",
            "ЄДРПОУ 00990012 · 20.11.2026 14:36:12 +02:00",
            "Сертифікат 58E2 D9E7 F900 307B 0400 · чинний на час підпису",
            "Документ 9f41 c07e … d5aa 7e21",
        ],
        "cert": [
            ("Власник", "Ґалаґан Ніна Степанівна"),
            ("РНОКПП", "••••••4471"),
            ("ЄДРПОУ", "00990012"),
            ("Чинний до", "14.03.2027"),
        ],
    }  # fmt: skip


def grid_row(number: int, state: str) -> dict[str, Any]:
    """A row of the sample grid; `bad` and `heed` rows have one cell with a message."""
    values = {
        "surname": ("Прізвище", "Гнатюк"),
        "given": ("Імʼя", "Дмитро"),
        "patronymic": ("По батькові", "Юрійович"),
        "born": ("Дата народж.", "08.02.2016"),
        "certificate": ("Свідоцтво", "І-ТП 319338"),
    }
    cells = [
        {"name": name, "label": label, "value": value} for name, (label, value) in values.items()
    ]
    if state == "bad":
        cells[4] |= {
            "value": "І-ТП 10443", "state": "bad", "put": "І-ТП 010443",
            "message": "У номері 5 цифр, потрібно 6. Було вставлено з Excel як число.",
        }  # fmt: skip
    if state == "heed":
        cells[0] |= {
            "value": "Кoвaленко", "state": "heed", "put": "Коваленко",
            "message": "Латинські літери «o», «a» серед кирилиці.",
        }  # fmt: skip
    return {"id": number, "state": state, "cells": cells}
