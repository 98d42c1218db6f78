"""A field for a place of КАТОТТГ: typed and found, or walked down from the oblast.

With script the finds appear while typing (registry.classifiers.portal.territories.pick). Without it the form
is sent as it is: one exact find is taken, several come back as a choice beside the field.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kernel.text import alike
from registry.classifiers.selectors import territories

SETTLEMENTS = "MTXCK"
SHOWN = 12


class TerritoryWidget(forms.Widget):
    """A search box and the objects found, as radio buttons; the chosen one stands first."""

    template_name = "registry/widgets/territory.html"

    def __init__(self, categories: str = SETTLEMENTS, within: str = "", attrs: Any = None):
        super().__init__(attrs)
        self.categories = categories
        self.within = within

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        walked = data.get(f"{name}_tree") or ""  # chosen by the way down, over what was typed
        typed = "" if walked else (data.get(f"{name}_q") or "").strip()
        return {"code": walked or data.get(name) or "", "typed": typed}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not {name, f"{name}_q", f"{name}_tree"} & set(data)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        told = value if isinstance(value, dict) else {"code": value or "", "typed": ""}
        context["widget"] |= {
            "categories": self.categories,
            "within": self.within,
            **picker(name, told["code"], told["typed"], self.categories, self.within),
        }
        return context


def picker(
    name: str, code: str, typed: str, categories: str = SETTLEMENTS, within: str = ""
) -> dict[str, Any]:
    """What the list under the search box shows: the chosen object, then those found."""
    found = territories.search(typed, categories=categories, within=within, limit=SHOWN)
    codes = [code] if code else []
    codes += [one.code for one in found if one.code != code]
    named = territories.labels(codes)
    return {
        "name": name,
        "code": code,
        "typed": typed or named.get(code, ""),
        "options": [(one, named.get(one, one)) for one in codes],
        "nothing": bool(typed) and not codes and len(typed) >= territories.SHORTEST_SEARCH,
    }


class TerritoryField(forms.Field):
    """A code of КАТОТТГ of one of these categories."""

    widget = TerritoryWidget

    def __init__(self, *, categories: str = SETTLEMENTS, within: str = "", **options: Any):
        options.setdefault("widget", TerritoryWidget(categories, within))
        options.setdefault("help_text", "Почніть писати назву; після коми можна додати область")
        super().__init__(**options)
        self.categories = categories
        self.within = within

    def to_python(self, value: Any) -> str:
        told = value if isinstance(value, dict) else {"code": value or "", "typed": ""}
        code, typed = told["code"], told["typed"]
        named = territories.label(code) if code else ""
        if code and (not typed or typed == named or self._is_found(code, typed)):
            return str(code)
        if not typed:
            return ""
        found = territories.search(
            typed, categories=self.categories, within=self.within, limit=SHOWN
        )
        # A whole line the field itself showed before, or the only place of this name.
        same = [one for one in found if territories.label(one.code) == typed] or [
            one for one in found if alike(one.name) == alike(typed.split(",")[0])
        ]
        if len(same) == 1:
            return same[0].code
        if not found:
            raise ValidationError("Такого місця в КАТОТТГ не знайдено: перевірте назву", "absent")
        raise ValidationError("Таких місць кілька: виберіть потрібне", "ambiguous")

    def _is_found(self, code: str, typed: str) -> bool:
        found = territories.search(
            typed, categories=self.categories, within=self.within, limit=SHOWN
        )
        return code in {one.code for one in found}

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not territories.CODE.fullmatch(value):
            raise ValidationError("Код КАТОТТГ має UA і 17 цифр", "shape")

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or ""))
        except ValidationError:
            return True
