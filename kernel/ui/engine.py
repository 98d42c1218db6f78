"""How pages are drawn: Jinja2 by Django's own backend, with the components and helpers of the house.

A template has without importing: `c`, the components of `templates/components/` (`c.button(…)`,
`{% call c.card(title=…) %}…{% endcall %}`), and what kernel/ui/helpers.py and the apps give. An
absent name may be asked about (`{% if note %}`, `is none`, `== "x"`); printing it or looping over it
raises, with the template's own file and line (in production it is nothing, and logged).
"""

import contextvars
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django.forms
import jinja2
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.backends import jinja2 as backend
from django.utils.functional import SimpleLazyObject
from django.utils.text import Truncator, capfirst
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Macro
from markupsafe import Markup

from kernel.text import phones
from kernel.ui import charts, helpers, tiles

FILTERS = {
    one.__name__: one
    for one in (
        helpers.at,
        helpers.clock,
        helpers.clocks,
        helpers.day,
        helpers.daymonth,
        helpers.error_id,
        helpers.filesize,
        helpers.hint_id,
        helpers.initials,
        helpers.longday,
        helpers.moment,
        charts.figure,
        helpers.number,
        helpers.percent,
        phones,
        helpers.plural,
        helpers.share,
        helpers.slug_id,
        helpers.years,
        capfirst,
    )
}
GLOBALS: dict[str, Any] = {
    one.__name__: one
    for one in (
        helpers.attributes,
        charts.line_of,
        charts.pyramid_of,
        charts.shaded,
        helpers.bars,
        helpers.need,
        helpers.pick,
        helpers.problems,
        helpers.ranks,
        helpers.static,
        helpers.this_moment,
        helpers.url_for,
        helpers.url_or_none,
        tiles.tiles,
    )
}


def give(*functions: Callable[..., Any]) -> None:
    """Let every template call an app's functions by their names; from its `ready()`."""
    GLOBALS.update({one.__name__: one for one in functions})


log = logging.getLogger(__name__)


class Absent(jinja2.StrictUndefined):
    """A name that was not given: false and equal to nothing when asked about, as is all in it."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]
        return False

    def __eq__(self, other: object) -> bool:  # type: ignore[override]
        return False

    def __ne__(self, other: object) -> bool:  # type: ignore[override]
        return True

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __getattr__(self, name: str) -> "Absent":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: Any) -> "Absent":  # type: ignore[override]
        return self


class Noted(Absent):
    """The same in production: printed or looped over it is nothing, and the log tells of it. A page
    that a person needs is worth more than what one place of it lacks."""

    __slots__ = ()

    def _nothing(self) -> str:
        log.error("absent in a template: %s", self._undefined_message)
        return ""

    __str__ = __html__ = _nothing  # type: ignore[assignment]

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return iter(self._nothing())

    def __len__(self) -> int:  # type: ignore[override]
        return len(self._nothing())

    def __call__(self, *args: Any, **options: Any) -> "Noted":  # type: ignore[override]
        self._nothing()
        return self


class _Code(CodeGenerator):
    """Templates as Python, values put out by `helpers.printed`."""

    def _output_child_pre(self, node: Any, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.printed(")


class Environment(jinja2.Environment):
    """Jinja2's, in which `row.url` of a mapping is its item: never a method of dict by chance."""

    code_generator_class = _Code
    printed = staticmethod(helpers.printed)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict):
            try:
                return obj[attribute]
            except KeyError:
                pass
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return super().getattr(obj, attribute)


class Components:
    """`c` of every template: `c.card` is the macro `card` of components/card.html."""

    icon = staticmethod(helpers.icon)

    def __init__(self, environment: jinja2.Environment):
        self._environment = environment

    def __getattr__(self, name: str) -> Macro:
        try:
            template = self._environment.get_template(f"components/{name}.html")
        except jinja2.TemplateNotFound as absent:
            raise AttributeError(name) from absent
        macro: Macro = getattr(template.module, name)
        if not self._environment.auto_reload:
            setattr(self, name, macro)
        return macro


