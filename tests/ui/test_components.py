"""Every component draws itself, refuses what it does not know, and never lets a value become markup."""

import re
import traceback
from pathlib import Path

import pytest
from django.test import override_settings
from jinja2 import UndefinedError

from kernel.ui import engine, gallery, reference
from kernel.ui.helpers import WrongOption
from tests.kit.cards import values_without_words
from tests.ui.drawing import draw, tight

# The least a component needs to be drawn: its options and its slot.
LEAST = {
    "button": ("", "Далі"),
    "link_button": ('href="/x/"', "Далі"),
    "tag": ("", "ВПО"),
    "notice": ("", "Текст"),
    "error_summary": ('title="Виправте"', "<li>x</li>"),
    "field": ('label="Поле", for="x"', '<input id="x">'),
    "input": ('label="Поле", name="x"', ""),
    "date": ('label="Дата", name="x"', ""),
    "textarea": ('label="Поле", name="x"', ""),
    "select": ('label="Поле", name="x"', ""),
    "radios": ('label="Поле", name="x"', ""),
    "checkboxes": ('label="Поле", name="x"', ""),
    "file_drop": ('label="Файл", name="x"', ""),
    "table": ('caption="Класи"', "<tbody></tbody>"),
    "sort": ('href="/x/"', "Клас"),
    "pager": ("", ""),
    "filters": ("", ""),
    "chips": ("", ""),
    "pills": ('name="Показати"', ""),
    "rows": ("", ""),
    "search": ('label="Пошук"', ""),
    "bulk_bar": ("", ""),
    "bar": ("", "Текст"),
    "tick": ('name="p", value="1", label="Вибрати"', ""),
    "tabs": ('name="Вкладки"', ""),
    "card": ('title="Картка"', "Текст"),
    "facts": ("", ""),
    "steps": ("items=steps", ""),
    "task_list": ("", ""),
    "task": ('title="Наказ", href="/x/", action="Підписати"', ""),
    "meter": ("value=1, total=2", ""),
    "progress": ('id="j", label="Робота"', ""),
    "timeline": ("", ""),
    "event": ('when="01.09.2026", title="Подія"', "Текст"),
    "paper": ('label="Наказ"', "Текст"),
    "desk": ("", "Текст"),
    "stamp": ("", ""),
    "cert_card": ('state_text="Чинний"', ""),
    "empty": ("", ""),
    "crumbs": ("", ""),
    "toolbar": ('title="Класи"', ""),
    "bar_chart": ('title="Учнів"', ""),
    "chart_table": ('title="Учнів", label_head="Клас", value_head="Учнів"', ""),
    "rank_chart": ('title="Учнів"', ""),
    "area_tiles": ('title="Учнів"', ""),
    "line_chart": ('title="Учнів"', ""),
    "pyramid": ('title="Учнів"', ""),
    "tile_map": ('title="Учнів"', ""),
    "confirm": ('title="Забрати?", action="Забрати", back="/x/"', ""),
    "saved": ("", ""),
    "tree": ('label="Дерево"', ""),
    "more": ('title="Ще"', "Текст"),
    "done": ('title="Підписано"', "Текст"),
    "print_button": ("", ""),
    "key_once": ('title="Ключ", key="k"', "Текст"),
    "gallery_part": ('id="x", title="Частина"', ""),
    "mark": ("", ""),
}
# Takes no attributes beyond its options, by design.
CLOSED = {"chips", "filters", "stamp", "gallery_part", "saved", "task", "key_once", "mark"}


def least(name: str, *more: str) -> str:
    """A call of the component with the least it needs, and more options as they are written."""
    options, slot = LEAST[name]
    called = f"c.{name}({', '.join(filter(None, (options, *more)))})"
    return f"{{% call {called} %}}{slot}{{% endcall %}}" if slot else f"{{{{ {called} }}}}"


def source(name: str) -> str:
    return (reference.COMPONENTS / f"{name}.html").read_text("utf-8")


def picks() -> list[tuple[str, str]]:
    """(component, option) of every checked option, read from the components themselves."""
    return [
        (name, option)
        for name in reference.headers()
        for option in dict.fromkeys(re.findall(r'pick\("(\w+)"', source(name)))
        if option != "state" or name != "steps"  # a step's state comes with its item
    ]


def test_every_component_is_tried_here_and_shown_in_the_gallery() -> None:
    names = set(reference.headers())
    shown = Path(gallery.__file__).parent / "templates" / "ui" / "gallery.html"
    text = shown.read_text("utf-8")
    inside = "".join(source(name) for name in names)
    assert names == set(LEAST)
    assert {name for name in names if f"c.{name}(" not in text and f"c.{name}(" not in inside} <= {
        "gallery_part",
    }


@pytest.mark.parametrize("name", sorted(LEAST))
def test_a_component_draws_itself_from_the_least(name: str) -> None:
    drawn = draw(least(name), steps=[{"label": "Таблиця"}])
    assert "{%" not in drawn
    assert "{{" not in drawn


@pytest.mark.parametrize(("name", "option"), picks())
def test_a_wrong_option_raises_with_the_choices(name: str, option: str) -> None:
    with pytest.raises(WrongOption, match=rf"{option}='purple': expected one of \w+"):
        draw(least(name, f'{option}="purple"'))


@pytest.mark.parametrize("name", sorted(set(LEAST) - CLOSED))
def test_an_attribute_html_does_not_know_raises(name: str) -> None:
    with pytest.raises(WrongOption, match="knid"):
        draw(least(name, 'knid="primary"'), steps=[])


