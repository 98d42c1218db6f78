"""The visual layer: components, base pages, form rendering, error pages. No domain word lives here."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "kernel.ui"
    label = "ui"
    verbose_name = "Вигляд"

    def ready(self) -> None:
        from kernel.ui import menu

        menu.register_nav(menu.NavItem(url_name="home", label="Доступні послуги", order=0))
