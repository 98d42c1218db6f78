"""What htmx and the grid make of a page, without a browser: an answer applied equals a fresh load.

A page that is changed piece by piece must end up as if it had been loaded anew; otherwise a count, a
button or an error stays from before. `Loaded` holds a page; `swap`, `rows` and `parts` do what htmx
and grid.js do with an answer; `differences` compares with the page as the server draws it now.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lxml import html
from lxml.html import HtmlElement

HEADERS = {"HX-Request": "true"}
# What differs between two loads of one page and says nothing: tokens, nonces, ids of requests.
_PASSING = re.compile(r"csrfmiddlewaretoken|nonce|data-ak-request")
_SWAPPED = ("hx-swap-oob",)


class Loaded:
    """A page as the browser holds it."""

    def __init__(self, content: str):
        self.root: HtmlElement = html.document_fromstring(content)

    def one(self, selector: str) -> HtmlElement:
        """The element that `#id` or an XPath names.

        Raises:
            AssertionError: no such element, or several.
        """
        path = f'//*[@id="{selector[1:]}"]' if selector.startswith("#") else f"//{selector}"
        found = self.root.xpath(path)
        assert len(found) == 1, f"{selector}: {len(found)} on the page"
        return found[0]

    def swap(self, answer: str, target: str, how: str = "outerHTML") -> None:
        """htmx: the answer's parts out of band into their places, the rest into the target."""
        rest = self.parts(answer)
        place = self.one(target)
        if how == "innerHTML":
            place.text = None
            place[:] = rest
            return
        _put(place, rest)

    def rows(self, answer: str) -> None:
        """grid.js: each row of the answer in place of the row with its id, parts out of band after."""
        for one in self.parts(answer):
            for row in one.iter("tr"):
                if identity := row.get("data-ak-row"):
                    old = self.one(f'tr[@data-ak-row="{identity}"]')
                    following = old.getnext()
                    while following is not None and not following.get("data-ak-row"):
                        following, gone = following.getnext(), following
                        gone.getparent().remove(gone)
                    _put(old, [row, *_extras(row)])

    def body(self, answer: str) -> None:
        """grid.js after a block or a button: the answer says which rows there are."""
        fresh = next(one for part in self.parts(answer) for one in part.iter("tbody"))
        old = self.one("table[@data-ak-grid]/tbody")
        _put(old, [fresh])

    def parts(self, answer: str) -> list[HtmlElement]:
        """Put elements marked hx-swap-oob into their places; return what is left."""
        left: list[HtmlElement] = []
        for one in fragment(answer):
            for part in [one, *one.iterdescendants()]:
                how = part.get("hx-swap-oob")
                if not how:
                    continue
                del part.attrib["hx-swap-oob"]
                assert how in {"true", "outerHTML"}, f"this helper does not know hx-swap-oob={how}"
                place = self.one(f"#{part.get('id')}")
                _put(place, [part])
                if part is one:
                    break
            else:
                left.append(one)
        return left

    def differences(self, fresh: str, within: str = "main") -> str:
        """Where this page differs from the page loaded anew; empty when it does not."""
        mine, theirs = self.one(within), Loaded(fresh).one(within)
        return "\n".join(_differences(mine, theirs, within))


def fragment(answer: str) -> list[HtmlElement]:
    """The top elements of an answer; rows of a table need no table around them."""
    wrapped = answer
    if re.match(r"\s*<(?:tr|tbody)\b", answer):
        rows_end = answer.rindex("</tr>") + 5 if "</tr>" in answer else 0
        rows_end = max(rows_end, answer.find("</tbody>") + 8 if "</tbody>" in answer else 0)
        wrapped = f"<table>{answer[:rows_end]}</table>{answer[rows_end:]}"
    return [one for one in html.fragments_fromstring(wrapped) if not isinstance(one, str)]


def stands_in(answer: str, page: str) -> bool:
    """Whether a fragment is a part of the page as it stands there: somewhere its elements are
    neighbours, the same to the last attribute."""
    wanted = [_shape(one) for one in fragment(answer)]
    if not wanted:
        return True
    whole = html.document_fromstring(page)
    for parent in whole.iter():
        if not isinstance(parent.tag, str):
            continue
        shapes = [_shape(one) for one in parent if isinstance(one.tag, str)]
        if any(shapes[at : at + len(wanted)] == wanted for at in range(len(shapes))):
            return True
    return False


def _put(place: HtmlElement, elements: list[HtmlElement]) -> None:
    """Elements where one stood; the text after it stays."""
    parent, at, after = place.getparent(), place.getparent().index(place), place.tail
    for one in elements:
        one.tail = None
    parent[at : at + 1] = elements
    if elements:
        elements[-1].tail = after


def _extras(row: HtmlElement) -> Iterator[HtmlElement]:
    following = row.getnext()
    while following is not None and not following.get("data-ak-row"):
        yield following
        following = following.getnext()


def _attributes(one: HtmlElement) -> tuple[tuple[str, str], ...]:
    if one.tag == "input" and one.get("name") == "csrfmiddlewaretoken":
        return ()
    return tuple(
        sorted(
            (name, " ".join(value.split()))
            for name, value in one.attrib.items()
            if not _PASSING.search(name) and name not in _SWAPPED
        )
    )


def _text(text: str | None) -> str:
    # The minute of «Збережено о 14:32» may pass between two loads.
    return re.sub(r"\b\d\d:\d\d\b", "ГГ:ХХ", " ".join((text or "").split()))


def _children(one: HtmlElement) -> Sequence[HtmlElement]:
    if one.get("id") == "messages":
        return []  # what was just done is said once
    return [child for child in one if isinstance(child.tag, str)]


def _shape(one: HtmlElement) -> tuple:  # type: ignore[type-arg]
    return (
        one.tag,
        _attributes(one),
        _text(one.text),
        tuple((_shape(child), _text(child.tail)) for child in _children(one)),
    )


def _differences(mine: HtmlElement, theirs: HtmlElement, path: str) -> Iterable[str]:
    if mine.tag != theirs.tag:
        yield f"{path}: <{mine.tag}> where <{theirs.tag}> would be"
        return
    if _attributes(mine) != _attributes(theirs):
        changed = set(_attributes(mine)) ^ set(_attributes(theirs))
        yield f"{path}: attributes differ: {sorted(changed)}"
    if _text(mine.text) != _text(theirs.text):
        yield f"{path}: «{_text(mine.text)}» where «{_text(theirs.text)}» would be"
    ours, others = _children(mine), _children(theirs)
    if len(ours) != len(others):
        yield f"{path}: {len(ours)} elements where {len(others)} would be"
    for number, (one, other) in enumerate(zip(ours, others, strict=False)):
        where = f"{path} > {one.tag}{'#' + one.get('id') if one.get('id') else f'[{number}]'}"
        yield from _differences(one, other, where)
        if _text(one.tail) != _text(other.tail):
            yield f"{where}: «{_text(one.tail)}» after it where «{_text(other.tail)}» would be"
