"""Every foreign key begins an index, or says why none is needed."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey

_VOIDED = "nobody asks what a counter-order voided: it names the order that opened the rows"
_GRANTS = "grants are never deleted, and what one did is asked of the log"
_NODES = "nodes of the tree are never deleted, and who lives there is asked of"
_ROAD = "a dozen systems in the whole country, each asked of by itself: {} are never deleted"
WITHOUT_INDEX = {
    "registry_enrolment.voided_by_id": _VOIDED,
    "registry_classplacement.voided_by_id": _VOIDED,
    **{
        f"registry_{table}.voided_by_id": _VOIDED
        for table in ("attestation", "course", "deferment")
    },
    "registry_load.school_year_id": "years are never deleted, and a load is asked of a school or post",
    "registry_vacancy.institution_id": "vacancy_inst begins with it, closed ones aside, which are few at one school",
    "registry_groupplacement.placement_id": "one_group_of_a_subject begins with it, void ones aside",
    "registry_pupil.residence_id": f"{_NODES} pupil_nowhere, which holds those who learn nowhere",
    **{
        f"registry_{name}_id": _GRANTS
        for name in (
            "coveragestep.grant",
            "coverageletter.prepared_by",
            "letterdelivery.sent_by",
            "letterdelivery.answered_by",
        )
    },
    **{
        f"reports_subvention{name}_id": reason
        for name, reason in (
            ("school.institution", "institutions are never deleted; a part is read with its line"),
            ("school.joined", "institutions are never deleted; a part is read with its line"),
        )
    },
    "journals_yearplan.school_year_id": "years are never deleted, and a plan is asked of a school",
    "journals_journal.school_year_id": "years are never deleted, and a journal is asked of a school or class",
    "journals_timetablerun.school_year_id": "years are never deleted, and a run is asked of a school",
    "journals_timetablerun.asked_by_id": "grants are never deleted; who asked is read from the run",
    "journals_slot.room_id": "a room is closed, never deleted, and a slot is asked of a school or journal",
    **{
        f"eis_{name}_id": _ROAD.format(kept)
        for kept, names in {
            "grants": (
                *(
                    "contract_text.made_by",
                    "contract_text.approved_by",
                    "requirements.published_by",
                ),
                *("road_paper.prepared_by", "road_step.by"),
                *("attestation.told_by", "attestation.judged_by"),
            ),
            "operators": ("road_paper.operator", "contract.operator"),
            "signed papers": (
                *("trial.application", "trial.conclusion", "contract.application"),
                *("transfer.application", "road_step.paper"),
            ),
            "versions": ("trial.requirements", "contract.text"),
        }.items()
        for name in names
    },
    "eis_hook_pending.institution_id": "institutions are never deleted, and notes are asked of an address",
    "registry_residencescope.unit_id": f"{_NODES} the pupils' own column",
}


def _ours() -> dict[str, str]:
    """`table.column` of every foreign key of our rooms → its model."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.split(".")[0] not in {"django", "celery"}:
            for field in model._meta.local_concrete_fields:
                if isinstance(field, ForeignKey):
                    found[f"{model._meta.db_table}.{field.column}"] = model.__name__
    return found


@pytest.mark.django_db
def test_every_foreign_key_begins_an_index_or_has_its_reason() -> None:
    with connection.cursor() as cursor:
        # A partial index serves when all it leaves out is rows without the key.
        cursor.execute(
            """
            SELECT i.indrelid::regclass::text || '.' || a.attname FROM pg_index i
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE i.indisvalid AND (i.indpred IS NULL OR
                pg_get_expr(i.indpred, i.indrelid) = '(' || a.attname || ' IS NOT NULL)')
            """
        )
        indexed = {name for (name,) in cursor.fetchall()}
    ours = _ours()
    assert len(ours) > 60
    missing = set(ours) - indexed
    unsaid, spare = missing - set(WITHOUT_INDEX), set(WITHOUT_INDEX) - missing
    assert not unsaid, f"Add an index, or a reason to WITHOUT_INDEX: {sorted(unsaid)}"
    assert not spare, f"They have an index now: {sorted(spare)}"
