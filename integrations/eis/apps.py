from django.apps import AppConfig


class EisConfig(AppConfig):
    name = "integrations.eis"
    label = "eis"
    verbose_name = "ОІС і доступи"

    def ready(self) -> None:
        from integrations.eis import concerns, opendata  # noqa: F401  (register what they tell)
        from integrations.eis.portal import menu  # noqa: F401  (registers its entries)
