import importlib

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = "Реєстр"

    def ready(self) -> None:
        from registry.wiring import connect

        connect()
        # The entries register themselves on import, once every model is there.
        importlib.import_module("registry.cards.portal.menu")
        importlib.import_module("registry.parents.portal.menu")
