from django.apps import AppConfig


class SignaturesConfig(AppConfig):
    name = "signatures"
    verbose_name = "Електронні підписи"

    def ready(self) -> None:
        from signatures import checks  # noqa: F401 - registers the check
