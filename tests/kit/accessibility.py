"""What axe-core says of a page, as a test failure a developer can act on."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Error, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# What the browser says when the page was left for another while axe began on it.
GOING = ("context was destroyed", "reading 'documentElement'", "navigat", "axe is not defined")


def breaches(page: Page, options: dict[str, Any]) -> list[dict[str, Any]]:
    """What axe finds on the page that stays: one that is just being left is not asked."""
    for last in (False,) * 9 + (True,):
        page.wait_for_load_state()
        try:
            if not page.evaluate("'axe' in window"):
                page.evaluate(AXE_SCRIPT)
            return page.evaluate("how => axe.run(how).then(done => done.violations)", options)
        except Error as problem:
            if last or not any(word in str(problem) for word in GOING):
                raise
    raise AssertionError("unreachable")


def assert_accessible(page: Page, *, without: tuple[str, ...] = ()) -> None:
    """Fail when axe finds a breach on the page as it is now.

    `without` names rules left out for this page; say the reason beside the call.
    """
    # Breaches alone: what passed is most of an answer, and of the time it takes to write it.
    options: dict[str, Any] = {
        "runOnly": {"type": "tag", "values": RULES},
        "resultTypes": ["violations"],
        "selectors": False,
    }
    if without:
        options["rules"] = {rule: {"enabled": False} for rule in without}
    lines = [
        f"{breach['id']} ({breach['impact']}): {breach['help']}\n    "
        + "\n    ".join(node["html"][:200] for node in breach["nodes"][:3])
        for breach in breaches(page, options)
    ]
    assert not lines, f"axe on {page.url}:\n" + "\n".join(lines)
