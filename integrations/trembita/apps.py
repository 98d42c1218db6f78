from django.apps import AppConfig


class TrembitaConfig(AppConfig):
    name = "integrations.trembita"
    label = "trembita"
    verbose_name = "Обмін через «Трембіту»"

    def ready(self) -> None:
        from integrations.trembita import checks  # noqa: F401 (registers the check)
