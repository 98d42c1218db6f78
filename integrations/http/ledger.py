"""The note of a call: made once for every answer, refusals too, after the answer is ready."""

from __future__ import annotations

import dataclasses

from kernel import audit


@dataclasses.dataclass
class Call:
    """What one call did, filled on the way: how many rows, and whose personal data was seen."""

    dataset: str
    method: str
    path: str
    status: int = 0
    rows: int = 0
    looks: str = ""  # the subject type of `seen`
    seen: str = ""  # ids with commas between
    request_id: str = dataclasses.field(default_factory=audit.request_id)
