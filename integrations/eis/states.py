"""Life of a connected system (handbook H.1; постанова 1255 п.18–30)."""

from __future__ import annotations

import dataclasses

from django.db import models


class SystemState(models.TextChoices):
    """Where a school information system stands on its road to the central database."""

    DRAFT = "DRAFT", "Чернетка заявки"
    SUBMITTED = "SUBMITTED", "Заявку подано"
    TESTING = "TESTING", "Тестування"
    TEST_DONE = "TEST_DONE", "Тестування завершено, готують висновок"
    CONCLUSION_NEGATIVE = "CONCLUSION_NEGATIVE", "Негативний висновок"
    AWAITING_KSZI = "AWAITING_KSZI", "Протестовано, очікує атестат КСЗІ"
    CONCLUSION_POSITIVE = "CONCLUSION_POSITIVE", "Позитивний висновок"
    JOIN_APPLIED = "JOIN_APPLIED", "Заява про приєднання до договору"
    CONTRACTED = "CONTRACTED", "Договір укладено"
    CONNECTED = "CONNECTED", "Підключено"
    RETEST_PENDING = "RETEST_PENDING", "Підключено, повторне тестування"
    TRANSFER_PENDING = "TRANSFER_PENDING", "Підключено, змінюється оператор"
    SUSPENDED = "SUSPENDED", "Доступ зупинено"
    DISCONNECTED = "DISCONNECTED", "Відключено"


class MandateState(models.TextChoices):
    """A mandate's way to its signature; what is signed ends by its days, or by `ended_at`."""

    PREPARED = "PREPARED", "Чекає на підпис"
    SIGNED = "SIGNED", "Підписано"
    GIVEN_UP = "GIVEN_UP", "Не підписано"


class Function(models.TextChoices):
    """What a system does for a school: named in the application, tested, published (п.18, п.21)."""

    JOURNAL = "JOURNAL", "Електронний класний журнал"
    DIARY = "DIARY", "Електронний щоденник"
    TIMETABLE = "TIMETABLE", "Розклад занять"
    CLASSES = "CLASSES", "Класи та групи"
    PUPILS = "PUPILS", "Облік учнів"
    STAFF = "STAFF", "Облік працівників і навантаження"
    REPORTS = "REPORTS", "Звіти закладу"
    MESSAGES = "MESSAGES", "Звʼязок із батьками"
    SITE = "SITE", "Вебсайт закладу"


class Paper(models.TextChoices):
    """What is signed on the road: by the operator, and the conclusion by the administrator."""

    APPLICATION = "APPLICATION", "Заява про підключення ОІС"
    FUNCTIONS = "FUNCTIONS", "Заява про зміну функціональних можливостей ОІС"
    JOIN = "JOIN", "Заява про приєднання до договору"
    TRANSFER = "TRANSFER", "Заява нового оператора про укладення договору"
    LEAVE = "LEAVE", "Заява про відключення ОІС"
    CONCLUSION = "CONCLUSION", "Висновок за результатами тестування"


class TrialReason(models.TextChoices):
    """Why a system is tested."""

    FIRST = "FIRST", "Підключення"
    FUNCTIONS = "FUNCTIONS", "Зміна функціональних можливостей"
    REQUIREMENTS = "REQUIREMENTS", "Зміна технічних вимог"
    ADDITIONAL = "ADDITIONAL", "Додаткове тестування"


class Shield(models.TextChoices):
    """How the protection of a system's information is attested."""

    KSZI = "KSZI", "Атестат відповідності КСЗІ"
    AUTHORISATION = "AUTHORISATION", "Авторизація з безпеки"


S = SystemState

