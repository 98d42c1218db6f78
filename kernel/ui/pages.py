"""Answering a page the house way: a fragment for htmx, 422 for a form with errors, 303 after success."""

import base64
import contextlib
import datetime
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any, cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header

from kernel.errors import Busy, DomainError, StaleVersion
from kernel.ui.forms import Form

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    partial: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a page, or its named fragment when htmx asks for it.

    partial: name of a `{% block %}` in the template. History restoring gets the whole page.
    """
    fragment = bool(partial) and wants_fragment(request)
    response = render(
        request,
        f"{template}#{partial}" if fragment else template,
        dict(context or {}),
        status=status,
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page rather than for the page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def form_status(*forms: Any) -> int:
    """422 when any of the bound forms has errors, else 200."""
    return 422 if any(form.is_bound and form.errors for form in forms) else 200


_NOT_TOLD = frozenset({403, 404})


def pass_on(refusal: DomainError) -> None:
    """Let go on what a page does not tell beside its own matter: not allowed, absent and busy have
    answers of their own (the last says when to ask again). A service that does not answer is told.

    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, no.detail)

    Raises:
        DomainError: the refusal itself.
    """
    if refusal.http_status in _NOT_TOLD or isinstance(refusal, Busy):
        raise refusal


@contextlib.contextmanager
def refusable(form: Form) -> Iterator[None]:
    """A command and the answer to its success; a refusal goes beside its field and the page goes on.

    if form.is_valid():
        with pages.refusable(form):
            command(...)
            return pages.see_other(request, "done")
    return pages.form_page(request, template, form)
    """
    try:
        yield
    except DomainError as refusal:
        if refusal.field not in form.fields:
            pass_on(refusal)
        form.refuse(refusal)


def meanwhile(
    form: Form, refusal: StaleVersion, now: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    """What differs between a stale form and what was saved meanwhile: field, mine, theirs.

    now: the form's initial values, read anew. Its versions go into the hidden fields, so that
    saving again means it: both values were seen. Given to `form_page` as `meanwhile`, it is shown by
    ui/_meanwhile.html and answered with 412.
    """
    form.refuse(refusal)
    form.data = again = cast(QueryDict, form.data).copy()
    differing = []
    for name, field in form.fields.items():
        if name not in now:
            continue
        if field.widget.is_hidden:
            again[name] = str(now[name])
        else:
            mine, theirs = (_in_words(field, v[name]) for v in (form.cleaned_data, now))
            if mine != theirs:
                differing.append((str(field.label or name), mine, theirs))
    return differing


def _in_words(field: Any, value: Any) -> str:
    if isinstance(value, bool):
        return "так" if value else "ні"
    if isinstance(value, datetime.date):
        return f"{value:%d.%m.%Y}"
    names = dict(getattr(field, "choices", ()))
    if isinstance(value, list):
        return ", ".join(sorted(str(names.get(one, one)) for one in value))
    return str(names.get(value, value) if value not in (None, "") else "")


def form_page(
    request: HttpRequest,
    template: str,
    form: Any,
    context: Mapping[str, Any] | None = None,
    *,
    partial: str | None = None,
) -> HttpResponse:
    """A page with one form called `form`; 422 with the error summary first when it has errors, 412
    when the context has what was saved `meanwhile`."""
    shown = {"form": form, **(context or {})}
    status = StaleVersion.http_status if "meanwhile" in shown else form_status(form)
    return page(request, template, shown, partial=partial, status=status)


def sent_bytes(request: HttpRequest, name: str) -> bytes:
    """Bytes that a form sent as base64, such as a signature; nothing where they are not base64: the
    command behind says what is wrong with nothing."""
    try:
        return base64.b64decode(request.POST.get(name, ""), validate=True)
    except ValueError:  # letters that are no ASCII too; binascii.Error is one
        return b""


class SeeOther(HttpResponseRedirect):
    """303: the next page is to be read, not posted again."""

    status_code = 303


def see_other(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Go to a page after a successful change: 303, or HX-Redirect for htmx.

    to: a URL name with its arguments, a path of this site, or an object with `get_absolute_url`.
    """
    address = resolve_url(to, *args, **kwargs)
    if wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return SeeOther(address)


_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


def file_name(name: str) -> str:
    """A name that every system keeps a file under: people's own letters stay, signs that Windows
    refuses become hyphens («12/3-у» → «12-3-у»), and a name that is too long loses its middle."""
    stem, dot, extension = _NOT_IN_NAMES.sub("-", name).rpartition(".")
    return f"{stem[:120].strip(' .')}{dot}{extension}"


def stream_answer(content: IO[bytes], name: str, content_type: str) -> HttpResponseBase:
    """A long file to keep under this name, read from the disk while it is sent."""
    return FileResponse(
        content, as_attachment=True, filename=file_name(name), content_type=content_type
    )


def file_answer(
    content: bytes, name: str, content_type: str, *, inline: bool = False
) -> HttpResponse:
    """A file to keep under this name (RFC 6266); `inline`, to look at. Every download goes this way."""
    disposition = content_disposition_header(as_attachment=not inline, filename=file_name(name))
    assert disposition is not None  # noqa: S101 - it always is with a name
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": disposition}
    )
