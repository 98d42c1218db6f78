from django.apps import AppConfig


class EisConfig(AppConfig):
    name = "integrations.eis"
    label = "eis"
    verbose_name = "ОІС і доступи"

    def ready(self) -> None:
        from integrations.eis import concerns  # noqa: F401  (registers what is counted)
        from integrations.eis.portal import menu  # noqa: F401  (registers its entries)
