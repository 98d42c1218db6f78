"""A page of a profile that was merged into another answers with that one."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.http import HouseRequest
from registry.people.errors import ProfileMerged


def answers_with_the_retained(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Send whoever only reads to the same page of the retained profile: 302, for a merge may be
    taken back. What is written to a merged profile is refused in words (409)."""

    @functools.wraps(view)
    def run(request: HouseRequest, pupil_id: uuid.UUID, **more: Any) -> HttpResponseBase:
        try:
            return view(request, pupil_id=pupil_id, **more)
        except ProfileMerged as told:
            if request.method not in {"GET", "HEAD"}:
                raise
            match = request.resolver_match
            assert match is not None  # noqa: S101 - the view was found by it
            return redirect(match.view_name, pupil_id=told.retained, **more)

    return run
