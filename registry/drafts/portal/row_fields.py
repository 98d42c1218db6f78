"""Every field of one child, in the groups of the page that shows one row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.drafts.checks import is_answered
from registry.fields import contacts, documents
from registry.movements.enrol import rows as rules
from registry.movements.enrol.rows import BY_NAME

GROUPS = (
    ("Дитина", ("surname", "given_name", "patronymic", "born_on", "sex", "citizenship")),
    (
        "Документи",
        (
            "document_type",
            "document",
            "document_issued_by",
            "document_issued_on",
            "rnokpp",
            "unzr",
        ),
    ),
    ("Навчання", ("class", "form")),
    ("Хто подає заяву", ("relation", "applicant", "phone", "email", "applicant_rnokpp")),
    (
        "Місце проживання",
        ("address", "address_country", "address_territory", "registered_address"),
    ),
)
CHOICES = {
    "sex": [("М", "Хлопець"), ("Ж", "Дівчина")],
    "document_type": list(documents.NAMES.items()),
    "form": list(rules.FORMS.items()),
    "relation": list(contacts.RELATIONS.items()),
}


def fields(
    values: Mapping[str, str],
    problems: list[dict[str, Any]],
    answers: Mapping[str, str],
    class_labels: list[str],
) -> list[dict[str, Any]]:
    """The groups of `registry/_draft_fields.html`: every field with its value, choices and problems."""
    by_field: dict[str, list[dict[str, Any]]] = {}
    for problem in problems:
        if problem["level"] == "error" or not is_answered(answers, problem):
            by_field.setdefault(problem["field"], []).append(problem)
    choices = CHOICES | {"class": [(label, label) for label in class_labels]}
    codes = {"relation": contacts.relation_of, "document_type": documents.type_of}
    groups = []
    for title, names in GROUPS:
        fields = []
        for name in names:
            value = values.get(name, "")
            options = choices.get(name)
            chosen = value
            if options is not None and name in codes and value:
                chosen = codes[name](value) or value
            if name == "sex":
                chosen = {"m": "М", "м": "М", "ж": "Ж", "f": "Ж"}.get(value.lower(), value)
            if options is not None and chosen and chosen not in dict(options):
                options = [(chosen, chosen), *options]
            fields.append(
                {
                    "column": BY_NAME[name],
                    "value": chosen if options is not None else value,
                    "options": options,
                    "problems": by_field.get(name, []),
                }
            )
        groups.append({"title": title, "fields": fields})
    return groups
