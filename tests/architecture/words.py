"""Every string a person reads, with the place it stands at: `python -m tests.architecture.words`
prints the catalogue, for an editor to read; test_words.py asks it what no editor should have to."""

from __future__ import annotations

import ast
import dataclasses
import functools
import itertools
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, nodes

from tests.architecture import sources

UKRAINIAN = re.compile("[а-яіїєґА-ЯІЇЄҐ]")
GAP = "…"  # what is filled in when it is shown
# Whose words nobody reads on a page: invented people and places, and the alphabet itself.
UNREAD = ("aikom/demo/synthetic", "kernel/text.py", "kernel/ui/gallery.py")


@dataclasses.dataclass(frozen=True)
class Said:
    """One string; `kind` is text, button, title, python, console, script, paper, mail or data."""

    path: Path
    line: int
    kind: str
    text: str

    @property
    def place(self) -> str:
        """Where to mend it."""
        return f"{self.path}:{self.line}"


# ── templates ────────────────────────────────────────────────────────────────
_UNSEEN = re.compile(
    r"\{#.*?#\}|\{%\s*block (?:width|columns)\s*%\}.*?\{%\s*endblock\s*%\}|<!--.*?-->|<(script|style|svg)\b.*?</\1>",
    re.DOTALL,
)
_PLURAL = re.compile(r"""\{\{[^{}]*\|plural\("([^"]*)"\)[^{}]*\}\}""")
_BRANCH = re.compile(r"\{%\s*(?:if|elif|else|endif|for|endfor|with|endwith|set|endset)\b.*?%\}")
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_ELEMENT = re.compile(r"<[^<>]*>", re.DOTALL)
_NAMED = re.compile(r"""\s([:\w-]+)=("[^"]*"|'[^']*')""")
_SPOKEN = {
    "title", "label", "lead", "text", "hint", "placeholder", "caption", "action", "back_label",
    "aria-label", "button", "note", "name", "what", "alt", "data-l", "label_head", "value_head",
}  # fmt: skip
_INLINE = re.compile(r"</?(?:a|b|i|em|strong|span|code|kbd|small|abbr|mark|time|br)\b[^<>]*>")
_BUTTON = re.compile(
    r"<(button|c-button|c-link_button)\b([^<>]*)>(.*?)</(?:button|c)\s*>", re.DOTALL
)


def _filled(markup: str) -> str:
    """Template code as a person meets it: plural forms kept, values as a gap."""
    markup = _PLURAL.sub(lambda found: f"{GAP}⟨{found[1]}⟩", markup)
    return re.sub(r"\{\{.*?\}\}", GAP, markup, flags=re.DOTALL)


def _blank(found: re.Match[str]) -> str:
    """As much nothing, so that places stay where they are."""
    return re.sub(r"[^\n]", " ", found[0])


_CALL = re.compile(r"\{(?:\{|%\s*call)\s*c\.(\w+)\(.*?\)\s*[%}]\}|\{%\s*endcall\s*%\}", re.DOTALL)


def _element(call: re.Match[str]) -> str:
    """A call of a component as an element in its place: `{% call c.card(…) %}` as `<c-card … >`."""
    if call[1] == "icon":
        return _blank(call)
    begins = f"<c-{call[1]}" if call[1] else "</c"
    ends = "/>" if call[0].startswith("{{") else ">"
    return begins + _blank(call)[len(begins) + len(ends) :] + ends


def _options(markup: str) -> Iterator[tuple[int, str, str]]:
    """(offset, kind, text) of what is given to components, and of what they say if it is not."""
    starts = [0, *(found.end() for found in re.finditer("\n", markup))]
    given: list[tuple[int, str, nodes.Expr]] = []
    tree = _JINJA.parse(markup)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Getattr) and call.node.node == nodes.Name("c", "load"):
            given += [(call.lineno, option.key, option.value) for option in call.kwargs]
    for macro in tree.find_all(nodes.Macro):
        named = macro.args[len(macro.args) - len(macro.defaults) :]
        given += [
            (macro.lineno, one.name, value)
            for one, value in zip(named, macro.defaults, strict=True)
        ]
    for line, name, value in given:
        if {name, name.replace("_", "-")} & _SPOKEN:
            for text in _texts(value):
                yield starts[line - 1], "title" if name == "title" else "text", text


def _texts(value: nodes.Expr) -> Iterator[str]:
    """What an expression may say, values as a gap."""
    if isinstance(value, nodes.Const):
        yield str(value.value)
    elif isinstance(value, nodes.CondExpr):
        yield from _texts(value.expr1)
        yield from _texts(value.expr2 or nodes.Const(""))
    elif isinstance(value, nodes.Concat):
        yield from map("".join, itertools.product(*(list(_texts(one)) for one in value.nodes)))
    elif isinstance(value, nodes.Filter) and value.name == "plural":
        yield f"{GAP}⟨{value.args[0].as_const()}⟩"
    else:
        yield GAP


