"""A row of a list says what differs from row to row; its table says the rest, once."""

import re

from lxml import html

from tests.world import World, sign_in


def test_a_row_repeats_neither_looks_nor_words_of_its_columns(client, world: World) -> None:
    sign_in(client, world.grants["olena"])
    page = client.get("/pupils/").content.decode()
    body = re.search("<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert body is not None
    first = body[1].split("<tr>")[1]
    assert not re.search("class=(?!.ak-tag)|data-|</t[hdr]>", first), first


def test_every_value_stands_in_the_column_whose_words_and_look_the_table_gives(
    client, world: World
) -> None:
    sign_in(client, world.grants["olena"])
    page = html.fromstring(client.get("/pupils/").content.decode())
    (table,) = page.xpath("//table[contains(@class, 'ak-list')]")
    heads = [" ".join(one.text_content().split()) for one in table.xpath("./thead/tr/*")]
    rows = table.xpath("./tbody/tr")
    assert rows
    assert {len(row) for row in rows} == {len(heads)}
    for place, head in enumerate(heads, 1):
        assert place < 3 or table.get(f"data-l{place}") == head
    born = heads.index("Народження") + 1
    assert f"ak-nw{born}" in table.get("class").split()


def test_a_tick_is_called_by_the_name_beside_it(client, world: World) -> None:
    sign_in(client, world.grants["olena"])
    page = html.fromstring(client.get("/pupils/").content.decode())
    ticks = page.xpath("//input[@name='pick']")
    assert ticks
    for tick in ticks:
        lead, who = (page.get_element_by_id(one) for one in tick.get("aria-labelledby").split())
        assert lead.text_content() == "Вибрати:"
        assert who is tick.xpath("ancestor::tr/th")[0]
