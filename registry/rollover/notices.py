"""What the passage to the next year tells people: the authority reminds the head."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from accounts.models import Grant
from accounts.notices.kinds import Follows, Kind, New
from accounts.roles import GrantState, Role
from kernel import audit
from kernel.audit.events import Event
from kernel.text import years
from registry.institutions.models.institutions import Institution
from registry.rollover.events import RolloverReminded, RolloverSigned
from registry.rollover.models import RolloverPlan
from registry.rollover.states import state_of

REMINDED = "registry.rollover.reminded"
KINDS = (
    Kind(
        code=REMINDED,
        title="Переведення на {year} навчальний рік ще не підписано",
        text="Орган управління освітою нагадує: перегляньте план закладу й підпишіть наказ",
        url_name="rollover_own",
    ),
)


def _to_the_head(event: RolloverReminded, at: datetime.datetime) -> Iterator[New]:
    """To the head of the school, or of its hub; nobody, when it is signed by now."""
    home = Institution.objects.filter(uid=event.subject).first()
    if home is None:
        return
    plans = RolloverPlan.objects.filter(institution=home, to_year=event.year)
    if state_of(plans.select_related("order").first(), audit.today()) in ("signed", "in_effect"):
        return
    heads = Grant.objects.filter(
        unit_id__in=[home.pk, home.hub_id], role=Role.HEAD, state=GrantState.ACTIVE
    )
    here = [one for one in heads if one.unit_id == home.pk]
    for head in here or list(heads):
        yield New(head.pk, REMINDED, str(home.uid), {"year": years(event.year)}, at)


NOTICES: dict[type[Event], Follows] = {
    RolloverReminded: Follows(opens=_to_the_head),
    RolloverSigned: Follows(closes=(REMINDED,)),
}
