"""How Django forms look: field markup with linked errors and hints, Ukrainian dates, sensible messages.

`FORM_RENDERER = "kernel.ui.forms.Renderer"` makes `{{ form }}` and `{{ field.as_field_group }}` give
the house markup; no form needs to know any CSS class.
"""

import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField as DjangoBoundField
from django.forms.renderers import TemplatesSetting

from kernel.errors import DomainError

DJANGO_ROWS = "10"  # of a text area whose author named no number
ROWS = 4
INCOMPLETE = "Форма надійшла неповною. Оновіть сторінку й надішліть її ще раз: введене лишиться."
LONG = 8  # choices


class BoundField(DjangoBoundField):
    """Gives each control its house class by its kind, keeping classes the form's author set."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        own = control_class(widget)
        if own:
            given = attrs.get("class", widget.attrs.get("class", ""))
            attrs["class"] = f"{own} {given}".strip()
        if widget.attrs.get("rows") == DJANGO_ROWS:
            attrs["rows"] = str(ROWS)
        return attrs

    @property
    def is_expected(self) -> bool:
        """Whether the page marks the field: the form wants it, or the command behind will."""
        return self.field.required or self.name in getattr(self.form, "expected", ())

    @property
    def is_long(self) -> bool:
        """A list of choices too long for one column."""
        return len(getattr(self.field, "choices", ())) > LONG

    @property
    def is_file(self) -> bool:
        return isinstance(self.field.widget, forms.FileInput)

    @property
    def is_switch(self) -> bool:
        """A single tick box, whose label stands beside it."""
        return isinstance(self.field.widget, forms.CheckboxInput)


def control_class(widget: forms.Widget) -> str:
    """The class of a control; groups of options and hidden fields have none."""
    if widget.is_hidden or isinstance(
        widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.CheckboxInput
    ):
        return ""
    if isinstance(widget, forms.FileInput):
        return "ak-drop__f"
    if isinstance(widget, forms.Textarea):
        return "ak-area"
    if isinstance(widget, forms.Select):
        return "ak-select"
    if isinstance(widget, forms.MultiWidget):
        return ""
    if isinstance(widget, forms.DateInput) or "data-ak-date" in widget.attrs:
        return "ak-input ak-input--s"
    if isinstance(widget, forms.widgets.Input):
        return "ak-input"
    return ""


class Renderer(TemplatesSetting):
    """Django's form renderer with the house templates."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"
    bound_field_class = BoundField


class DateField(forms.DateField):
    """A date typed as people write it: 02.09.2026; «2.9.2026», «02/09/2026» and ISO are understood.

    Two-digit years are not: a child of 15 may be of 1911 or 2011 in an archive.
    """

    widget = forms.DateInput(
        format="%d.%m.%Y",
        attrs={
            "inputmode": "numeric",
            "autocomplete": "off",
            "maxlength": "10",
            "data-ak-date": True,
        },
    )
    input_formats = ["%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d"]
    default_error_messages = {
        "invalid": "Такої дати немає. Напишіть день, місяць і рік: 02.09.2026",
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("help_text", "дд.мм.рррр")
        super().__init__(*args, **options)

    def to_python(self, value: Any) -> datetime.date | None:
        if isinstance(value, str):
            value = value.strip().replace(" ", "").replace(",", ".").rstrip(".")
        return super().to_python(value)


class Form(forms.Form):
    """A form whose messages name their field, so that the error summary reads by itself."""

    required_css_class = "is-required"
    # Fields that the command behind wants: it tells all that is missing at once, the page marks them.
    expected: ClassVar[frozenset[str]] = frozenset()
    # What its two buttons say, on pages that serve many forms; what takes something away is red.
    sends: ClassVar[str] = "Зберегти"
    leaves: ClassVar[str] = "Не зберігати"
    takes_away: ClassVar[bool] = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        say_what_is_missing(self.fields)

    def full_clean(self) -> None:
        """Name the fields that a subclass added; what a person does not see is told once, in words
        that say what to do, and when nothing else is left to be done."""
        say_what_is_missing(self.fields)
        super().full_clean()
        unseen = [name for name in self.errors if name in self.fields and self[name].is_hidden]
        for name in unseen:
            del self.errors[name]
        if unseen and not self.errors:
            self.add_error(None, ValidationError(INCOMPLETE, code="incomplete"))

    def refuse(self, refusal: DomainError) -> None:
        """Show a refusal beside its field, or above the form; each problem of `Invalid` beside its own."""
        told = [(one.field, one.code, one.detail) for one in getattr(refusal, "problems", ())]
        for field, code, detail in told or [(refusal.field, refusal.code, refusal.detail)]:
            where = field if field in self.fields else None
            self.add_error(where, ValidationError(str(detail), code=code))


def say_what_is_missing(fields: dict[str, forms.Field]) -> None:
    """Put the field's name into its «required» message unless the author wrote their own.

    A choice is chosen, a file is added, anything else is filled in.
    """
    for name, field in fields.items():
        generic = forms.Field.default_error_messages["required"]
        if field.error_messages.get("required") != generic:
            continue
        label = str(field.label or name).strip()
        if isinstance(field, forms.FileField):
            text = f"Додайте файл: «{label}»"
        elif isinstance(field, forms.ChoiceField):
            text = f"Виберіть: «{label}»"
        elif isinstance(field, forms.BooleanField):
            text = f"Позначте: «{label}»"
        else:
            text = f"Заповніть поле «{label}»"
        field.error_messages["required"] = text
