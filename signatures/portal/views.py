"""«Перевірка підпису»: anyone drops a file or two, or types the code of a printed document; and
the certificate of a key that was opened without one."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.middleware import public
from kernel.errors import NotFound
from kernel.parameters import asked, words
from kernel.text import plural
from kernel.ui.pages import form_page, page, see_other
from signatures import api, exports, keysearch, pool
from signatures.errors import CheckersBusy, TooManyChecks, TooManySearches
from signatures.portal import answer, turns, uploads
from signatures.portal.forms import VerifyForm
from signatures.selectors import sessions


# The post changes nothing and belongs to nobody, so there is nothing to forge; and its body is
# bounded here, before anything else reads it.
@public
@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The form; with files, the answer, or beside the field why there can be none."""
    context = {"most": uploads.limit() // uploads.MEGABYTE}
    if request.method != "POST":
        return _blank(request, context)
    size = uploads.declared_size(request)
    if size > 3 * uploads.limit():  # so far beyond that it is not even read
        form = VerifyForm({}, {})
        form.too_large()
        return form_page(request, "signatures/verify.html", form, context)
    try:
        turns.count(request.META.get("REMOTE_ADDR"), size)
        with pool.place() as free:
            return _checked(request, context) if free else _full(request)
    except (TooManyChecks, CheckersBusy) as busy:
        uploads.pass_by(request)
        return _busy(request, context, busy)


def _checked(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    arriving = uploads.bound(request)
    form = VerifyForm(request.POST, request.FILES)
    if arriving.exceeded:
        form.too_large()
    elif form.is_valid():
        named = [form.cleaned_data[name] for name in ("file", "content")]
        files = [uploads.given(one) for one in named if one]
        result = api.verify_upload(files, at=timezone.now())
        refused = answer.refusal(result, _head(named[0]), len(files))
        if refused is None:
            shown = {"answer": answer.explain(result), "names": [name for name, _ in files]}
            return page(request, "signatures/verified.html", shown | context)
        form.add_error(*refused)
    return form_page(request, "signatures/verify.html", form, context)


def _full(request: HttpRequest) -> HttpResponse:
    """The answer while others' files are checked: plain and ready, for under a flood it is given
    so often that drawing a page each time would keep everybody else waiting."""
    uploads.pass_by(request)
    return HttpResponse(_full_page(), status=503, headers={"Retry-After": str(pool.COME_LATER)})


@cache
def _full_page() -> str:
    words = {
        "css": static("ui/aikom.css"),
        "wait": _waiting(pool.COME_LATER),
        "again": reverse("verify_signature"),
    }
    return render_to_string("signatures/busy.html", words)


def _head(file: UploadedFile) -> bytes:
    file.seek(0)
    return bytes(file.read(8))


def _busy(
    request: HttpRequest, context: dict[str, Any], busy: TooManyChecks | CheckersBusy
) -> HttpResponse:
    """The form again, with how long to wait in words and in the header for programs."""
    seconds = busy.context["seconds"]
    shown = context | {"form": VerifyForm(), "busy": busy, "wait": _waiting(seconds)}
    response = page(request, "signatures/verify.html", shown, status=busy.http_status)
    response["Retry-After"] = str(seconds)
    return response


def _waiting(seconds: int) -> str:
    if seconds <= 90:
        return f"{seconds} {plural(seconds, 'секунду', 'секунди', 'секунд')}"
    minutes = -(-seconds // 60)
    return f"{minutes} {plural(minutes, 'хвилину', 'хвилини', 'хвилин')}"


def _blank(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The empty form; with the code of a printed document, the way to its page."""
    shown: dict[str, Any] = {"form": VerifyForm()} | context
    code = asked(request, words("code"))["code"]
    if not code:
        return page(request, "signatures/verify.html", shown)
    try:
        return see_other(request, "verify_document", sessions.by_code(code).code)
    except NotFound:
        if there := sessions.elsewhere(code):
            return see_other(request, there)
        wrong = "Підписаного документа з таким кодом немає. Перевірте кожен знак"
        shown |= {"code": code, "code_error": wrong}
        return page(request, "signatures/verify.html", shown, status=422)


@public
@never_cache
@require_GET
def document(request: HttpRequest, code: str) -> HttpResponse:
    """A signed document by the code printed on it: its head, who signed, the signature judged now.

    Whoever holds the paper holds the code; what the rows say stays behind the door.
    """
    try:
        session = sessions.by_code(code)
    except NotFound:
        if there := sessions.elsewhere(code):
            return see_other(request, there)
        raise
    now = timezone.now()
    return page(
        request,
        "signatures/document.html",
        {
            "answer": answer.explain(exports.recheck(session, now)),
            "document": exports.document_of(session),
            "session": session,
            "serial": answer.spaced(session.certificate_serial),
            "code": answer.spaced(session.code).replace(" ", "-"),
            "now": now,
        },
    )


@public
@never_cache
@require_POST
def find_certificate(request: HttpRequest) -> HttpResponse:
    """The certificates of an opened key, by its identifiers (`keyid`, hexadecimal, a few).

    Part of every signing form (signatures/templates/components/signing_form.html), the one at the
    door included; hence open to strangers, with the token against forged requests.
    """
    asked = list(dict.fromkeys(request.POST.getlist("keyid")))
    try:
        identifiers = [bytes.fromhex(one) for one in asked]
    except ValueError:
        identifiers = []
    sizes = {len(one) for one in identifiers}
    if not 1 <= len(identifiers) <= keysearch.MOST_IDENTIFIERS or sizes - set(keysearch.SIZES):
        return JsonResponse({"certificates": []}, status=400)
    try:
        found = keysearch.find(
            identifiers, address=request.META.get("REMOTE_ADDR") or None, now=timezone.now()
        )
    except TooManySearches as refusal:
        wait = str(int(keysearch.WINDOW.total_seconds()))
        return JsonResponse(
            {"certificates": []}, status=refusal.http_status, headers={"Retry-After": wait}
        )
    return JsonResponse({"certificates": [b64encode(one.der).decode() for one in found]})
