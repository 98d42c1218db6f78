"""What this room may refuse. `steps` tell a person what to do next."""

from __future__ import annotations

from typing import Any

from kernel.errors import DomainError, NotAllowed


class GrantOnlyDownwards(NotAllowed):
    """Not below the giver, or outside the giver's part of the tree."""

    code = "grant_only_downwards"
    title = "Надати ці повноваження ви не можете"


class NotYourUsers(NotAllowed):
    """The actor manages nobody: an analyst, a deputy."""

    code = "not_your_users"
    title = "Керувати обліковими записами може лише той, хто стоїть вище"


class SecondHead(DomainError):
    """An institution has one head who is not НЕАКТИВНИЙ; the context names that grant."""

    code = "second_head"
    title = "У закладу вже є керівник"


class WaveTaken(DomainError):
    """A region comes with one wave alone, and two waves have no one name."""

    code = "wave_taken"
    title = "Так хвилі запланувати не можна"


class AlreadyGranted(DomainError):
    """The same person holds the same role at the same node already."""

    code = "already_granted"
    title = "Ця особа вже має тут такі повноваження"


class AnotherName(DomainError):
    """The person's code is known under another name; the name itself is not given away."""

    code = "another_name"
    title = "За цим номером уже записано іншу людину"


class GrantHasEnded(DomainError):
    """НЕАКТИВНИЙ is final."""

    code = "grant_has_ended"
    title = "Запис уже неактивний"


class WrongState(DomainError):
    """The step does not fit the state the grant is in."""

    code = "wrong_grant_state"
    title = "У цьому стані так зробити не можна"


class NoInvitation(DomainError):
    """Nothing to send again or to withdraw."""

    code = "no_invitation"
    title = "Відкритого запрошення немає"


class UnitMisplaced(DomainError):
    """A node of this kind cannot stand under that one."""

    code = "unit_misplaced"
    title = "Орган не може підпорядковуватися вибраному"


class UnitExists(DomainError):
    """The same authority is in the tree already."""

    code = "unit_exists"
    title = "Такий орган уже є"


class UnitClosed(DomainError):
    """No grant is given at a node that no longer acts."""

    code = "unit_closed"
    title = "Цей заклад чи орган уже не діє"


class OnlyOperators(NotAllowed):
    """A page of the operator's cabinet, asked for by somebody else."""

    code = "only_operators"
    title = "Це сторінка кабінету оператора ОІС"

    def __init__(self) -> None:
        super().__init__("Її бачить лише представник оператора освітньої інформаційної системи.")


class OnlyParents(NotAllowed):
    """A page of the parents' window, asked for under a grant."""

    code = "only_parents"
    title = "Це сторінка вікна батьків"

    def __init__(self) -> None:
        super().__init__(
            "Тепер ви працюєте від імені організації. Щоб побачити своїх дітей, оберіть "
            "«Вікно батьків» на сторінці «Змінити повноваження»."
        )


# ── sign-in ──────────────────────────────────────────────────────────────────
class SignInRefused(DomainError):
    """Base of every reason why nobody was signed in."""

    code = "sign_in_refused"
    http_status = 422
    title = "Увійти не вдалося"
    steps: tuple[str, ...] = ()
    explains = ""

    def __init__(self, detail: str | None = None, **context: Any):
        super().__init__(detail or self.explains or None, **context)


class ChallengeMissing(SignInRefused):
    code = "challenge_missing"
    title = "Відповідь прийшла не з нашої сторінки входу"
    steps = ("Відкрийте сторінку входу ще раз і підпишіть на ній.",)


class ChallengeForeign(SignInRefused):
    code = "challenge_foreign"
    title = "Ця сторінка входу була відкрита в іншому браузері або раніше"
    steps = (
        "Оновлену сторінку вже відкрито: підпишіть ще раз на ній.",
        "Якщо повторюється, дозвольте файли cookie для цього сайту.",
    )


class ChallengeExpired(SignInRefused):
    code = "challenge_expired"
    title = "Минуло понад пʼять хвилин, запит на вхід застарів"
    steps = ("Сторінку вже оновлено: підпишіть ще раз.",)


class ChallengeUsed(SignInRefused):
    code = "challenge_used"
    title = "Цей підпис уже було використано"
    steps = ("Кожен вхід підписують окремо: підпишіть ще раз на цій сторінці.",)


class SecondWayOff(SignInRefused):
    """An old bookmark: this installation has no second way in (any more)."""

    code = "second_way_off"
    title = "Вхід через id.gov.ua тут не ввімкнено"
    steps = ("Увійдіть своїм ключем на цій сторінці.",)


class ReturnForeign(SignInRefused):
    """What came back from id.gov.ua answers nothing that this browser asked."""

    code = "return_foreign"
    title = "Відповідь id.gov.ua прийшла не на ваш запит"
    explains = "Вхід почали в іншому браузері чи вікні, або браузер не зберігає файли cookie."
    steps = (
        "Почніть вхід ще раз на цій сторінці.",
        "Якщо повторюється, дозвольте файли cookie для цього сайту.",
    )


