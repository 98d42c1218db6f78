"""Commands of drafts, the one door to them: a table that is saved as it is typed and judged as it is
saved, whatever its process.
"""

from registry.drafts.services.answers import answer, decide_twin, reconsider
from registry.drafts.services.beginning import set_columns, start, start_from_file, start_from_paste
from registry.drafts.services.cells import apply_fix, fill_column, paste, save_row, save_rows, undo
from registry.drafts.services.rows import add_rows, choose, include
from registry.drafts.services.steps import (
    MAX_ROWS,
    Saved,
    Sight,
    filled_cells,
    locked,
    tell,
    write_terms,
)
from registry.drafts.services.whole import check_again, discard, restore, save_terms

__all__ = [
    "MAX_ROWS",
    "Saved",
    "Sight",
    "add_rows",
    "answer",
    "apply_fix",
    "check_again",
    "choose",
    "decide_twin",
    "discard",
    "fill_column",
    "filled_cells",
    "include",
    "locked",
    "paste",
    "reconsider",
    "restore",
    "save_row",
    "save_rows",
    "save_terms",
    "set_columns",
    "start",
    "start_from_file",
    "start_from_paste",
    "tell",
    "undo",
    "write_terms",
]
