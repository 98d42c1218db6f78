"""What pages of quality are narrowed to: an institution in the address, besides the frame's lens."""

from __future__ import annotations

from django.utils.http import urlencode

from accounts.http import HouseRequest
from kernel.parameters import asked, reference
from kernel.ui.listing import carried


def institution_asked(request: HouseRequest) -> str:
    """The institution named by the address; '' none."""
    return str(asked(request, reference("institution"))["institution"])


def narrowed(request: HouseRequest) -> str:
    """What goes along to another page of the same institution, or of the part that is looked at."""
    chosen = institution_asked(request)
    query = {**carried(request), **({"institution": chosen} if chosen else {})}
    return f"?{urlencode(query)}" if query else ""