class ReturnExpired(SignInRefused):
    code = "return_expired"
    title = "Минуло понад пʼятнадцять хвилин, вхід через id.gov.ua застарів"
    steps = ("Почніть вхід ще раз на цій сторінці.",)


class ReturnUsed(SignInRefused):
    """The same return again: a reloaded page, a pressed «back»."""

    code = "return_used"
    title = "Цю відповідь id.gov.ua вже використано"
    explains = "Так буває, коли сторінку оновлено або натиснуто «Назад»."
    steps = ("Почніть вхід ще раз на цій сторінці.",)


class SignatureRejected(SignInRefused):
    """The verifier said no; `detail` carries its sentence."""

    code = "signature_rejected"
    title = "Підпис не прийнято"


class VerificationUnavailable(SignInRefused):
    code = "verification_unavailable"
    http_status = 503
    title = "Зараз не вдається перевірити сертифікат"
    steps = ("Зачекайте кілька хвилин і спробуйте ще раз. З вашим ключем усе гаразд.",)


class NoPersonCode(SignInRefused):
    code = "no_person_code"
    title = "У сертифікаті немає РНОКПП"
    explains = (
        "Це печатка організації, а не підпис людини. Кабінет відкривається лише особистим підписом."
    )
    steps = ("Оберіть свій особистий ключ, виданий вам як працівникові закладу.",)


class UnreadPersonCode(SignInRefused):
    code = "unread_person_code"
    title = "Код особи в сертифікаті не схожий ні на РНОКПП, ні на номер паспорта"
    explains = "За таким кодом людину не впізнати, тому вікно батьків не відкривається."
    steps = ("Зверніться до надавача, який видав сертифікат: код особи записано з помилкою.",)


class NobodyHere(SignInRefused):
    code = "nobody_here"
    title = "Для цього підпису немає облікового запису"
    steps = (
        "Перевірте, чи той ключ ви обрали: для кожної організації він свій.",
        "Керівникові закладу обліковий запис створює орган управління освітою, "
        "відповідальній особі — керівник.",
    )


class CabinetOfOthers(SignInRefused):
    code = "cabinet_of_others"
    title = "Кабінет цього оператора вже відкрила інша особа"
    steps = (
        "Його веде той, хто відкрив. Якщо ця людина вже не працює, технічний адміністратор зробить її "
        "запис неактивним, і ви відкриєте кабінет своїм ключем.",
    )


class GrantSuspended(SignInRefused):
    code = "grant_suspended"
    title = "Ваш обліковий запис зупинено"
    steps = ("Зверніться до того, хто надав вам повноваження.",)


class GrantInactive(SignInRefused):
    code = "grant_inactive"
    title = "Ваш обліковий запис неактивний"
    steps = (
        "Якщо це помилка, зверніться до того, хто створив запис: новий запис можна створити будь-коли.",
    )


class NameDiffers(SignInRefused):
    code = "name_differs"
    title = "Імʼя в сертифікаті не збігається із запрошенням"
    steps = (
        "Того, хто вас запросив, уже повідомлено: він може прийняти імʼя з сертифіката.",
        "Після цього увійдіть ще раз.",
    )


class InvitationExpired(SignInRefused):
    code = "invitation_expired"
    title = "Строк вашого запрошення минув"
    explains = "Ключ і коди правильні, але за запрошенням треба було увійти протягом семи днів."
    steps = ("Попросіть того, хто вас запросив, надіслати запрошення ще раз.",)


class WaveNotOpen(SignInRefused):
    """The person comes in with a wave whose first day is ahead; `detail` says which and when."""

    code = "wave_not_open"
    title = "Ваша черга входити ще не настала"
    explains = "Доступ відкривають хвилями за територіями. З вашим ключем і запрошенням усе гаразд."
    steps = ("Поверніться цього дня або пізніше: лист із запрошенням надійде на вашу пошту.",)


class TooManyAttempts(SignInRefused):
    code = "too_many_attempts"
    http_status = 429
    title = "Забагато спроб входу"
    steps = ("Зачекайте десять хвилин і спробуйте ще раз.",)


class InvitationSpent(SignInRefused):
    code = "invitation_spent"
    http_status = 410
    title = "Це запрошення вже не діє"
    steps = (
        "Якщо ви вже входили за ним, просто увійдіть своїм підписом.",
        "Якщо строк минув, попросіть того, хто вас запросив, надіслати його ще раз.",
    )


class MailLinkSpent(DomainError):
    """The link of a letter confirms nothing: used, replaced by a later one, too old, or another's."""

    code = "mail_link_spent"
    title = "Посилання не діє"
    detail = (
        "Посилання вже використано, його замінено новішим або минула доба. Надішліть лист ще раз."
    )
