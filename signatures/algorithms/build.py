"""Builds the accelerator: `python -m signatures.algorithms.build`. No compiler is not an error.

The library is named by the hash of its source, so that an older build is never opened by newer code.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from signatures.algorithms import native


def compiler() -> str | None:
    """The C compiler of this machine: `$CC`, else cc, gcc or clang, else None."""
    for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        if name and shutil.which(name):
            return name
    return None


def build(target: Path | None = None) -> Path | None:
    """Compile the accelerator; the path of the library, or None where it cannot be compiled."""
    target = target or native.library_path()
    found = compiler()
    if found is None or platform.system() == "Windows":
        return None
    for stale in target.parent.glob("_native-*.so"):
        if stale != target:
            stale.unlink(missing_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    command = [found, "-O3", "-std=gnu11", "-fPIC", "-shared", "-o", str(unfinished)]
    done = subprocess.run(  # noqa: S603 - our own compiler call with our own source
        [*command, str(native.SOURCE)], capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode:
        print(done.stderr, file=sys.stderr)  # noqa: T201 - a build tool speaks to its terminal
        unfinished.unlink(missing_ok=True)
        return None
    unfinished.replace(target)
    return target


def main() -> None:
    built = build()
    if built is None:
        message = "signatures: no C compiler here; pure Python is used (slower, same answers)"
    else:
        message = f"signatures: accelerator built ({built.name})"
    print(message)  # noqa: T201


if __name__ == "__main__":
    main()
