from django.apps import AppConfig


class AikomConfig(AppConfig):
    name = "aikom"
    verbose_name = "АІКОМ"

    def ready(self) -> None:
        from aikom import wiring

        wiring.connect()
