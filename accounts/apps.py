from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Управління користувачами"

    def ready(self) -> None:
        from accounts.announcements.portal import menu as announcements  # noqa: F401
        from accounts.portal import menu  # noqa: F401 (registers the room's entries)
