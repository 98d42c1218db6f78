"""What axe-core says of a page, as a test failure a developer can act on."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Error, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Rows of a table that are made as one above them, to the last class and state: only words and numbers
# differ, and axe would say of each what it said of the first. (Thirty rows: 2.1 s of processor, and
# 0.4 s without them.) A row is another when a name is empty, an id is not alone or what it points to
# is not there; striped rows are two, the last one is looked at always.
REPEATED = r"""() => {
  const ids = new Map();
  for (const one of document.querySelectorAll("[id]")) ids.set(one.id, (ids.get(one.id) || 0) + 1);
  const points = /^(for|headers|list|form|aria-(labelledby|describedby|controls|owns|details|activedescendant|errormessage|flowto))$/;
  const words = /^(name|value|href|src|title|alt|placeholder|aria-label|hx-.*)$/;
  const said = ({name, value}) => {
    if (name === "id") return `id=${ids.get(value)}`;
    if (points.test(name)) return `${name}=${value.split(/\s+/).map((id) => ids.get(id) || 0)}`;
    if (name === "selected") return "";  // of an option: whatever is chosen is read as well
    const word = words.test(name) || (name.startsWith("data-") && /[\s\d]/.test(value));
    return `${name}=${word ? value.trim() !== "" : value}`;
  };
  const shape = (one) => one.nodeType === Node.TEXT_NODE ? (one.data.trim() ? "t" : "")
    : one.nodeType !== Node.ELEMENT_NODE ? ""
    : `<${one.tagName} ${[...one.attributes].map(said).sort().join(" ")}>${[...one.childNodes].map(shape).join("")}</>`;
  return [...document.querySelectorAll("tbody")].flatMap((body) => {
    const seen = new Set();
    return [...body.rows].filter((row, at) => {
      const key = (at % 2) + shape(row), known = seen.has(key);
      seen.add(key);
      return known && at < body.rows.length - 1;
    });
  });
}"""
RUN = f"""how => {{
  const repeated = ({REPEATED})();
  return axe.run(repeated.length ? {{exclude: repeated}} : document, how).then((done) => done.violations);
}}"""

# What the browser says when the page was left for another while axe began on it.
GOING = ("context was destroyed", "reading 'documentElement'", "navigat", "axe is not defined")


def breaches(page: Page, options: dict[str, Any]) -> list[dict[str, Any]]:
    """What axe finds on the page that stays: one that is just being left is not asked."""
    for last in (False,) * 9 + (True,):
        page.wait_for_load_state()
        try:
            if not page.evaluate("'axe' in window"):
                page.evaluate(AXE_SCRIPT)
            return page.evaluate(RUN, options)
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
