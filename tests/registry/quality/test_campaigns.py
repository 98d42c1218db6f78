"""A campaign to mend data: announced from above, mended below, followed by itself."""

from __future__ import annotations

import datetime

import pytest
from django.core import mail
from django.utils import timezone

from accounts import actors
from accounts.notices.models import Notice
from accounts.notices.tasks import remind as send_mail
from kernel import clock
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound
from registry.models import CampaignSchool, Guardian, Guardianship, QualityCampaign
from registry.quality import services
from registry.quality.errors import CampaignOver, NobodyToRemind
from registry.quality.events import (
    CampaignAnnounced,
    CampaignClosed,
    CampaignReminded,
    CampaignSchoolMended,
)
from registry.quality.notices import ANNOUNCED, REMINDED
from registry.quality.services import campaigns
from registry.tasks import check_quality
from tests.accounts.test_notices import tell
from tests.kit.acts import noted

SYSTEM = actors.system("перевірка")
DAY = datetime.timedelta(days=1)


def announced(world, who="maria", **changes):
    today = clock.today()
    given = {
        "title": "Актуалізація даних",
        "text": "",
        "indicators": ["certificate", "contact"],
        "due_on": today + 10 * DAY,
    }
    return campaigns.announce(actor=world.actor(who), today=today, **given | changes)


def left(campaign):
    return {
        one.institution.short_name: one.to_mend
        for one in CampaignSchool.objects.filter(campaign=campaign).select_related("institution")
    }


@command
def write(*, actor, make):
    make()
    noted()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "а" * 121}, "title"),
        ({"text": "а" * 501}, "text"),
        ({"indicators": []}, "indicators"),
        ({"indicators": ["certificate", "height"]}, "indicators"),
        ({"due_on": None}, "due_on"),
        ({"due_on": clock.today()}, "due_on"),
        ({"due_on": clock.today() + 367 * DAY}, "due_on"),
    ],
)
def test_what_cannot_be_announced_is_told_beside_its_field(world, changes, field):
    with pytest.raises(Invalid) as refused:
        announced(world, **changes)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert not QualityCampaign.objects.exists()


def test_authorities_announce_to_their_own_reach_and_schools_do_not(world):
    check_quality()
    everywhere, city = left(announced(world)), left(announced(world, "bohdan"))
    assert everywhere.keys() > city.keys() == {"Чернівецький ліцей № 1", "Чернівецька гімназія № 2"}
    for who in ("olena", "dana", "admin"):
        with pytest.raises(NotAllowed):
            announced(world, who)


def test_only_who_announced_leads_and_who_reaches_reminds(world):
    check_quality()
    campaign = announced(world)
    with pytest.raises(NotAllowed):
        campaigns.close(actor=world.actor("iryna"), campaign_id=campaign.pk)
    assert campaigns.remind(actor=world.actor("bohdan"), campaign_id=campaign.pk) == 2
    with pytest.raises(NobodyToRemind):  # once a day, whoever asks
        campaigns.remind(actor=world.actor("bohdan"), campaign_id=campaign.pk)
    of_the_city = announced(world, "bohdan")
    for step in (campaigns.close, campaigns.remind):
        with pytest.raises(NotFound):
            step(actor=world.actor("taras"), campaign_id=of_the_city.pk)
    day = clock.today()
    with pytest.raises(Invalid, match="пізніший"):
        campaigns.prolong(
            actor=world.actor("maria"), campaign_id=campaign.pk, due_on=day + DAY, today=day
        )
    campaigns.close(actor=world.actor("maria"), campaign_id=campaign.pk)
    for again in (campaigns.close, campaigns.remind):
        with pytest.raises(CampaignOver):
            again(actor=world.actor("maria"), campaign_id=campaign.pk)


def test_mending_a_row_takes_it_off_the_campaign_and_a_closed_one_stands_still(world):
    check_quality()
    first = announced(world, indicators=["contact"])
    second = announced(world, "bohdan", indicators=["contact"])
    school = "Чернівецький ліцей № 1"
    before = left(first)
    assert before[school] == left(second)[school] == 2
    campaigns.close(actor=world.actor("bohdan"), campaign_id=second.pk)

    def represent(pupil):
        mother = Guardian.objects.create(surname="К", given_name="О", phone="+380671234567")
        Guardianship.objects.create(
            pupil=pupil, guardian=mother, relation="MOTHER", starts_on=pupil.born_on
        )

    for name in ("ivan", "oksana"):
        write(actor=SYSTEM, make=lambda name=name: represent(world.pupils[name]))
    services.check_pupils(actor=SYSTEM, pupil_ids=[world.pupils["ivan"].pk], today=clock.today())
    assert left(first)[school] == 1
    services.check_pupils(actor=SYSTEM, pupil_ids=[world.pupils["oksana"].pk], today=clock.today())
    assert left(first) == {**before, school: 0}
    assert left(second)[school] == 2
    row = CampaignSchool.objects.get(campaign=first, institution__unit=world.units["school1"])
    assert row.mended_at is not None
    assert row.at_start == 2


def open_of(world, who):
    return set(
        Notice.objects.filter(grant=world.grants[who], closed_at=None).values_list(
            "code", flat=True
        )
    )


def test_heads_are_told_reminded_anew_and_left_alone_when_done(world):
    check_quality()
    campaign = announced(world)
    tell(CampaignAnnounced, campaign.pk, indicators=[], due_on=campaign.due_on, schools=5)
    week, day = "registry.campaign.ends_7", "registry.campaign.ends_1"
    assert open_of(world, "olena") == {ANNOUNCED, week, day}
    assert open_of(world, "dana") == open_of(world, "bohdan") == set()
    told = Notice.objects.get(grant=world.grants["olena"], code=ANNOUNCED)
    assert told.facts["to_mend"] == 2
    assert "Іваненко" not in str(told.facts)
    assert Notice.objects.get(grant=world.grants["olena"], code=day).due == clock.at(
        campaign.due_on - DAY, datetime.time(8)
    )

    def reminded(number):
        campaigns.remind(actor=world.actor("bohdan"), campaign_id=campaign.pk)
        tell(CampaignReminded, campaign.pk, at=timezone.now(), number=number, schools=2)
        mail.outbox.clear()
        send_mail()
        return [letter.to for letter in mail.outbox if "Нагадуємо" in letter.subject]

    letters = reminded(1)
    assert [world.grants["olena"].user.email] in letters
    assert [world.grants["nina"].user.email] not in letters  # another community's
    write(
        actor=SYSTEM,
        make=lambda: CampaignSchool.objects.update(reminded_at=timezone.now() - 2 * DAY),
    )
    assert reminded(2) == letters  # the same notice, and a letter more
    assert Notice.objects.filter(grant=world.grants["olena"], code=REMINDED).count() == 1
    row = CampaignSchool.objects.get(campaign=campaign, institution__unit=world.units["school1"])
    tell(CampaignSchoolMended, row.pk, campaign=campaign.pk)
    assert open_of(world, "olena") == set()
    assert open_of(world, "petro") == {ANNOUNCED, REMINDED, week, day}
    tell(CampaignClosed, campaign.pk, mended=1, schools=5)
    assert open_of(world, "petro") == set()
