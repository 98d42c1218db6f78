from django.apps import AppConfig


class IseiConfig(AppConfig):
    name = "integrations.isei"
    label = "isei"
    verbose_name = "Вхід через id.gov.ua"

    def ready(self) -> None:
        from integrations.isei import checks  # noqa: F401 (registers the check)