# {state: {step: the state it leads to}}. A step that a state lacks is refused; what a step leads to
# beside this (a re-test that another one waits behind) the command says.
TRANSITIONS: dict[str, dict[str, str]] = {
    S.DRAFT: {"submit": S.SUBMITTED},
    S.SUBMITTED: {"start_test": S.TESTING, "withdraw": S.DRAFT},
    S.TESTING: {"end_test": S.TEST_DONE},
    S.TEST_DONE: {
        "conclude_positive": S.CONCLUSION_POSITIVE,
        "conclude_unattested": S.AWAITING_KSZI,
        "conclude_negative": S.CONCLUSION_NEGATIVE,
    },
    S.CONCLUSION_NEGATIVE: {"submit": S.SUBMITTED},
    S.AWAITING_KSZI: {"attest": S.CONCLUSION_POSITIVE},
    S.CONCLUSION_POSITIVE: {"join": S.JOIN_APPLIED},
    S.JOIN_APPLIED: {"contract": S.CONTRACTED},
    S.CONTRACTED: {"publish": S.CONNECTED},
    S.CONNECTED: {
        "retest": S.RETEST_PENDING,
        "transfer": S.TRANSFER_PENDING,
        "suspend": S.SUSPENDED,
        "disconnect": S.DISCONNECTED,
    },
    S.RETEST_PENDING: {
        "retested": S.CONNECTED,
        "transfer": S.TRANSFER_PENDING,
        "suspend": S.SUSPENDED,
        "disconnect": S.DISCONNECTED,
    },
    S.TRANSFER_PENDING: {
        "pass_on": S.CONNECTED,
        "suspend": S.SUSPENDED,
        "disconnect": S.DISCONNECTED,
    },
    S.SUSPENDED: {"restore": S.CONNECTED, "disconnect": S.DISCONNECTED},
    S.DISCONNECTED: {"submit": S.SUBMITTED},
}
STEPS = {state: tuple(dict.fromkeys(done.values())) for state, done in TRANSITIONS.items()}

# п.22, п.24: a re-test or a change of the operator does not suspend the system.
WORKING = (SystemState.CONNECTED, SystemState.RETEST_PENDING, SystemState.TRANSFER_PENDING)


@dataclasses.dataclass(frozen=True)
class Said:
    """A step in the words of the road, and the clause that it rests on."""

    words: str
    clause: str


SAID: dict[str, Said] = {
    "describe": Said("Заповнено відомості про ОІС", "п. 18"),
    "submit": Said("Подано заяву", "п. 18"),
    "withdraw": Said("Заяву відкликано", "п. 18"),
    "start_test": Said("Розпочато тестування", "п. 18"),
    "end_test": Said("Завершено тестування", "п. 18"),
    "conclude_positive": Said("Надіслано позитивний висновок", "п. 18"),
    "conclude_unattested": Said("Надіслано позитивний висновок, потрібен атестат", "п. 18"),
    "conclude_negative": Said("Надіслано негативний висновок", "п. 19"),
    "attest": Said("Підтверджено захист інформації", "п. 20"),
    "attestation_told": Said("Подано атестат", "п. 20"),
    "attestation_accepted": Said("Прийнято атестат", "п. 20"),
    "attestation_refused": Said("Атестат не прийнято", "п. 20"),
    "join": Said("Подано заяву про приєднання до договору", "п. 20"),
    "contract": Said("Укладено договір", "п. 20"),
    "publish": Said("Оприлюднено", "п. 21"),
    "functions": Said("Подано заяву про зміну функцій", "п. 22"),
    "functions_apply": Said("Діють нові функції", "п. 22"),
    "retest": Said("Призначено повторне тестування", "п. 22"),
    "additional": Said("Призначено додаткове тестування", "п. 23"),
    "retested": Said("Повторне тестування завершено", "п. 22"),
    "transfer": Said("Право власності передано іншому оператору", "п. 24"),
    "transfer_applied": Said("Новий оператор подав заяву", "п. 24"),
    "pass_on": Said("Укладено договір із новим оператором", "п. 24"),
    "requirements": Said("Змінюються технічні вимоги", "п. 25"),
    "suspend": Said("Зупинено доступ", "п. 28"),
    "leave": Said("Подано заяву про відключення", "п. 29"),
    "disconnect": Said("Відключено", "п. 29"),
    "restore": Said("Відновлено доступ", "п. 30"),
    "overdue": Said("Строк минув", "п. 18–24"),
    "operator_named": Said("Уточнено оператора", "п. 18"),
}

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

# п.29, grounds on which the technical administrator disconnects an operator.
DISCONNECTION_GROUNDS: dict[str, str] = {
    "29.1": "заява оператора про відключення ОІС",
    "29.2": "порушення вимог щодо захисту інформації: цілісності, доступності, конфіденційності, "
    "розмежування доступу",
    "29.3": "порушення законодавства про криптографічний і технічний захист інформації, "
    "встановлене Держспецзвʼязку",
    "29.4": "відсутність в оператора права власності на ОІС",
    "29.5": "припинення оператора або його підприємницької діяльності",
}
# Grounds that another body's document establishes: its number and date are told.
BY_DOCUMENT = {
    "28.7": "підтвердження технічного адміністратора порталу «Дія»",
    "29.3": "документ Держспецзвʼязку, яким встановлено порушення",
}
# п.24: the new operator did not apply in time.
MISSED_TRANSFER = "24"
