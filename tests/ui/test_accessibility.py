"""The suite's own question about accessibility: of rows made alike one is asked, of others each."""

import pytest
from playwright.sync_api import Browser

from tests.kit.accessibility import assert_accessible

pytestmark = pytest.mark.browser
ROW = "<tr><th scope=row>{n}</th><td><button type=button>Учень {n}</button></td></tr>"
PAGE = """<!doctype html><html lang=uk><title>Т</title><style>.pale {{ color: #ccc }}</style>
<main><h1>Т</h1><table><caption>Учні</caption><tr><th scope=col>№</th><th scope=col>Хто</th></tr>
<tbody>{rows}</tbody></table></main>"""
OTHER = {
    "": "",
    "button-name": "<tr><th scope=row>7</th><td><button type=button> </button></td></tr>",
    "color-contrast": ROW.format(n=7).replace("type", "class=pale type"),
    "label": "<tr><th scope=row>7</th><td><label for=no>А</label><input id=x></td></tr>",
}


@pytest.mark.parametrize("breach", OTHER)
def test_a_breach_in_one_row_of_many_is_found(browser: Browser, breach: str) -> None:
    rows = [ROW.format(n=n) for n in range(20)]
    rows[7] = OTHER[breach] or rows[7]
    page = browser.new_page()
    page.set_content(PAGE.format(rows="".join(rows)))
    if breach:
        with pytest.raises(AssertionError, match=breach):
            assert_accessible(page)
    else:
        assert_accessible(page)
    page.close()


def test_what_is_wrong_in_every_row_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(PAGE.format(rows=OTHER["button-name"] * 20))
    with pytest.raises(AssertionError, match="button-name"):
        assert_accessible(page)
    page.close()