@pytest.mark.parametrize("attribute", ["onclick", "style"])
def test_inline_script_and_style_are_refused(attribute: str) -> None:
    with pytest.raises(WrongOption, match=attribute):
        draw(least("button", f'{attribute}="x"'))


@pytest.mark.parametrize(
    ("markup", "option"),
    [
        ("{% call c.link_button() %}Далі{% endcall %}", "href"),
        ('{{ c.input(label="Поле") }}', "name"),
        ('{{ c.input(name="x") }}', "label"),
        ("{% call c.table() %}<tbody></tbody>{% endcall %}", "caption"),
        ('{{ c.task(title="Наказ", href="/x/") }}', "action"),
        ('{{ c.confirm(title="Забрати?", back="/x/") }}', "action"),
    ],
)
def test_a_missing_option_raises_with_its_name(markup: str, option: str) -> None:
    with pytest.raises(WrongOption, match=f"needs {option}="):
        draw(markup)


@override_settings(UI_STRICT=False)
def test_production_draws_the_page_all_the_same_and_logs(caplog: pytest.LogCaptureFixture) -> None:
    drawn = draw('{% call c.button(kind="purple", onclick="x") %}Далі{% endcall %}')
    assert 'class="ak-btn"' in drawn
    assert "onclick" not in drawn
    assert "purple" in caplog.text


def test_an_absent_name_raises_here_and_is_nothing_in_production_and_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = "<p>{{ row.name }}{% for one in rows %}{{ one }}{% endfor %}</p>"
    with pytest.raises(UndefinedError, match="row"):
        engine.environment().from_string(page).render()
    with override_settings(UI_STRICT=False):
        assert engine.environment().from_string(page).render() == "<p></p>"
    assert "'row' is undefined" in caplog.text
    assert "'rows' is undefined" in caplog.text


@pytest.mark.parametrize(
    "evil", ['"x" onclick="y"', "'><script>alert(1)</script>", '"><img src=x>']
)
def test_what_a_person_typed_never_becomes_markup(evil: str) -> None:
    for markup in (
        '{{ c.input(label="Поле", name="x", value=evil, placeholder=evil, data_x=evil) }}',
        '{{ c.input(label=evil, name="x", value=evil, hint=evil, error=evil) }}',
        "{% call c.notice(title=evil) %}{{ evil }}{% endcall %}",
        "{{ c.facts(rows=rows) }}",
        '{{ c.select(label="x", name="x", options=rows, value=evil) }}',
        '{{ c.textarea(label="x", name="x", value=evil) }}',
        '{{ c.tick(name="p", value=evil, label="Вибрати: " ~ evil) }}',
        '{{ c.progress(id="j", label=evil) }}',
    ):
        drawn = draw(markup, evil=evil, rows=[(evil, evil)])
        assert "<script" not in drawn
        assert "<img" not in drawn
        assert re.search(r'\sonclick="', drawn) is None


def test_an_icon_must_be_in_the_sprite() -> None:
    with pytest.raises(WrongOption, match="unicorn"):
        draw('{{ c.icon("unicorn") }}')


def test_a_button_that_cannot_be_pressed_says_why() -> None:
    drawn = draw('{% call c.button(why="Підписує лише керівник") %}Підписати дані{% endcall %}')
    described = re.search(r'aria-describedby="([^"]+)"', drawn)
    assert described is not None
    assert f'id="{described[1]}">Підписує лише керівник' in drawn
    assert 'type="button"' in drawn
    assert 'aria-disabled="true"' in drawn


def test_a_chart_carries_its_figures_as_a_table() -> None:
    drawn = draw('{{ c.bar_chart(title="Учнів", rows=rows) }}', rows=[{"label": "1", "value": 58}])
    assert '<th scope="row">1</th><td class="ak-num">58</td>' in tight(drawn)


def test_the_pager_offers_only_pages_that_exist() -> None:
    drawn = draw('{{ c.pager(first="/a/", previous="/b/", shown="41–64", total=1064) }}')
    assert 'href="/b/" rel="prev"' in drawn
    assert 'rel="next"' not in drawn
    assert "Рядки <b>41–64</b> із <b>1\u202f064</b>" in drawn


def test_the_reference_in_the_documentation_is_up_to_date() -> None:
    assert reference.DOCUMENT.read_text("utf-8") == reference.document(), (
        "run python -m kernel.ui.reference"
    )


def test_a_component_that_takes_no_more_options_says_so() -> None:
    for name in CLOSED:
        with pytest.raises(TypeError, match="knid"):
            draw(least(name, 'knid="primary"'))


def test_a_mistake_is_told_with_the_templates_own_line() -> None:
    """An absent name may be asked about; printed or looped over it is a mistake of the author."""
    assert draw('{% if note or note.text == "x" or note is not none %}x{% endif %}') == ""
    for mistake in ("{{ note }}", "{{ note.text }}", "{% for one in note %}{% endfor %}"):
        with pytest.raises(UndefinedError, match="note") as told:
            draw(f"<p>\n{mistake}")
        assert ("<template>", 2) in [
            (line.filename, line.lineno) for line in traceback.extract_tb(told.tb)
        ]


def test_a_value_without_words_is_noticed() -> None:
    page = (
        "<div class='ak-cardtable'><table><caption>Накази</caption><tbody><tr><th>№ 1</th>"
        "<td data-l='Дата'>20.11.2026</td><td>24</td><td><a>Змінити</a></td></tr></tbody></table></div>"
    )
    assert values_without_words(page.encode()) == ["Накази: 24"]
    said_once = page.replace("<table>", "<table data-l3='Учнів'>")
    assert values_without_words(said_once.encode()) == []
