"""Pages of the frame itself: refusals, absence, an expired session, the theme. No domain page is here."""

import functools
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from kernel import clock
from kernel.ui import context as ui_context
from kernel.ui import helpers, menu, pages
from kernel.ui.listing import narrowable

log = logging.getLogger(__name__)


def open_to_all(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view that needs no signing in; the middleware of accounts closes all others."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


ABSENT = "Такої сторінки немає або вона вам не відкрита"
ABSENT_TEXT = (
    "Ми відповідаємо однаково в обох випадках, "
    "щоб за адресою не можна було дізнатися, чи існує запис."
)
ABSENT_STEPS = (
    "Перевірте адресу або знайдіть потрібне через пошук.",
    "Якщо доступ має бути, зверніться до того, хто надав вам повноваження.",
)


def refusal_page(
    request: HttpRequest,
    *,
    status: int,
    title: str,
    text: str = "",
    steps: tuple[str, ...] = (),
    action_url: str | None = None,
    action_label: str = "Доступні послуги",
    draft_saved: bool = False,
) -> HttpResponse:
    """A page that says what happened and what to do next; a short notice where htmx asked.

    Somebody signed in keeps the frame, to go on from there; nothing in it differs between two
    answers to the same person (no token, no clock): hidden and absent must be equal to the byte.
    """
    shown: dict[str, Any] = {
        "base": "ui/base_plain.html",
        "status": status,
        "title": title,
        "text": text,
        "steps": steps,
        "action_url": ui_context.address("home") if action_url is None else action_url,
        "action_label": action_label,
        "back_url": came_from(request),
        "draft_saved": draft_saved,
        "reference": ui_context.reference(request),
        "without_token": True,
    }
    if getattr(request, "actor", None) is not None:
        try:
            shown |= {"base": "ui/base.html", "frame": ui_context.build(request)}
        except Exception:  # whatever broke the frame, the refusal itself must be told
            log.exception("the frame of a refusal could not be built")
            shown["frame"] = ui_context.bare(request)
    if pages.wants_fragment(request):
        response = render(request, "ui/refusal_fragment.html", shown, status=status)
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML"
    else:
        response = render(request, "ui/refusal.html", shown, status=status)
    response["Cache-Control"] = "no-store"
    return response


def came_from(request: HttpRequest) -> str:
    """The page of this site the person came from, for «Повернутися назад»; empty if none.

    A form posted to its own address came from the page that is read there.
    """
    referer = request.headers.get("Referer", "")
    own = f"{request.scheme}://{request.get_host()}"
    path = referer.removeprefix(own)
    itself = path == request.get_full_path() and request.method in {"GET", "HEAD"}
    if referer.startswith(f"{own}/") and not itself:
        return path
    return ""


STEPS = {
    403: (
        "Якщо це має бути у ваших повноваженнях, зверніться до того, хто їх надав.",
        "Якщо маєте кілька повноважень, перевірте, за яким працюєте зараз.",
    ),
    404: ABSENT_STEPS,
    409: ("Поверніться назад, оновіть сторінку й перевірте, що змінилося.",),
    412: ("Дані змінив хтось інший. Оновіть сторінку й внесіть зміни ще раз.",),
    429: ("Зачекайте хвилину й повторіть.",),
    503: (
        "Ті самі дані зараз змінює хтось інший. Ваші зміни не записано.",
        "Поверніться назад: введене залишилося у формі. Надішліть його ще раз за кілька секунд.",
    ),
}


def render_refusal(request: HttpRequest, exc: Exception, status: int) -> HttpResponse:
    """The page of a domain refusal that no form caught (called by kernel.middleware.RefusalPages).

    A refusal with status 404 reads like any absent page, whatever was hidden and why.
    """
    if status == 404:
        return handler404(request, exc)
    if status == 401:
        return session_expired(request)
    title = str(getattr(exc, "title", "") or "Дію відхилено")
    detail = str(getattr(exc, "detail", "") or "")
    answer = refusal_page(
        request,
        status=status,
        title=title,
        text="" if detail == title else detail,
        steps=STEPS.get(status, ()),
    )
    if wait := getattr(exc, "retry_after", None):
        answer["Retry-After"] = str(wait)
    return answer


def session_expired(request: HttpRequest) -> HttpResponse:
    """The session ended while the person was working.

    Says that the draft is kept only when it is: an app that saved it sets `request.draft_saved`.
    Signing in leads back to the page of the form, which may be another than where it was sent.
    """
    sign_in = ui_context.address("sign_in")
    return refusal_page(
        request,
        status=401,
        title="Увійдіть знову, щоб продовжити",
        text="Сеанс завершився, тому цю дію не виконано.",
        steps=("Після входу поверніться на цю сторінку й повторіть дію.",),
        action_url=f"{sign_in}?{urlencode({'next': _page_of_the_form(request)})}"
        if sign_in
        else None,
        action_label="Увійти",
        draft_saved=bool(getattr(request, "draft_saved", False)),
    )


def _page_of_the_form(request: HttpRequest) -> str:
    """The page of this site that the request was sent from, as the browser names it; else home."""
    seen = urlsplit(request.headers.get("Referer", ""))
    if seen.netloc != request.get_host() or not seen.path or seen.path.startswith("//"):
        return "/"
    return seen.path + (f"?{seen.query}" if seen.query else "")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form was sent with a stale token: nearly always a page open since before signing in again."""
    log.info("csrf: %s", reason)
    return refusal_page(
        request,
        status=403,
        title="Форма застаріла, дію не виконано",
        text="Сторінку відкрито до того, як ви увійшли знову, або в браузері вимкнено файли cookie.",
        steps=(
            "Поверніться назад, оновіть сторінку й надішліть форму ще раз.",
            "Якщо повторюється, дозвольте файли cookie для цього сайту.",
        ),
        draft_saved=bool(getattr(request, "draft_saved", False)),
    )


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The request itself cannot be understood."""
    return refusal_page(
        request,
        status=400,
        title="Запит не вдалося прочитати",
        text="Адреса або надіслані дані пошкоджені.",
        steps=("Поверніться назад і спробуйте ще раз.",),
    )


def handler403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Seen but not permitted."""
    return refusal_page(
        request, status=403, title="Ця дія не у ваших повноваженнях", steps=STEPS[403]
    )


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Hidden and absent read byte for byte the same."""
    return refusal_page(request, status=404, title=ABSENT, text=ABSENT_TEXT, steps=ABSENT_STEPS)


def handler500(request: HttpRequest) -> HttpResponse:
    """A bug or a broken service: no database, no session, no context processor is relied upon.

    The reference is logged, so that support finds the traceback by what the person reads out.
    """
    reference = ui_context.reference(request)
    log.error("unhandled error on %s %s, reference %s", request.method, request.path, reference)
    try:
        css, js = static("ui/aikom.css"), static("built/main.js")
    except ValueError:  # collectstatic did not run; the page is readable without
        css = js = ""
    support = f"{ui_context.address('help_support')}?ref={reference}"
    html = render_to_string(
        "ui/broken.html", {"reference": reference, "css": css, "js": js, "support": support}
    )
    return HttpResponse(html, status=500)


@functools.lru_cache(maxsize=128)
def _services(
    groups: tuple[menu.ServiceGroup, ...], place: tuple[str | None, str], carried: str
) -> SafeString:
    """Services as markup, drawn once for everybody who has the same ones: fifty links took a third of
    what the page took to be drawn."""
    return mark_safe(  # noqa: S308 - a template's own markup
        render_to_string("ui/_services.html", {"groups": groups, "carried": carried})
    )


@narrowable
@require_GET
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """«Доступні послуги»: what waits, what one can do, the institution at a glance."""
    actor = getattr(request, "actor", None)
    if actor is None and (sign_in := ui_context.address("sign_in")):
        return pages.SeeOther(sign_in)
    attention, deadlines = menu.attention_and_deadlines(actor)
    context: dict[str, Any] = {
        "attention": attention,
        "services": functools.partial(
            _services if not settings.DEBUG else _services.__wrapped__,
            tuple(menu.services_for(actor)),
            helpers.this_place(),
        ),
        "glance": menu.glance_for(actor),
        "deadlines": deadlines,
        "workplace": menu.registry.workplace(request) if menu.registry.workplace else None,
        "now": menu.greeting_time(clock.local(clock.moment().now)),
    }
    return pages.page(request, "ui/home.html", context)


@open_to_all
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Who is signed in, how the portal looks in this browser, and the way out."""
    if request.method == "POST":
        chosen = request.POST.get("theme", "")
        answer = pages.see_other(request, "ui_account")
        if chosen in ui_context.THEMES:
            answer.set_cookie(
                ui_context.THEME_COOKIE,
                chosen,
                max_age=400 * 24 * 3600,
                samesite="Lax",
                secure=request.is_secure(),
                httponly=True,
            )
        return answer
    return pages.page(
        request,
        "ui/account.html",
        {"themes": ui_context.THEMES.items(), "chosen": ui_context.theme_of(request)},
    )


@open_to_all
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What to do without a network."""
    return render(request, "ui/offline.html")
