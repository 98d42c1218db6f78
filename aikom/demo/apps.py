from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "aikom.demo"
    label = "demo"
    verbose_name = "Демонстраційний світ"
