"""What people ask of the packages above; `registry.wiring` fills it when Django starts."""

from __future__ import annotations

import uuid
from collections.abc import Callable

# The institution of a child's last main enrolment, annulled ones too; None when there was none.
last_institution: Callable[[uuid.UUID], int | None]
