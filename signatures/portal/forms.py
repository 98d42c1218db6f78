"""The form of the public check: a signed file, and the document when the signature lies apart."""

from __future__ import annotations

from typing import Any

from django import forms

from kernel.ui.forms import Form
from signatures.portal.uploads import MEGABYTE, limit

EMPTY = "Файл порожній. Оберіть інший"


class VerifyForm(Form):
    """One file or two, in any order."""

    file = forms.FileField(
        label="Файл з підписом",
        help_text="Файл підпису (.p7s, .p7m), контейнер (.asice, .asics) або сертифікат (.cer)",
        error_messages={
            "required": "Додайте файл, підпис якого треба перевірити",
            "empty": EMPTY,
            "missing": "Файл не надійшов. Додайте його ще раз",
            "invalid": "Файл не надійшов. Додайте його ще раз",
        },
    )
    content = forms.FileField(
        label="Документ, який підписували",
        required=False,
        help_text="Потрібен, лише коли підпис збережено окремим файлом",
        error_messages={"empty": EMPTY, "missing": EMPTY, "invalid": EMPTY},
    )

    def clean(self) -> dict[str, Any]:
        """A lone file in the second field is the file."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("content") and "file" in self.errors and not self.files.get("file"):
            self.errors.pop("file")
            cleaned["file"], cleaned["content"] = cleaned["content"], None
        return cleaned

    def too_large(self) -> None:
        """Say that the files are beyond the limit."""
        most = limit() // MEGABYTE
        self.is_valid()
        self.errors.clear()
        self.add_error("file", f"Разом файли мають бути не більші за {most} МБ")
