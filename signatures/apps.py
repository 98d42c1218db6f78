import importlib

from django.apps import AppConfig


class SignaturesConfig(AppConfig):
    name = "signatures"
    verbose_name = "Електронні підписи"

    def ready(self) -> None:
        from signatures import checks  # noqa: F401 - registers the check

        # The footer's link registers itself on import.
        importlib.import_module("signatures.portal.menu")
