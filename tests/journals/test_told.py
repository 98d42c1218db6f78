"""What the room does to a school stands on the cards of the school and its class, in words."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from journals.models import Column
from journals.selectors import lessons as reads
from journals.selectors.timetable import plan_of
from journals.services import lessons, timetable
from registry.classifiers.selectors import classifiers
from tests.journals import kit
from tests.journals.kit import SINCE, row, save_week
from tests.world import World, sign_in


def test_cards_of_a_school_and_its_class_tell_of_the_year_and_timetables_in_words(
    world: World, client: Client
) -> None:
    school = kit.build(world)
    save_week(school, row(school.maths, 1, 1))
    home = world.institutions["school1"]
    year = classifiers.year(kit.YEAR)
    version = plan_of(home.pk, year.code).version
    timetable.make_lessons(
        actor=school.head, institution=home.uid, year=year, since=SINCE, version=version
    )
    day = Column.objects.filter(journal_id=school.maths.pk).earliest("day").day
    lessons.change_day(
        actor=school.head,
        institution=home.uid,
        day=day,
        first=1,
        last=8,
        how="SHELTER",
        reason="Повітряна тривога",
        seen=reads.mark([one.column for one in reads.of_day(home.pk, day, kit.YEAR)]),
    )
    sign_in(client, world.grants["olena"])
    card = client.get(reverse("institution_detail", args=[home.uid])).content.decode()
    assert "Вписано семестри, канікули й дзвінки" in card
    assert "Створено уроки за розкладом" in card
    assert f"{day:%d.%m.%Y}, в укритті, 1 урок" in card
    assert "Повітряна тривога" not in card  # people's own words stay in the room
    extract = client.get(reverse("class_extract", args=[school.klass.uid])).content.decode()
    assert "Змінено розклад класу" in extract
