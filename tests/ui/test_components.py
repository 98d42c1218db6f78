"""Every component draws itself, refuses what it does not know, and never lets a value become markup."""

import re
from pathlib import Path

import pytest
from django.test import override_settings

from kernel.ui import gallery, reference
from kernel.ui.templatetags.ui import WrongOption
from tests.kit.cards import values_without_words
from tests.ui.drawing import draw, tight

# The least a component needs to be drawn.
LEAST = {
    "button": "<c-button{}>Далі</c-button>",
    "link-button": '<c-link-button href="/x/"{}>Далі</c-link-button>',
    "tag": "<c-tag{}>ВПО</c-tag>",
    "notice": "<c-notice{}>Текст</c-notice>",
    "error-summary": '<c-error-summary title="Виправте"{}><li>x</li></c-error-summary>',
    "field": '<c-field label="Поле" for="x"{}><input id="x"></c-field>',
    "input": '<c-input label="Поле" name="x"{} />',
    "date": '<c-date label="Дата" name="x"{} />',
    "textarea": '<c-textarea label="Поле" name="x"{} />',
    "select": '<c-select label="Поле" name="x"{} />',
    "radios": '<c-radios label="Поле" name="x"{} />',
    "checkboxes": '<c-checkboxes label="Поле" name="x"{} />',
    "file-drop": '<c-file-drop label="Файл" name="x"{} />',
    "table": '<c-table caption="Класи"{}><tbody></tbody></c-table>',
    "sort": '<c-sort href="/x/"{}>Клас</c-sort>',
    "pager": "<c-pager{} />",
    "filters": "<c-filters{} />",
    "chips": "<c-chips{} />",
    "pills": '<c-pills name="Показати"{} />',
    "rows": "<c-rows{} />",
    "search": '<c-search label="Пошук"{} />',
    "bulk-bar": "<c-bulk-bar{}></c-bulk-bar>",
    "bar": "<c-bar{}>Текст</c-bar>",
    "tick": '<c-tick name="p" value="1" label="Вибрати"{} />',
    "tabs": '<c-tabs name="Вкладки"{} />',
    "card": '<c-card title="Картка"{}>Текст</c-card>',
    "facts": "<c-facts{} />",
    "steps": '<c-steps :items="steps"{} />',
    "task-list": "<c-task-list{}></c-task-list>",
    "task": '<c-task title="Наказ" href="/x/" action="Підписати"{} />',
    "meter": '<c-meter :value="1" :total="2"{} />',
    "progress": '<c-progress id="j" label="Робота"{} />',
    "timeline": "<c-timeline{}></c-timeline>",
    "event": '<c-event when="01.09.2026" title="Подія"{}>Текст</c-event>',
    "paper": '<c-paper label="Наказ"{}>Текст</c-paper>',
    "desk": "<c-desk{}>Текст</c-desk>",
    "stamp": "<c-stamp{} />",
    "cert-card": '<c-cert-card state_text="Чинний"{} />',
    "empty": "<c-empty{} />",
    "crumbs": "<c-crumbs{} />",
    "toolbar": '<c-toolbar title="Класи"{} />',
    "bar-chart": '<c-bar-chart title="Учнів"{} />',
    "chart-table": '<c-chart-table title="Учнів" label_head="Клас" value_head="Учнів"{} />',
    "rank-chart": '<c-rank-chart title="Учнів"{} />',
    "confirm": '<c-confirm title="Забрати?" action="Забрати" back="/x/"{} />',
    "saved": "<c-saved{} />",
    "tree": '<c-tree label="Дерево"{} />',
    "more": '<c-more title="Ще"{}>Текст</c-more>',
    "done": '<c-done title="Підписано"{}>Текст</c-done>',
    "print-button": "<c-print-button{} />",
    "key-once": '<c-key-once title="Ключ" key="k"{}>Текст</c-key-once>',
    "gallery-part": '<c-gallery-part id="x" title="Частина"{}></c-gallery-part>',
}
# Takes no attributes beyond its options, by design.
CLOSED = {"chips", "filters", "stamp", "gallery-part", "saved", "task", "error-summary", "key-once"}


def source(name: str) -> str:
    return (reference.COMPONENTS / f"{name.replace('-', '_')}.html").read_text("utf-8")


def picks() -> list[tuple[str, str]]:
    """(component, option) of every checked option, read from the components themselves."""
    return [
        (name, option)
        for name in reference.headers()
        for option in dict.fromkeys(re.findall(r"\{% pick (\w+) ", source(name)))
        if option != "state" or name != "steps"  # a step's state comes with its item
    ]


def test_every_component_is_tried_here_and_shown_in_the_gallery() -> None:
    names = set(reference.headers())
    shown = Path(gallery.__file__).parent / "templates" / "ui" / "gallery.html"
    text = shown.read_text("utf-8")
    inside = "".join(source(name) for name in names)
    assert names == set(LEAST)
    assert {name for name in names if f"<c-{name}" not in text and f"<c-{name}" not in inside} <= {
        "gallery-part",
    }


@pytest.mark.parametrize("name", sorted(LEAST))
def test_a_component_draws_itself_from_the_least(name: str) -> None:
    drawn = draw(LEAST[name].format(""), steps=[{"label": "Таблиця"}])
    assert "<c-" not in drawn
    assert "{%" not in drawn
    assert "{{" not in drawn


@pytest.mark.parametrize(("name", "option"), picks())
def test_a_wrong_option_raises_with_the_choices(name: str, option: str) -> None:
    with pytest.raises(WrongOption, match=rf"{option}='purple': expected one of \w+"):
        draw(LEAST[name].format(f' {option}="purple"'))


