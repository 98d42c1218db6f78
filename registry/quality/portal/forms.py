"""Forms about campaigns."""

from __future__ import annotations

from django import forms

from kernel.ui.forms import DateField, Form
from registry.fields.rules.pack import current
from registry.quality.services.campaigns import LONGEST_TEXT, LONGEST_TITLE


class CampaignForm(Form):
    """What is to be mended, by which day and why."""

    expected = frozenset({"title", "indicators", "due_on"})

    title = forms.CharField(
        label="Назва", required=False, help_text=f"До {LONGEST_TITLE} знаків. Її побачать заклади."
    )
    indicators = forms.MultipleChoiceField(
        label="Що виправити",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Перші чотири названо в листі щодо актуалізації даних",
    )
    due_on = DateField(label="До якого дня", required=False)
    text = forms.CharField(
        label="Пояснення для закладів",
        required=False,
        widget=forms.Textarea,
        help_text=f"Навіщо це потрібно й кого спитати. До {LONGEST_TEXT} знаків.",
    )

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        indicators = current().indicators
        chosen = self.fields["indicators"]
        chosen.choices = [(one.code, one.title) for one in indicators]  # type: ignore[attr-defined]
        chosen.initial = [one.code for one in indicators if one.required]


class ProlongForm(Form):
    """Another last day."""

    expected = frozenset({"due_on"})

    due_on = DateField(label="Новий строк", required=False)
