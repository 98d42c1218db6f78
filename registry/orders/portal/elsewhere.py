"""Signing in another program: the bytes to take away, and the files that come back."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.ui.pages import file_answer, file_name, page, pass_on, see_other
from registry.orders import services as orders
from registry.orders.portal.orders import order_page, signed_name
from registry.orders.selectors import orders as reads
from registry.orders.services.elsewhere import MOST_FILES
from signatures.elsewhere import MAX_FILE

NOTHING = "Додайте файл підпису, який дала програма"


@require_POST
def sign_file(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """Take the signature of this order from a file; it becomes effective, or the page says why not."""
    try:
        orders.sign_file(
            actor=request.actor,
            order_id=order_id,
            data=next((data for _, data in _files(request)), b""),
            moment=moment(),
        )
    except DomainError as no:
        pass_on(no)
        return order_page(request, order_id, no, way="elsewhere")
    return see_other(request, "order_detail", order_id)


@require_http_methods(["GET", "HEAD", "POST"])
def signed_elsewhere(request: HouseRequest) -> HttpResponse:
    """Every order that waits for this person: files to take away, and a field for what comes back,
    each file answered by itself."""
    actor = request.actor
    reads.may_see(actor)
    outcomes, problem = None, ""
    if request.method == "POST":
        files = _files(request)
        if not files:
            problem = NOTHING
        elif len(files) > MOST_FILES:
            problem = f"Додайте за раз не більше {MOST_FILES} файлів"
        else:
            outcomes = orders.sign_files(actor=actor, files=files, moment=moment())
    return page(
        request,
        "registry/orders_elsewhere.html",
        {
            "orders": [(order, signed_name(order)) for order in reads.waiting_for(actor)],
            "outcomes": outcomes,
            "done": sum(one.refusal is None for one in outcomes or ()),
            "problem": problem,
        },
        status=422 if problem or any(one.refusal for one in outcomes or ()) else 200,
    )


@require_GET
def to_sign(request: HouseRequest) -> HttpResponse:
    """The files to sign of every order that waits for this person, in one archive."""
    actor = request.actor
    reads.may_see(actor)
    files = reads.to_sign(actor)
    if not files:
        raise NotFound
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (order, content) in enumerate(files, start=1):
            archive.writestr(f"{number}. {file_name(signed_name(order))}", content)
    return file_answer(buffer.getvalue(), "Накази на підпис.zip", "application/zip")


def _files(request: HouseRequest) -> Sequence[tuple[str, bytes]]:
    """What was chosen; of a file beyond any signature only its beginning is read."""
    given: list[UploadedFile] = request.FILES.getlist("files")
    return [(one.name or "файл", one.read(MAX_FILE + 1)) for one in given[: MOST_FILES + 1]]
