"""«Заклади освіти»: the state register of institutions without its people."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from accounts.models import OrgUnit
from registry.classifiers.models import Territory
from registry.classifiers.selectors import classifiers
from registry.models import Institution
from reports.models import ReportRun
from reports.open.datasets import Dataset, Field, Table, register

# Cards that the authority has not verified are nobody's register yet.
UNSEEN = ("DRAFT",)

FIELDS = (
    Field("uid", "Ідентифікатор у реєстрі", required=True, about="UUID, не змінюється ніколи"),
    Field("edebo_id", "Код ЄДЕБО"),
    Field("edrpou", "Код ЄДРПОУ", about="філія може мати код опорного закладу або не мати свого"),
    Field("full_name", "Повна назва", required=True),
    Field("short_name", "Скорочена назва", required=True),
    Field("type", "Тип закладу, код", required=True),
    Field("type_name", "Тип закладу"),
    Field("ownership", "Форма власності, код", required=True),
    Field("ownership_name", "Форма власності"),
    Field("status", "Стан, код", required=True),
    Field("status_name", "Стан"),
    Field("founder_edrpou", "Код ЄДРПОУ засновника"),
    Field("is_hub", "Опорний заклад", "boolean", required=True),
    Field("hub_uid", "Опорний заклад філії", about="uid закладу, філією якого він є"),
    Field("is_rural", "У сільській місцевості", "boolean", required=True),
    Field("is_mountain", "Гірський населений пункт", "boolean", required=True),
    Field("is_boarding", "З пансіоном", "boolean", required=True),
    Field("oblast", "Область"),
    Field("raion", "Район"),
    Field("hromada", "Територіальна громада"),
    Field("territory_code", "Код КАТОТТГ населеного пункту", required=True),
    Field("territory", "Населений пункт"),
    Field("city_district_code", "Код КАТОТТГ району в місті"),
    Field("postal_code", "Поштовий індекс"),
    Field("address", "Адреса"),
    Field("phone", "Телефон закладу"),
    Field("email", "Електронна пошта закладу"),
    Field("site", "Вебсайт", "anyURI"),
    Field("managing_body", "Орган управління"),
    Field("languages", "Мови навчання", about="коди ISO 639-1 через крапку з комою"),
    Field("shifts", "Змін", "integer"),
    Field("capacity", "Проєктна потужність", "integer"),
    Field("licensed_volume", "Ліцензований обсяг", "integer"),
)


def compose(as_of: datetime.date, run: ReportRun | None) -> Table:
    """Every verified institution and branch, those that are closed too, in the order of names."""
    return Table(FIELDS, _rows())


def _rows() -> Iterator[list[Any]]:
    named = {name: classifiers.labels(name) for name in _CLASSIFIERS.values()}
    territories = {
        row["code"]: {name: str(value) for name, value in row.items()}
        for row in Territory.objects.filter(valid_to=None).values(
            "code", "name", "oblast_code", "raion_code", "hromada_code"
        )
    }
    bodies = dict(OrgUnit.objects.exclude(kind="INSTITUTION").values_list("pk", "name"))
    found = Institution.objects.exclude(status__in=UNSEEN).select_related("hub", "unit")
    for one in found.order_by("sort_key", "unit_id").iterator(chunk_size=2000):
        place = territories.get(one.territory_code, {})
        above = {
            level: territories.get(place.get(f"{level}_code") or "", {}).get("name")
            for level in ("oblast", "raion", "hromada")
        }
        told = above | {
            "hub_uid": str(one.hub.uid) if one.hub else None,
            "territory": place.get("name"),
            "managing_body": one.managing_body or bodies.get(one.unit.parent_id),
            **{
                f"{field}_name": named[name].get(getattr(one, field))
                for field, name in _CLASSIFIERS.items()
            },
        }
        yield [_cell(told[f.name] if f.name in told else getattr(one, f.name)) for f in FIELDS]


_CLASSIFIERS = {
    "type": "institution_type",
    "ownership": "ownership",
    "status": "institution_status",
}


def _cell(value: Any) -> Any:
    if isinstance(value, bool | int | list):
        return value
    return str(value) if value else None


register(
    Dataset(
        code="institutions",
        title="Заклади освіти",
        about="Заклади загальної середньої освіти та їхні філії: коди, назви, тип, форма власності, "
        "стан, місце й контакти закладу. Прізвищ керівників і працівників тут немає.",
        keywords=("заклади освіти", "школи", "філії", "опорні заклади", "ЄДЕБО", "КАТОТТГ"),
        key=("uid",),
        compose=compose,
        source="постанова КМУ від 21.10.2015 № 835; Положення про ЦБД, п. 5",
        order=10,
        monthly=True,
    )
)
