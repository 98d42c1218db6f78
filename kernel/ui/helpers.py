"""What every template has without importing: icons, addresses, option checks, dates and numbers in Ukrainian.

A component checks its options with `pick` and prints the rest with `attributes`: a wrong option or
an unknown attribute raises `WrongOption` unless `settings.UI_STRICT` is False (production), where
it is logged and the first allowed value is used. Which of them are filters and which functions says
kernel/ui/engine.py.
"""

import contextvars
import datetime
import hashlib
import logging
import re
import zlib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import markupsafe
from django.conf import settings
from django.template.exceptions import TemplateSyntaxError
from django.templatetags.static import static as static_url
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markupsafe import Markup, escape

from kernel import clock as kyiv
from kernel.text import plural as plural_form
from kernel.text import years as slashed
from kernel.ui import menu

log = logging.getLogger(__name__)

NNBSP = "\u202f"


class WrongOption(TemplateSyntaxError):
    """A component was given an option it does not know: a mistake of the page's author."""


def strict() -> bool:
    """Whether a wrong option raises (everywhere but production)."""
    return getattr(settings, "UI_STRICT", True)


def complain(message: str) -> None:
    """Raise for the author, or log for the operator.

    Raises:
        WrongOption: outside production.
    """
    if strict():
        raise WrongOption(message)
    log.error(message)


# ── icons ────────────────────────────────────────────────────────────────────
SPRITE = Path(__file__).resolve().parent / "static" / "ui" / "icons.svg"


@cache
def icon_names() -> frozenset[str]:
    """Names in the sprite, without the `i-` prefix."""
    return frozenset(re.findall(r'<symbol id="i-([a-z-]+)"', SPRITE.read_text("utf-8")))


def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """A sign from the sprite. Without `label` it is decoration, hidden from screen readers."""
    if name not in icon_names():
        known = ", ".join(sorted(icon_names()))
        complain(f"icon {name!r} is not in ui/icons.svg; there are: {known}")
        name = "info"
    return drawn_icon(name, label, css, static("ui/icons.svg"))


@lru_cache(maxsize=512)
def drawn_icon(name: str, label: str, css: str, sprite: str) -> SafeString:
    """The markup of one sign; a page of a list draws the same few hundreds of times."""
    return format_html(
        '<svg class="ak-i{}" {} focusable="false"><use href="{}#i-{}"/></svg>',
        f" {css}" if css else "",
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"'),
        sprite,
        name,
    )


# ── markup ───────────────────────────────────────────────────────────────────
escaped: Callable[[str], str] = markupsafe._escape_inner  # type: ignore[attr-defined]


def printed(value: Any) -> str:
    """What a page says of a value. As `markupsafe.escape`, but for the object around each of the
    five hundred texts that a page joins at once."""
    if type(value) is str:
        return escaped(value)
    if hasattr(value, "__html__"):
        made: str = value.__html__()
        return made
    return escaped(str(value))


# ── addresses ────────────────────────────────────────────────────────────────
# Where the page being drawn stands: its addresses are asked for sixty times, and Django keeps both
# in locals that take longer than the look-up itself.
place: contextvars.ContextVar[tuple[str | None, str] | None] = contextvars.ContextVar(
    "place of the page", default=None
)


def this_place() -> tuple[str | None, str]:
    """The set of addresses in force, and what stands before each."""
    return get_urlconf(), get_script_prefix()


@cache
def static(path: str) -> str:
    """The address of a built file; its name holds its hash, so it is looked up once in a process."""
    return static_url(path)


def url_for(name: str, *args: Any) -> str:
    """The address of a page by its URL name.

    Raises:
        NoReverseMatch: no such page.
    """
    return _address(place.get() or this_place(), name, args)


@lru_cache(maxsize=4096, typed=True)
def _address(place: tuple[str | None, str], name: str, args: tuple[Any, ...]) -> str:
    return reverse(name, place[0], args)


def url_or_none(name: str, *args: Any) -> str | None:
    """The address of a page that an installation may lack."""
    try:
        return url_for(name, *args)
    except NoReverseMatch:
        return None


# ── component options ────────────────────────────────────────────────────────
def pick(name: str, given: Any, /, **choices: str) -> Markup:
    """`{{ pick("kind", kind, primary="", second=" ak-btn--2") }}`: the author's text for the option given."""
    text = choices.get(str(given))
    if text is None:
        complain(f"{name}={str(given)!r}: expected one of {', '.join(choices)}")
        text = next(iter(choices.values()))
    return Markup(text)  # noqa: S704 - written by the component's author


def need(component: str, option: str, value: Any) -> str:
    """Complain when a component's required option is missing: `{{ need("c.notice", "title", title) }}`."""
    if value is None or value == "":
        complain(f"{component}() needs {option}=…")
    return ""