# The request whose page is being drawn: components are modules and see no page's variables.
_request: contextvars.ContextVar[HttpRequest] = contextvars.ContextVar("request of the page")


def request_of_page() -> HttpRequest:
    """The request whose page is being drawn, for what a component needs of it.

    Raises:
        LookupError: no page of a request is being drawn.
    """
    return _request.get()


def token_of(request: HttpRequest) -> str:
    """The token that forms of this answer send back: masked once, not for each form of a page."""
    of, token = getattr(request, "token_shown", ("", ""))
    if not token or of != request.META.get("CSRF_COOKIE"):
        token = get_token(request)
        request.token_shown = request.META["CSRF_COOKIE"], token  # type: ignore[attr-defined]
    return str(token)


class CsrfInput:
    """The hidden field of a form's token, inside components as on pages."""

    def __html__(self) -> str:
        return _field_of(request_of_page())


def _field_of(request: HttpRequest) -> Markup:
    token = helpers.printed(token_of(request))
    return Markup(f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">')  # noqa: S704


def environment(**options: Any) -> jinja2.Environment:
    """The environment of all templates, for settings.TEMPLATES."""
    made = Environment(
        **options
        | {
            # Letters are plain text; everything else is HTML.
            "autoescape": lambda name: name is None or not name.endswith(".txt"),
            "undefined": Absent if helpers.strict() else Noted,
            "lstrip_blocks": True,
            "cache_size": -1,
        }
    )
    made.filters |= FILTERS | {
        "truncatewords": lambda text, count: Truncator(text).words(count, truncate=" …")
    }
    made.tests["none"] = lambda value: value is None or isinstance(value, Absent)
    made.globals |= GLOBALS | {"c": Components(made), "csrf_input": CsrfInput()}
    return made


class Part:
    """One block of a page, drawn alone for htmx."""

    def __init__(self, template: jinja2.Template, block: str):
        self.template, self.block = template, template.blocks[block]
        self.filename, self.name = template.filename, template.name

    def render(self, context: dict[str, Any]) -> str:
        environment = self.template.environment
        try:
            return environment.concat(self.block(self.template.new_context(context)))
        except Exception:
            environment.handle_exception()


class Template(backend.Template):
    def render(self, context: Any = None, request: HttpRequest | None = None) -> str:
        """What the view gives wins over what context processors give, as in Django's language."""
        if request is None:
            return str(super().render(dict(context or {})))
        shown: dict[str, Any] = {
            "request": request,
            "csrf_input": SimpleLazyObject(lambda: _field_of(request)),
            "csrf_token": SimpleLazyObject(lambda: token_of(request)),
        }
        for processor in self.backend.template_context_processors:
            shown |= processor(request)
        drawing, stands = _request.set(request), helpers.place.set(helpers.this_place())
        try:
            return str(super().render(shown | dict(context or {})))
        finally:
            helpers.place.reset(stands)
            _request.reset(drawing)


class Jinja2(backend.Jinja2):
    """Django's backend; `page.html#part` is the block `part` of a page alone."""

    app_dirname = "templates"

    def __init__(self, params: dict[str, Any]):
        params["OPTIONS"] = {"environment": f"{__name__}.environment", **params["OPTIONS"]}
        super().__init__(params)
        widgets = Path(django.forms.__file__).parent / "jinja2"
        self.env.loader = jinja2.FileSystemLoader([*self.template_dirs, widgets])

    def from_string(self, template_code: str) -> Template:
        return Template(self.env.from_string(template_code), self)

    def get_template(self, template_name: str) -> Template:
        name, _, part = template_name.partition("#")
        template = super().get_template(name).template
        shown: Any = Part(template, part) if part else template
        return Template(shown, self)
