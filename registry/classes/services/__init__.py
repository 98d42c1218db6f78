"""Commands of classes, the one door to them: open, correct, close; merge what a system tells."""

from registry.classes.services.groups import close_many, open_many, update
from registry.classes.services.merging import ClassRow, preview_many, put_many
from registry.classes.services.spec import ClassSpec

__all__ = [
    "ClassRow",
    "ClassSpec",
    "close_many",
    "open_many",
    "preview_many",
    "put_many",
    "update",
]
