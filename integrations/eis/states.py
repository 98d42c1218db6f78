"""Life of a connected system (handbook H.1; постанова 1255 п.18–30)."""

from __future__ import annotations

from django.db import models


class SystemState(models.TextChoices):
    """Where a school information system stands on its road to the central database."""

    DRAFT = "DRAFT", "Чернетка заявки"
    SUBMITTED = "SUBMITTED", "Заявку подано"
    TESTING = "TESTING", "Тестування"
    CONCLUSION_NEGATIVE = "CONCLUSION_NEGATIVE", "Негативний висновок"
    AWAITING_KSZI = "AWAITING_KSZI", "Протестовано, очікує атестат КСЗІ"
    JOIN_APPLIED = "JOIN_APPLIED", "Заява про приєднання до договору"
    CONTRACTED = "CONTRACTED", "Договір укладено"
    CONNECTED = "CONNECTED", "Підключено"
    RETEST_PENDING = "RETEST_PENDING", "Підключено, повторне тестування"
    SUSPENDED = "SUSPENDED", "Доступ зупинено"
    DISCONNECTED = "DISCONNECTED", "Відключено"


class MandateState(models.TextChoices):
    """A mandate's way to its signature; what is signed ends by its days, or by `ended_at`."""

    PREPARED = "PREPARED", "Чекає на підпис"
    SIGNED = "SIGNED", "Підписано"
    GIVEN_UP = "GIVEN_UP", "Не підписано"


# п.22: a re-test does not suspend the system.
WORKING = (SystemState.CONNECTED, SystemState.RETEST_PENDING)

# п.28, grounds on which the technical administrator suspends an operator.
SUSPENSION_GROUNDS: dict[str, str] = {
    "28.1": "звернення оператора, користувача або органу управління освітою",
    "28.2": "порушення обовʼязків щодо захисту інформації",
    "28.3": "порушення законодавства у сфері криптографічного та технічного захисту інформації",
    "28.4": "відсутність права власності чи користування ОІС або права на підключення",
    "28.5": "невідповідність технічним вимогам або порушення істотних умов договору",
    "28.6": "припинення чи зупинення діяльності, ліквідація оператора",
    "28.7": "відсутність взаємодії ОІС з «Мрією»",
}
