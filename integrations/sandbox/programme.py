"""The test programme (п.18): what a system is asked to do, in order, and how long it may take.

What our side does when a task begins stands in `services.acts`, how it is judged in `judge`.
"""

from __future__ import annotations

import dataclasses

EDITION = 1


@dataclasses.dataclass(frozen=True)
class Sought:
    """One task."""

    code: str
    title: str
    # What the system does, and what it then tells in `answer`.
    words: str
    minutes: int = 15
    # Only for systems that are to write.
    writes: bool = False
    # What to do when it was not passed (п.19).
    proposal: str = ""


PROGRAMME: tuple[Sought, ...] = (
    Sought(
        "read",
        "Прочитати заклад повністю",
        "Візьміть позначку /changes/start, потім прочитайте всі сторінки закладу, класів, "
        "груп, працівників, навантаження й учнів. Відповідь: counts — скільки рядків кожного.",
        proposal="Читайте сторінки за полем next, доки воно не стане null.",
    ),
    Sought(
        "unicode",
        "Не спотворити імен",
        "Прочитайте названих учнів (given.pupils). Відповідь: names — «прізвище імʼя по батькові» "
        "кожного за його ідентифікатором, знак у знак.",
        proposal="Зберігайте й показуйте Unicode без перекодування: апостроф ʼ, Ґ, дефіс.",
    ),
    Sought(
        "delta",
        "Дізнатися про зміни зі стрічки",
        "У закладі щойно прибув учень, вибув інший, третій змінив прізвище. Прочитайте лише "
        "стрічку змін від своєї позначки. Відповідь: changed і gone — ідентифікатори учнів.",
        proposal="Продовжуйте від збереженої позначки, застосовуйте insert, update, delete, leave.",
    ),
    Sought(
        "moves",
        "Перевести учня слідом за закладом",
        "Двох учнів (given.pupils) щойно перевели до інших класів. Дізнайтеся зі стрічки. "
        "Відповідь: classes — новий клас кожного за його ідентифікатором.",
        proposal="Переносьте учня між класами за полем class_id зі стрічки.",
    ),
    Sought(
        "limit",
        "Зачекати, коли запитів забагато",
        "Прочитайте сторінку класів. Перша відповідь буде 429 із Retry-After: зачекайте стільки "
        "секунд і повторіть.",
        proposal="Після 429 і 503 чекайте стільки секунд, скільки каже Retry-After.",
    ),
    Sought(
        "foreign",
        "Не шукати чужого",
        "Попросіть учня given.pupil: він з іншого закладу, відповідь буде 404. Відповідь: "
        "found — false.",
        proposal="Відповідь 404 остаточна: не повторюйте запит і не пробуйте інших адрес.",
    ),
    Sought(
        "stopped",
        "Зупинитися, коли ключ відкликано",
        "Читайте класи ключем given.key сторінка за сторінкою по одному рядку: посередині його "
        "відкличуть. Відповідь: stopped — true. Далі працюйте зі своїм ключем.",
        proposal="Після 401 припиніть запити з цим ключем і повідомте заклад.",
    ),
    Sought(
        "dictionary",
        "Звірити коди з довідником",
        "Прочитайте довідник given.dictionary. Відповідь: unknown — ті з кодів given.codes, яких "
        "у ньому немає.",
        proposal="Звіряйте свої коди з /dictionaries, перш ніж надсилати чи показувати.",
    ),
    Sought(
        "write",
        "Записати зміну класу",
        "Установіть класу given.class зміну given.shift запитом PATCH з If-Match та "
        "Idempotency-Key.",
        writes=True,
        proposal="Перед записом прочитайте клас і надішліть його ETag в If-Match.",
    ),
    Sought(
        "overtaken",
        "Не стерти чужої зміни",
        "Установіть класу given.class профіль given.profile. Заклад випередить вас: відповідь на "
        "перший запис буде 412. Прочитайте клас знову й повторіть, не змінюючи решти.",
        writes=True,
        proposal="Після 412 прочитайте рядок знову, покладіть на нього лише свою зміну й повторіть.",
    ),
    Sought(
        "lost",
        "Повторити запис, на який не прийшла відповідь",
        "Установіть класу given.class наповнюваність given.capacity. Запис буде виконано, але "
        "замість відповіді прийде 503: повторіть із тим самим Idempotency-Key.",
        writes=True,
        proposal="Повторюйте запис з тим самим Idempotency-Key: його буде виконано один раз.",
    ),
    Sought(
        "mistakes",
        "Надіслати лише правильне",
        "Перевірте рядки given.items запитом POST /classes:bulk?dry_run=true, потім надішліть "
        "лише ті, які приймуть. Відповідь: refused — номери (від нуля) неправильних.",
        writes=True,
        proposal="Читайте outcome кожного рядка: помилку показує його errors із pointer.",
    ),
    Sought(
        "load",
        "Записати сто класів",
        "Відкрийте всі класи given.items запитами POST /classes:bulk, щонайбільше десятьма, потім "
        "прочитайте класи. Відповідь: classes — скільки їх тепер у закладі.",
        minutes=30,
        writes=True,
        proposal="Надсилайте багато рядків одним запитом, а не кожен окремо.",
    ),
)
# How a system goes it, for its engineer.
HOW = (
    "Розпочніть програму: POST /api/sandbox/programme з ключем пісочниці.",
    "Розпочніть завдання: POST /api/sandbox/tasks/КОД/begin. У відповіді given — що саме зробити.",
    "Виконайте його своєю системою через /api/v1/.",
    "Здайте: POST /api/sandbox/tasks/КОД/done з відповіддю. Підсумок і докази надходять відразу й "
    "видні тут.",
)
BY_CODE = {one.code: one for one in PROGRAMME}
