"""`python -m kernel.ui.reference`: write the component list of docs/ui.md from the components' own headers."""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMPONENTS = HERE / "templates" / "components"
DOCUMENT = HERE.parents[1] / "docs" / "ui.md"
MARK = "<!-- components: written by python -m kernel.ui.reference -->"


def headers() -> dict[str, str]:
    """Each component's name and the text of its header comment.

    Raises:
        ValueError: a component without a header.
    """
    found = {}
    for path in sorted(COMPONENTS.glob("*.html")):
        match = re.match(r"\{#\n(.*?)\n#\}", path.read_text("utf-8"), re.S)
        if match is None:
            raise ValueError(f"{path.name}: document the component at its top")
        found[path.stem] = match.group(1)
    return found


def section() -> str:
    """The generated part of the document."""
    parts = [f"### {name}\n```text\n{text}\n```\n" for name, text in headers().items()]
    return MARK + "\n" + "\n".join(parts)


def document() -> str:
    """The whole document as it should be: the hand-written part, then the components."""
    written = DOCUMENT.read_text("utf-8").split(MARK)[0]
    return written + section()


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
    sys.stdout.write(f"docs/ui.md: {len(headers())} components\n")
