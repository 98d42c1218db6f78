"""Spaces at which no line breaks: «№ 12», «Т. С. Безпала», «м. Київ», «ст. 9», «буд. 5», «62 %».

One function sets them in what is about to be shown or sent (kernel.middleware.Typography, letters),
so that texts, names and what people type keep their plain spaces. Only words between tags are
touched: a value of a form comes back as it was.
"""

from collections.abc import Iterator

NBSP = "\u00a0".encode()
_NUMBER = "№ ".encode()
_STOP = b". "
_UNITS = (b" %", " грн".encode())
_CAPITALS = "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ"
_SHORT = (*_CAPITALS, "м", "с", "п", "пп", "ст", "вул", "просп", "пров", "буд", "кв", "ч")
_BEFORE = " >(«,\n\u00a0"
_ENDS = tuple((mark + word).encode() for mark in _BEFORE for word in _SHORT)
_WORDS = frozenset(word.encode() for word in _SHORT)
_LAST = frozenset(word[-1].encode() for word in _SHORT)
_LONGEST = max(map(len, _ENDS))
_AS_IT_IS = (b"<textarea", b"<option", b"<pre", b"<code", b"<script", b"<style")


def typeset(page: bytes) -> bytes:
    """A page, or plain text, in UTF-8 with its unbreakable spaces."""
    places = [at + len(_NUMBER) - 1 for at in _all(page, _NUMBER)]
    places += [at + 1 for at in _all(page, _STOP) if _shortened(page, at)]
    places += [at for unit in _UNITS for at in _all(page, unit) if page[at - 1 : at].isdigit()]
    if not places:
        return page
    made, done = [], 0
    for at in sorted(places):
        if _between_tags(page, at):
            made += [page[done:at], NBSP]
            done = at + 1
    return b"".join([*made, page[done:]])


def _all(page: bytes, words: bytes) -> Iterator[int]:
    """Where these words stand. `bytes.find` leaps where an expression looks at every byte: a list of
    a hundred took 1 ms so, and takes 0.05."""
    at = page.find(words)
    while at >= 0:
        yield at
        at = page.find(words, at + len(words))


def _shortened(page: bytes, stop: int) -> bool:
    """Whether the full stop ends an initial or a shortened word, not a sentence."""
    if page[max(stop - 2, 0) : stop] not in _LAST:
        return False
    word = page[max(stop - _LONGEST, 0) : stop]
    return word.endswith(_ENDS) or word in _WORDS


def _between_tags(page: bytes, at: int) -> bool:
    opened = page.rfind(b"<", 0, at)
    return page.rfind(b">", 0, at) >= opened and not page.startswith(_AS_IT_IS, max(opened, 0))
