"""Templates compiled once for all workers and runs: as Python bytecode under var/.

Jinja2 keeps a template by its text. What else its code depends on, the engine's own code generator and
the filters whose constants it works out beforehand, names the folder.
"""

import hashlib
import importlib.metadata
import shutil
import sys
from pathlib import Path

from jinja2 import FileSystemBytecodeCache

import kernel


def kept(var: Path) -> FileSystemBytecodeCache:
    """The folder of this code; those of older code go."""
    code = Path(kernel.__file__).parent
    told = hashlib.sha256(f"{importlib.metadata.version('jinja2')} {sys.version}".encode())
    for path in [*sorted(code.glob("*.py")), *sorted((code / "ui").rglob("*.py"))]:
        told.update(path.read_bytes())
    folders = var / "test-templates"
    folder = folders / told.hexdigest()[:16]
    if not folder.is_dir():
        shutil.rmtree(folders, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
    return FileSystemBytecodeCache(str(folder))
