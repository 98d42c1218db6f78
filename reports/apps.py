from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Звітність"

    def ready(self) -> None:
        from reports import checks  # noqa: F401  (registers itself)
        from reports.campaigns.portal import menu as campaigns  # noqa: F401  (the same)
        from reports.desk.portal import menu as desk  # noqa: F401  (the same)
        from reports.open import cells, institutions  # noqa: F401  (announce their sets)
        from reports.portal import menu  # noqa: F401  (registers its entries)
