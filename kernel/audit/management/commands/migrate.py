"""`manage.py migrate`, without drawing twenty models anew for each index of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.operations import AlterField, RenameField
from django.db.migrations.state import ProjectState


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """As Django does it."""
        with drawn_alone():
            super().handle(*args, **options)


@contextmanager
def drawn_alone() -> Iterator[None]:
    """After an operation Django's state of migrations makes the class of the changed model again and
    those of everything related to it, so that whoever runs Python over rows finds them fresh: for an
    empty database here 18,000 classes, nine tenths of the time. Operations on tables need the class
    of their own model alone. What needs the others finds all made anew: a field that is altered or
    renamed, with the keys that refer to it, and Django's RunPython (`is_delayed`).
    """

    def reload_model(
        state: ProjectState, app_label: str, model_name: str, delay: bool = False
    ) -> None:
        if "apps" in state.__dict__:
            state.is_delayed = True
            state._reload({(app_label, model_name.lower())})  # type: ignore[attr-defined]

    def with_all(forwards: Any) -> Any:
        def database_forwards(
            operation: Any, app_label: str, editor: Any, before: ProjectState, after: ProjectState
        ) -> None:
            before.clear_delayed_apps_cache()
            after.clear_delayed_apps_cache()
            forwards(operation, app_label, editor, before, after)

        return database_forwards

    changed = [(ProjectState, "reload_model", reload_model)] + [
        (operation, "database_forwards", with_all(operation.database_forwards))
        for operation in (AlterField, RenameField)
    ]
    was = [(place, name, getattr(place, name)) for place, name, _ in changed]
    try:
        for place, name, ours in changed:
            setattr(place, name, ours)
        yield
    finally:
        for place, name, theirs in was:
            setattr(place, name, theirs)