_JINJA = Environment(autoescape=True)


def _said_in(markup: str) -> Iterator[tuple[int, str, str]]:
    """(offset, kind, text) of every string in a template."""
    yield from _options(markup)
    markup = _CALL.sub(_element, _UNSEEN.sub(_blank, markup))
    for found in _BUTTON.finditer(markup):
        inner = _BRANCH.sub("\x00", _INLINE.sub("", _filled(found[3])))
        for part in _TAG.sub("", inner).split("\x00"):
            yield found.start(), "button", part
    for element in _ELEMENT.finditer(markup):
        for name, value in _NAMED.findall(element[0]):
            if name in _SPOKEN:
                for part in _BRANCH.split(_filled(value[1:-1])):
                    yield (
                        element.start(),
                        "title" if name == "title" else "text",
                        _TAG.sub("", part),
                    )
    bare = _INLINE.sub("\x01", markup)
    at = 0
    for piece in re.split(r"(<[^<>]*>)", bare):
        if not piece.startswith("<"):
            for part in _BRANCH.split(_filled(piece)):
                yield at, "text", _TAG.sub("", part).replace("\x01", "")
        at += len(piece)


def _templates() -> Iterator[Said]:
    for path in sources.templates():
        if "gallery" in path.name:
            continue
        markup = path.read_text(encoding="utf-8")
        for at, kind, text in _said_in(markup):
            yield Said(path.relative_to(sources.ROOT), markup.count("\n", 0, at) + 1, kind, text)


# ── code ─────────────────────────────────────────────────────────────────────
def _docstrings(tree: ast.AST) -> set[int]:
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }


def _python() -> Iterator[Said]:
    for path, tree in sources.modules():
        if str(path).startswith(UNREAD):
            continue
        skipped = _docstrings(tree)
        console = "management" in path.parts or path.name == "supervisor.py"
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                skipped |= {id(part) for part in node.values}
                text = "".join(
                    str(part.value) if isinstance(part, ast.Constant) else GAP
                    for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            else:
                continue
            if id(node) not in skipped:
                kind = "console" if console else "python"
                yield Said(path, node.lineno, kind, text)


_LITERAL = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`""", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*|(?<=[\s;{}])//[^\n]*", re.DOTALL | re.MULTILINE)


def _scripts() -> Iterator[Said]:
    for room in sources.ROOMS:
        for path in sorted((sources.ROOT / room).rglob("*.js")):
            if "node_modules" in path.parts or "built" in path.parts:
                continue
            code = _COMMENT.sub(_blank, path.read_text(encoding="utf-8"))
            for found in _LITERAL.finditer(code):
                text = re.sub(r"\$\{[^{}]*\}", GAP, found[0][1:-1])
                line = code.count("\n", 0, found.start()) + 1
                yield Said(path.relative_to(sources.ROOT), line, "script", text)


# ── papers, mail, data ───────────────────────────────────────────────────────
def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _files(pattern: str) -> Iterator[Path]:
    for room in sources.ROOMS:
        for path in sorted((sources.ROOT / room).rglob(pattern)):
            if "node_modules" not in path.parts:
                yield path


def _others() -> Iterator[Said]:
    for path in _files("*.typ"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.lstrip().startswith("//"):
                yield Said(path.relative_to(sources.ROOT), number, "paper", line)
    for path in _files("templates/**/*.txt"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            text = _TAG.sub("", _filled(line))
            yield Said(path.relative_to(sources.ROOT), number, "mail", text)
    for path in _files("*.toml"):
        written = path.read_text(encoding="utf-8")
        for text in dict.fromkeys(_strings(tomllib.loads(written))):
            first = text.split("\n", 1)[0]
            line = written.count("\n", 0, max(written.find(first), 0)) + 1
            yield Said(path.relative_to(sources.ROOT), line, "data", text)


@functools.cache
def catalogue() -> tuple[Said, ...]:
    """Every string with a Ukrainian letter, in the order of places, each once a place."""
    found: dict[tuple[str, str, str], Said] = {}
    for said in (*_templates(), *_python(), *_scripts(), *_others()):
        text = " ".join(said.text.split(" ")).strip("\n")
        text = re.sub(r"\s*\n\s*", " ", text).strip(" ")
        if UKRAINIAN.search(text):
            one = dataclasses.replace(said, text=text)
            found.setdefault((str(one.path), one.kind, text), one)
    return tuple(found.values())


if __name__ == "__main__":
    lines = (f"{one.place} {one.kind[0]} {one.text}\n" for one in catalogue())
    sys.stdout.writelines(lines)
