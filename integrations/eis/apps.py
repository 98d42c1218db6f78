from django.apps import AppConfig


class EisConfig(AppConfig):
    name = "integrations.eis"
    label = "eis"
    verbose_name = "ОІС і доступи"