# A word long enough to tell one field from another.
_WORD = re.compile(r"[^\W\d_]{3,}")
HTML_ATTRIBUTE = re.compile(
    r"(?:hx-|data-|aria-)[a-z0-9:.-]+"
    r"|id|role|title|lang|dir|hidden|tabindex|name|value|for|form|href|target|rel|download|type"
    r"|action|method|enctype|novalidate|placeholder|autocomplete|autofocus|inputmode|maxlength"
    r"|minlength|min|max|step|pattern|accept|multiple|required|readonly|disabled|checked|selected"
    r"|rows|cols|list|spellcheck|autocapitalize|enterkeyhint|formaction|formmethod|formnovalidate"
    r"|open|start|datetime|colspan|rowspan|scope|headers"
)


def attributes(given: Mapping[str, Any]) -> Markup:
    """What a component was given beyond its options, each name known and each value escaped:
    `hx_get=…` becomes `hx-get="…"`; true stands alone, false and None are left out."""
    printed = []
    for option, value in given.items():
        if value is False or value is None:
            continue
        name = option.replace("_", "-")
        if not HTML_ATTRIBUTE.fullmatch(name):
            complain(
                f"{name}={value!r} is neither an option of the component nor an HTML attribute"
            )
            continue
        printed.append(f" {name}" if value is True else f' {name}="{escape(value)}"')
    return Markup("".join(printed))  # noqa: S704 - names are known, values escaped


def slug_id(text: Any) -> str:
    """A stable id for an element out of its words."""
    return "ak-" + hashlib.sha256(str(text).encode()).hexdigest()[:8]


def at(mapping: Any, key: Any) -> Any:
    """Item of a mapping or attribute of an object by a variable key; None when there is none."""
    if isinstance(mapping, Mapping):
        return mapping.get(key)
    return getattr(mapping, str(key), None)


# ── words, numbers, dates ────────────────────────────────────────────────────
def years(code: str) -> str:
    """A school year as people write it: «2026/2027»."""
    return slashed(code)


def plural(number: int, forms: str) -> str:
    """`{{ n|plural:"учень,учні,учнів" }}`: the word alone; print the number beside it."""
    one, few, many = (form.strip() for form in forms.split(","))
    return plural_form(int(number), one, few, many)


def number(value: Any, places: int = 0) -> str:
    """1234567.5 → «1 234 567» (narrow no-break spaces), comma before decimals."""
    if value is None or value == "":
        return ""
    return f"{value:,.{int(places)}f}".replace(",", NNBSP).replace(".", ",")


def percent(value: Any, places: int = 0) -> str:
    """A share from 0 to 1 as «94,2 %»."""
    return f"{number(value * 100, places)} %" if value is not None else ""


def share(part: Any, whole: Any) -> str:
    """`{{ done|share:total }}`: whole percent of a total, 0 for an empty total. While a little is left
    it is not 100, and when a little is done it is not 0."""
    if not whole:
        return "0"
    told = round(100 * part / whole)
    return str(min(max(told, 1), 99) if 0 < part < whole else told)


def local(value: datetime.date | datetime.datetime) -> datetime.date | datetime.datetime:
    """A moment in the time of Kyiv; a date as it is."""
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        return kyiv.local(value)
    return value


def day(value: datetime.date | datetime.datetime | None) -> str:
    """dd.mm.yyyy, as every Ukrainian document writes it."""
    if type(value) is datetime.date:
        return _dated(value)
    return f"{local(value):%d.%m.%Y}" if value else ""


@lru_cache(maxsize=16_384)
def _dated(value: datetime.date) -> str:
    return f"{value:%d.%m.%Y}"


def daymonth(value: datetime.date | datetime.datetime | None) -> str:
    """dd.mm, where the year is plain from the place."""
    return f"{local(value):%d.%m}" if value else ""


def moment(value: datetime.datetime | None) -> str:
    """dd.mm.yyyy HH:MM in the time of Kyiv."""
    return f"{local(value):%d.%m.%Y %H:%M}" if value else ""


def this_moment() -> datetime.datetime:
    """The instant a page is drawn at, told on what is printed."""
    return kyiv.moment().now


def clock(value: datetime.datetime | datetime.time | None) -> str:
    """HH:MM in the time of Kyiv."""
    if value is None or value == "":
        return ""
    return f"{value:%H:%M}" if isinstance(value, datetime.time) else f"{local(value):%H:%M}"


def clocks(value: datetime.datetime | None) -> str:
    """HH:MM:SS in the time of Kyiv."""
    return f"{local(value):%H:%M:%S}" if value else ""


def longday(value: datetime.date | datetime.datetime | None) -> str:
    """«20 листопада 2026»."""
    if not value:
        return ""
    when = local(value)
    return f"{when.day} {menu.MONTHS_OF[when.month - 1]} {when.year}"


def filesize(value: int) -> str:
    """«3,4 КБ», in units of 1024 as file managers show them."""
    amount = float(value)
    for unit in ("Б", "КБ", "МБ"):
        if amount < 1024 or unit == "МБ":
            return f"{number(amount, 0 if unit == 'Б' or amount >= 100 else 1)} {unit}"
        amount /= 1024
    return ""


