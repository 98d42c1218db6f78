"""Spaces at which no line breaks: «№ 12», «Т. С. Безпала», «м. Київ», «ст. 9», «буд. 5», «62 %».

One function sets them in what is about to be shown or sent (kernel.middleware.Typography, letters),
so that texts, names and what people type keep their plain spaces. Only words between tags are
touched: a value of a form comes back as it was.
"""

import re

NBSP = "\u00a0".encode()
_NUMBER = re.compile("№ ".encode())
_STOP = re.compile(rb"\. ")
_UNITS = (re.compile(b" %"), re.compile(" грн".encode()))
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
    places = [found.end() - 1 for found in _NUMBER.finditer(page)]
    places += [one.end() - 1 for one in _STOP.finditer(page) if _shortened(page, one.start())]
    places += [
        one.start()
        for unit in _UNITS
        for one in unit.finditer(page)
        if page[one.start() - 1 : one.start()].isdigit()
    ]
    if not places:
        return page
    made, done = [], 0
    for at in sorted(places):
        if _between_tags(page, at):
            made += [page[done:at], NBSP]
            done = at + 1
    return b"".join([*made, page[done:]])


def _shortened(page: bytes, stop: int) -> bool:
    """Whether the full stop ends an initial or a shortened word, not a sentence."""
    if page[max(stop - 2, 0) : stop] not in _LAST:
        return False
    word = page[max(stop - _LONGEST, 0) : stop]
    return word.endswith(_ENDS) or word in _WORDS


def _between_tags(page: bytes, at: int) -> bool:
    opened = page.rfind(b"<", 0, at)
    return page.rfind(b">", 0, at) >= opened and not page.startswith(_AS_IT_IS, max(opened, 0))
