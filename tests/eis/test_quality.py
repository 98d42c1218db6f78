"""A system reads the pack of rules and what is to be mended at its school."""

from __future__ import annotations

import pytest

from accounts import actors
from integrations.eis.models import EisSystem
from integrations.eis.services import systems
from kernel.audit.models import Look
from registry.fields.rules.pack import current
from registry.tasks import check_quality
from tests.eis.test_api import get, grant


@pytest.fixture
def connected(world) -> EisSystem:
    systems.register_known(actor=actors.system("тест"))
    return EisSystem.objects.get(name="Моя школа")


def test_a_school_s_findings_are_read_page_by_page_and_no_other_s(client, world, connected):
    check_quality()
    secret = grant(world, connected, datasets=["quality"]).secret
    own = {str(world.pupils[name].pk) for name in ("ivan", "oksana")}
    rows, mark = [], ""
    for _ in range(9):
        page = get(client, f"quality/findings?limit=1{mark and f'&after={mark}'}", secret).json()
        rows += page["items"]
        if not (mark := page["next"]):
            break
    missing = [row for row in rows if row["rule"] == "representative.missing"]
    assert {row["pupil_id"] for row in missing} == own
    assert {row["pupil_id"] for row in rows} == own
    only = get(client, "quality/findings?rule=representative.missing", secret).json()["items"]
    assert only == missing
    of_one = get(client, f"quality/findings?pupil={rows[0]['pupil_id']}", secret).json()["items"]
    assert of_one == [row for row in rows if row["pupil_id"] == rows[0]["pupil_id"]]
    strange = get(client, f"quality/findings?pupil={world.pupils['marko'].pk}", secret)
    assert strange.json()["items"] == []
    seen = Look.objects.filter(subject_type="registry.pupil", what="API: quality")
    assert set(seen.values_list("subject_id", flat=True)) == own


def test_findings_need_a_word_of_the_head_and_the_pack_none(client, world, connected):
    secret = grant(world, connected, datasets=["pupils"]).secret
    refused = get(client, "quality/findings", secret)
    assert (refused.status_code, refused.json()["dataset"]) == (403, "quality")
    pack = get(client, "quality/rules", secret)
    assert pack.json()["version"] == current().version
    again = client.get(
        "/api/v1/quality/rules",
        headers={"Authorization": f"Bearer {secret}", "If-None-Match": pack["ETag"]},
    )
    assert (again.status_code, again.content) == (304, b"")
    assert get(client, "quality/rules", "x" * 40).status_code == 401
    assert client.get("/rules/2026.json")["ETag"] == pack["ETag"]
