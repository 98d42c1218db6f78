"""What may go wrong between the door, id.gov.ua and its answer. Each says what to do next."""

from __future__ import annotations

from accounts.errors import SignInRefused

_AGAIN = "Почніть вхід через id.gov.ua ще раз або увійдіть своїм ключем на цій сторінці."


class IseiCancelled(SignInRefused):
    code = "isei_cancelled"
    title = "Вхід через id.gov.ua скасовано"
    explains = "Ви повернулися, не підтвердивши особу."
    steps = (_AGAIN,)


class IseiRefused(SignInRefused):
    """id.gov.ua said no in its own words."""

    code = "isei_refused"
    title = "id.gov.ua не підтвердив вашу особу"
    steps = (_AGAIN,)


class IseiCodeRefused(SignInRefused):
    """The code is expired, used or not its own."""

    code = "isei_code_refused"
    title = "Код входу від id.gov.ua вже не діє"
    explains = "Між підтвердженням особи та поверненням сюди минуло забагато часу."
    steps = (_AGAIN,)


class IseiWayNotEnough(SignInRefused):
    """Vouched for in a way that is no qualified signature, such as BankID."""

    code = "isei_way_not_enough"
    title = "Цим способом до кабінету не входять"
    steps = (
        "На id.gov.ua оберіть «Електронний підпис» і ключ працівника закладу чи органу: "
        "у ньому є і РНОКПП, і код ЄДРПОУ.",
    )


class IseiSilent(SignInRefused):
    code = "isei_silent"
    http_status = 503
    title = "id.gov.ua зараз не відповідає"
    steps = (
        "Зачекайте кілька хвилин і спробуйте ще раз.",
        "Або увійдіть своїм ключем на цій сторінці: для цього id.gov.ua не потрібен.",
    )


class IseiUnreadable(SignInRefused):
    """Damaged, not encrypted to us, not signed by id.gov.ua, or not an answer at all."""

    code = "isei_unreadable"
    http_status = 503
    title = "Відповіді id.gov.ua не можна довіряти"
    explains = "Вона пошкоджена або не підписана порталом id.gov.ua, тому ми її не прийняли."
    steps = (
        "Спробуйте ще раз.",
        "Якщо повторюється, увійдіть своїм ключем на цій сторінці та напишіть до служби підтримки.",
    )


class IseiMisconfigured(SignInRefused):
    """The client's secret or the key files are wrong: the operator's to mend."""

    code = "isei_misconfigured"
    http_status = 503
    title = "Вхід через id.gov.ua тимчасово не працює"
    explains = "Налаштування цього входу треба виправити. З вашим підписом усе гаразд."
    steps = (
        "Увійдіть своїм ключем на цій сторінці.",
        "Повідомте службу підтримки, якщо побачите це ще раз.",
    )
