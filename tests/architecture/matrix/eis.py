"""Rows of «ОІС і доступи» and of the API, which takes keys and knows no visits."""

from __future__ import annotations

from integrations.eis.models import ContractText, Requirements
from integrations.eis.road.services import texts
from kernel.clock import moment
from tests.architecture.matrix import EVERYBODY, NOWHERE, Row, all_but, with_
from tests.eis.operators import with_contract
from tests.world import World

HEADS = "olena petro nina"
nowhere = with_(key_id=NOWHERE)
no_mandate = with_(mandate_id=NOWHERE)
api = Row(api=True)


def _contract(world: World) -> int:
    if not ContractText.objects.exists():
        with_contract(world)
    return ContractText.objects.get().number


def _requirements(world: World) -> int:
    if not Requirements.objects.exists():
        now = moment()
        texts.publish_requirements(
            actor=world.actor("admin"),
            title="Технічні вимоги",
            body="ОІС обмінюється даними через API.",
            effective_on=now.today,
            moment=now,
        )
    return Requirements.objects.get().number


ROWS = {
    "eis_keys": Row(opens=all_but("dana"), refused="dana"),
    "eis_key_new": Row(opens=HEADS, refused=all_but(HEADS)),
    "eis_mandate": Row(no_mandate, absent=all_but("dana"), refused="dana"),
    "eis_mandate_sign": Row(no_mandate, method="POST", absent=all_but("")),
    "eis_mandate_paper": Row(no_mandate, absent=all_but("dana"), refused="dana"),
    "eis_mandate_revoke": Row(no_mandate, absent=all_but("dana"), refused="dana"),
    "eis_key_issue": Row(no_mandate, absent=all_but("dana"), refused="dana"),
    "eis_key_revoke": Row(nowhere, absent=all_but("dana"), refused="dana"),
    "eis_key_ledger": Row(nowhere, absent=all_but("dana"), refused="dana"),
    "eis_systems": Row(opens="admin", refused=all_but("admin")),
    "eis_system": Row(with_(uid=NOWHERE), absent="admin", refused=all_but("admin")),
    "eis_system_step": Row(
        with_(uid=NOWHERE, name="suspend"), absent="admin", refused=all_but("admin")
    ),
    "eis_texts": Row(opens="admin maria", refused=all_but("admin maria")),
    "eis_text_new": Row(with_(kind="contract"), opens="admin", refused=all_but("admin")),
    "eis_contract_text": Row(with_(number=1), absent="admin maria", refused=all_but("admin maria")),
    "eis_paper": Row(with_(paper_id=NOWHERE), absent=all_but("")),
    "eis_paper_sign": Row(with_(paper_id=NOWHERE), method="POST", absent=all_but("")),
    "eis_paper_file": Row(with_(paper_id=NOWHERE, name="x"), absent=all_but("")),
    "eis_attestation": Row(with_(number=1), absent=all_but("")),
    "eis_public": Row(public=True),
    "eis_public_contract": Row(with_(number=_contract), public=True),
    "eis_public_requirements": Row(with_(number=_requirements), public=True),
    "operator": Row(refused=EVERYBODY),
    "operator_system_new": Row(refused=EVERYBODY),
    "operator_system": Row(with_(uid=NOWHERE), refused=EVERYBODY),
    "operator_describe": Row(with_(uid=NOWHERE), refused=EVERYBODY),
    "operator_attest": Row(with_(uid=NOWHERE), refused=EVERYBODY),
    "operator_sandbox": Row(with_(uid=NOWHERE), refused=EVERYBODY),
    "eis_sandbox": Row(with_(uid=NOWHERE), absent="admin", refused=all_but("admin")),
    "operator_file": Row(with_(uid=NOWHERE, kind="JOIN"), refused=EVERYBODY),
    "operator_hooks": Row(with_(uid=NOWHERE), refused=EVERYBODY),
    "operator_hook": Row(with_(hook_id=NOWHERE), refused=EVERYBODY),
    "operator_hook_secret": Row(with_(hook_id=NOWHERE), refused=EVERYBODY),
    "api_hooks": api,
    "api_hook": Row(with_(hook_id=NOWHERE), api=True),
    **{
        f"api_hook_{act}": Row(with_(hook_id=NOWHERE), api=True, method="POST")
        for act in ("rotate", "test", "enable", "replay")
    },
    "eis_system_writes": Row(with_(uid=NOWHERE), absent="admin", refused=all_but("admin")),
    "api_institution": api,
    "api_classes": api,
    "api_class": Row(with_(uid=NOWHERE), api=True),
    "api_classes_bulk": Row(api=True, method="POST"),
    "api_groups": api,
    "api_group": Row(with_(uid=NOWHERE), api=True),
    "api_groups_bulk": Row(api=True, method="POST"),
    "api_pupils": api,
    "api_pupil": Row(with_(pupil_id=lambda w: w.pupils["ivan"].pk), api=True),
    "api_staff": api,
    "api_load": api,
    "api_enrolments": api,
    "api_absences": api,
    "api_absences_bulk": Row(api=True, method="POST"),
    "api_changes": api,
    "api_changes_start": api,
    "api_changes_wait": api,
    "api_quality_findings": api,
    "api_quality_rules": api,
    "api_dictionaries": api,
    "api_dictionary": Row(with_(name="position"), api=True),
    "api_absent": api,
    "api_schema": Row(public=True),
    "api_docs": Row(public=True),
}
