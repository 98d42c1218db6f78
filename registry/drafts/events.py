"""What happens to drafts."""

from __future__ import annotations

import uuid
from typing import Annotated

from kernel import batch
from kernel.audit.events import Event, Subject, event

DraftId = Annotated[uuid.UUID, Subject("registry.draft")]


class _OfRows(Event, frozen=True, kw_only=True):
    """Tells of rows: the first hundred of them by their ids, and how many there are."""

    subject: DraftId
    rows: tuple[int, ...]
    count: int


@event("registry.draft.started", version=1)
class DraftStarted(Event, frozen=True, kw_only=True):
    """A draft is begun with so many rows."""

    subject: DraftId
    rows: int


@event("registry.draft.columns_set", version=1)
class ColumnsSet(Event, frozen=True, kw_only=True):
    """It is said what each column of the waiting table is; its rows are in the draft."""

    subject: DraftId
    rows: int


@event("registry.draft.rows_chosen", version=1)
class RowsChosen(Event, frozen=True, kw_only=True):
    """Rows of children chosen from the register are added."""

    subject: DraftId
    rows: int


@event("registry.draft.rows_added", version=1)
class RowsAdded(Event, frozen=True, kw_only=True):
    """Rows are added."""

    subject: DraftId
    rows: int


@event("registry.draft.rows_included", version=1)
class RowsIncluded(_OfRows, frozen=True, kw_only=True):
    """Rows left out are taken into the order again."""


@event("registry.draft.rows_excluded", version=1)
class RowsExcluded(_OfRows, frozen=True, kw_only=True):
    """Rows are left out of the order and stay in the draft."""


@event("registry.draft.cells_saved", version=1)
class CellsSaved(Event, frozen=True, kw_only=True):
    """Cells are written: typed, pasted, filled by an offered fix, or taken back."""

    subject: DraftId
    cells: int


@event("registry.draft.warning_answered", version=1)
class WarningAnswered(_OfRows, frozen=True, kw_only=True):
    """A doubted value is confirmed; `key` is field:code of the warning."""

    key: str


@event("registry.draft.twin_decided", version=1)
class TwinDecided(_OfRows, frozen=True, kw_only=True):
    """A row is, or is not, the child whose profile was shown."""

    same: bool


@event("registry.draft.answers_withdrawn", version=1)
class AnswersWithdrawn(_OfRows, frozen=True, kw_only=True):
    """Every answer given in a row is taken back."""


@event("registry.draft.order_fields_saved", version=1)
class TermsSaved(Event, frozen=True, kw_only=True):
    """What was typed of the order is kept."""

    subject: DraftId


@event("registry.draft.discarded", version=1)
class DraftDiscarded(Event, frozen=True, kw_only=True):
    """A draft is put away; its rows are kept."""

    subject: DraftId


@event("registry.draft.restored", version=1)
class DraftRestored(Event, frozen=True, kw_only=True):
    """A discarded draft is open again."""

    subject: DraftId


@event("registry.draft.checked", version=1)
class DraftChecked(Event, frozen=True, kw_only=True):
    """The whole table is checked against the register as it is now."""

    subject: DraftId
    changed: int


RunId = Annotated[uuid.UUID, Subject("registry.draft_run")]


@event("registry.draft.run.asked", version=1)
class RunAsked(Event, frozen=True, kw_only=True):
    """Long work is asked for: a table is to be judged, its order formed or given effect."""

    subject: RunId
    what: str
    rows: int


RUN = batch.told_of("registry.draft.run", RunId)
