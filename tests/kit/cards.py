"""Cards of a phone, as the markup gives them: a value stands beside the words of its column."""

from __future__ import annotations

from lxml import html

# The words of a control, and words that are only read aloud, say themselves.
ITSELF = ".//a | .//button | .//label | .//select | .//*[@class='ak-vh']"


def values_without_words(page: bytes) -> list[str]:
    """What a card of the page would say and nobody could tell of what."""
    found = []
    for table in html.fromstring(page.decode()).xpath(
        "//div[contains(@class,'ak-cardtable')]/table"
    ):
        caption = table.findtext("caption")
        for cell in table.xpath("./tbody/tr/td[not(@data-l)]"):
            place = len(cell.xpath("preceding-sibling::td | preceding-sibling::th")) + 1
            if table.get(f"data-l{place}"):  # a list says the words of a column once
                continue
            for one in cell.xpath(ITSELF):
                one.drop_tree()
            if said := " ".join(cell.text_content().split()):
                found.append(f"{caption}: {said}")
    return found
