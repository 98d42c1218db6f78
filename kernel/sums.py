"""Tables of sums kept by the statement that changes what is summed."""

from __future__ import annotations

import pgtrigger


def kept(
    operation: pgtrigger.Operation, name: str, *, new: bool, old: bool, each: str, into: str
) -> pgtrigger.Trigger:
    """A trigger that adds to a table of sums what a statement wrote and subtracts what it took away.

    each: SELECT of what one row adds, from `{rows}`, its numbers led by `{sign}` («» or «-»).
    into: what is done with all of them together, `{moved}`. It writes in one order, so that two
    statements at once wait for each other and not in a ring.
    """
    moved = [
        each.format(sign=sign, rows=rows)
        for there, sign, rows in ((new, "", "new_rows"), (old, "-", "old_rows"))
        if there
    ]
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(
            new="new_rows" if new else None, old="old_rows" if old else None
        ),
        func=into.format(moved=" UNION ALL ".join(moved)),
    )
