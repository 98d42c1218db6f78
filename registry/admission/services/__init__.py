"""Commands of admission to grade 1."""

from registry.admission.services.applications import (
    DOCUMENTS,
    change,
    check,
    check_many,
    refuse,
    register,
    withdraw,
)
from registry.admission.services.draws import (
    announce,
    announce_together,
    freeze,
    hold,
    prepare_again,
    prepare_part,
    sign,
    sign_part,
)
from registry.admission.services.giving import by_right, next_in_turn
from registry.admission.services.orders import begin_order
from registry.admission.services.places import overlaps, set_places, set_territory

__all__ = [
    "DOCUMENTS",
    "announce",
    "announce_together",
    "begin_order",
    "by_right",
    "change",
    "check",
    "check_many",
    "freeze",
    "hold",
    "next_in_turn",
    "overlaps",
    "prepare_again",
    "prepare_part",
    "refuse",
    "register",
    "set_places",
    "set_territory",
    "sign",
    "sign_part",
    "withdraw",
]
