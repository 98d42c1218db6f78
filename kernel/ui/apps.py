"""The visual layer: components, base pages, form rendering, error pages. No domain word lives here."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "kernel.ui"
    label = "ui"
    verbose_name = "Вигляд"