def initials(name: str) -> str:
    """«Ґалаґан Ніна Степанівна» → «НҐ»: given name first, as people introduce themselves."""
    parts = str(name).split()
    return (parts[1][:1] + parts[0][:1]).upper() if len(parts) > 1 else str(name)[:2].upper()


# ── forms ────────────────────────────────────────────────────────────────────
def error_id(field: Any) -> str:
    """The id of a field's error text, as Django names it in aria-describedby."""
    return f"{field.auto_id}_error"


def hint_id(field: Any) -> str:
    """The id of a field's hint, as Django names it in aria-describedby."""
    return f"{field.auto_id}_helptext"


def focus_id(field: Any) -> str:
    """Where the error summary's link leads: the control itself, or the first of a group."""
    if getattr(field, "use_fieldset", False):
        return f"{field.auto_id}_0"
    return str(field.id_for_label or field.auto_id)


def problems(*forms: Any) -> list[dict[str, str]]:
    """Every error of the forms for the summary: `{"text", "target"}`, in the order of the fields."""
    found: list[dict[str, str]] = []
    for form in forms:
        if form is None or not getattr(form, "is_bound", False):
            continue
        found += [{"text": str(text), "target": ""} for text in form.non_field_errors()]
        for field in form:
            target = "" if field.is_hidden else focus_id(field)
            found += [{"text": _named(field, str(text)), "target": target} for text in field.errors]
    return found


def _named(field: Any, text: str) -> str:
    """A message that reads by itself, away from its field: «Не вказано дату» says which date."""
    roots = {word[:3].lower() for word in _WORD.findall(str(field.label or ""))}
    if field.is_hidden or not roots or any(w[:3].lower() in roots for w in _WORD.findall(text)):
        return text
    follows = text if text[1:2].isupper() else text[:1].lower() + text[1:]
    return f"{str(field.label).rstrip(':')}: {follows}"


# ── drawing ──────────────────────────────────────────────────────────────────
def ranks(rows: Any, title: str, shown: Any = 12, width: int = 360) -> dict[str, Any]:
    """Geometry of `c.rank_chart`: bars one under another on a scale from nought.

    rows: objects or mappings with `label`, `value`, `ago` and `url`, the largest first. Labels that
    would run into the value are cut; the table has them whole.
    """
    data = [{name: at(row, name) for name in ("label", "value", "ago", "url")} for row in rows]
    drawn = data[: int(shown)]
    longest = max((max(one["value"] or 0, one["ago"] or 0) for one in drawn), default=0) or 1
    bars = []
    for place, one in enumerate(drawn):
        top, label = place * RANK, str(one["label"])
        bars.append(
            {
                "label": label if len(label) <= LABEL else label[: LABEL - 1].rstrip() + "…",
                "value": one["value"],
                "told": number(one["value"], 0 if float(one["value"] or 0).is_integer() else 1),
                "text_y": top + 14,
                "y": top + 20,
                "width": f"{width * (one['value'] or 0) / longest:.1f}",
                "ago_x": f"{min(width * one['ago'] / longest, width - 3):.1f}"
                if one["ago"]
                else "",
                "ago_y": top + 17,
            }
        )
    ends = [data[0], data[-1]] if len(data) > 1 else data
    told = "; ".join(f"{one['label']}: {number(one['value'])}" for one in ends)
    return {
        "id": f"rank{zlib.crc32(title.encode()):x}",
        "rows": data,
        "bars": bars,
        "height": len(bars) * RANK,
        "more": len(data) > len(drawn),
        "has_ago": any(one["ago"] for one in drawn),
        "told": f"Рядків: {len(data)}. Від найбільшого до найменшого: {told}." if data else "",
    }


RANK = 36  # the height of a bar with its label, in units of the drawing
LABEL = 44  # letters of a label beside its value


WIDEST_STEP = 44  # of a column chart, in units of its drawing


def bars(rows: Any, width: int = 300, height: int = 98) -> list[dict[str, Any]]:
    """Geometry of a small column chart for `c.bar_chart`.

    rows: objects or mappings with `label` and `value`. Answers x, y, width, height and label places
    in the units of the drawing; the tallest column is `height` less room for two lines of text.
    """
    data = [(str(at(row, "label")), at(row, "value") or 0) for row in rows]
    if not data:
        return []
    top, bottom = 20, 20
    tallest = max((value for _, value in data), default=0) or 1
    step = min(width / len(data), WIDEST_STEP)  # two months are two columns, not two walls
    bar = max(2.0, step * 0.7)
    drawn = []
    for place, (label, value) in enumerate(data):
        tall = (height - top - bottom) * value / tallest
        x = place * step + (step - bar) / 2
        y = height - bottom - tall
        drawn.append(
            {
                "label": label,
                "value": value,
                "x": f"{x:.1f}",
                "y": f"{y:.1f}",
                "width": f"{bar:.1f}",
                "height": f"{tall:.1f}",
                "middle": f"{x + bar / 2:.1f}",
                "value_y": f"{y - 5:.1f}",
                "label_y": f"{height - 5:.1f}",
            }
        )
    return drawn