@pytest.mark.parametrize("name", sorted(set(LEAST) - CLOSED))
def test_an_attribute_html_does_not_know_raises(name: str) -> None:
    with pytest.raises(WrongOption, match="knid"):
        draw(LEAST[name].format(' knid="primary"'), steps=[])


@pytest.mark.parametrize("attribute", ["onclick", "style"])
def test_inline_script_and_style_are_refused(attribute: str) -> None:
    with pytest.raises(WrongOption, match=attribute):
        draw(f'<c-button {attribute}="x">Далі</c-button>')


@pytest.mark.parametrize(
    ("markup", "option"),
    [
        ("<c-link-button>Далі</c-link-button>", "href"),
        ('<c-input label="Поле" />', "name"),
        ('<c-input name="x" />', "label"),
        ("<c-table><tbody></tbody></c-table>", "caption"),
        ('<c-task title="Наказ" href="/x/" />', "action"),
        ('<c-confirm title="Забрати?" back="/x/" />', "action"),
    ],
)
def test_a_missing_option_raises_with_its_name(markup: str, option: str) -> None:
    with pytest.raises(WrongOption, match=f"needs {option}="):
        draw(markup)


@override_settings(UI_STRICT=False)
def test_production_draws_the_page_all_the_same_and_logs(caplog: pytest.LogCaptureFixture) -> None:
    drawn = draw('<c-button kind="purple" onclick="x">Далі</c-button>')
    assert 'class="ak-btn"' in drawn
    assert "onclick" not in drawn
    assert "purple" in caplog.text


@pytest.mark.parametrize(
    "evil", ['"x" onclick="y"', "'><script>alert(1)</script>", '"><img src=x>']
)
def test_what_a_person_typed_never_becomes_markup(evil: str) -> None:
    for markup in (
        '<c-input label="Поле" name="x" :value="evil" :placeholder="evil" :data-x="evil" />',
        '<c-input label="{{ evil }}" name="x" value="{{ evil }}" hint="{{ evil }}" error="{{ evil }}" />',
        '<c-notice :title="evil">{{ evil }}</c-notice>',
        '<c-facts :rows="rows" />',
        '<c-select label="x" name="x" :options="rows" :value="evil" />',
        '<c-textarea label="x" name="x" :value="evil" />',
        '<c-tick name="p" :value="evil" label="Вибрати: {{ evil }}" />',
        '<c-progress id="j" :label="evil" />',
    ):
        drawn = draw(markup, evil=evil, rows=[(evil, evil)])
        assert "<script" not in drawn
        assert "<img" not in drawn
        assert re.search(r'\sonclick="', drawn) is None


def test_an_icon_must_be_in_the_sprite() -> None:
    with pytest.raises(WrongOption, match="unicorn"):
        draw('{% icon "unicorn" %}')


def test_a_button_that_cannot_be_pressed_says_why() -> None:
    drawn = draw('<c-button why="Підписує лише керівник">Підписати дані</c-button>')
    described = re.search(r'aria-describedby="([^"]+)"', drawn)
    assert described is not None
    assert f'id="{described[1]}">Підписує лише керівник' in drawn
    assert 'type="button"' in drawn
    assert 'aria-disabled="true"' in drawn


def test_a_chart_carries_its_figures_as_a_table() -> None:
    drawn = draw('<c-bar-chart title="Учнів" :rows="rows" />', rows=[{"label": "1", "value": 58}])
    assert '<th scope="row">1</th><td class="ak-num">58</td>' in tight(drawn)


def test_the_pager_offers_only_pages_that_exist() -> None:
    drawn = draw('<c-pager first="/a/" previous="/b/" shown="41–64" :total="1064" />')
    assert 'href="/b/" rel="prev"' in drawn
    assert 'rel="next"' not in drawn
    assert "Рядки <b>41–64</b> із <b>1\u202f064</b>" in drawn


def test_the_reference_in_the_documentation_is_up_to_date() -> None:
    assert reference.DOCUMENT.read_text("utf-8") == reference.document(), (
        "run python -m kernel.ui.reference"
    )


def test_on_a_phone_every_value_stands_beside_the_words_of_its_column() -> None:
    drawn = draw(
        '<c-table caption="Класи" cards><thead><tr><td></td><th scope="col">Клас</th>'
        '<c-sort href="/x/">Учнів</c-sort><th scope="col" class="ak-num">Місць</th>'
        '<th scope="col"><span class="ak-vh">Дії</span></th></tr></thead><tbody><tr>'
        '<c-tick name="p" value="1" label="Вибрати" /><th scope="row">5-А</th><td>{{ n }}</td>'
        '<td class="ak-num"> </td><td><a href="/y/">Змінити</a></td></tr></tbody></c-table>',
        n='"<24>"',
    )
    assert '<td data-l="Учнів">&quot;&lt;24&gt;&quot;</td>' in drawn
    assert '<td class="ak-num" data-empty> </td>' in drawn
    assert '<td><a href="/y/">Змінити</a></td>' in drawn


def test_a_value_without_words_is_noticed() -> None:
    page = (
        "<div class='ak-cardtable'><table><caption>Накази</caption><tbody><tr><th>№ 1</th>"
        "<td data-l='Дата'>20.11.2026</td><td>24</td><td><a>Змінити</a></td></tr></tbody></table></div>"
    )
    assert values_without_words(page.encode()) == ["Накази: 24"]
