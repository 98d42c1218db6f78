from django.apps import AppConfig


class JournalsConfig(AppConfig):
    name = "journals"
    verbose_name = "Журнали"

    def ready(self) -> None:
        from journals.portal import (
            menu,  # noqa: F401  (registers its entries)
            told,  # noqa: F401  (gives cards its words)
        )
