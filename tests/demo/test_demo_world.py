"""`manage.py make_demo_world`: what a newcomer finds, made through the public command."""

import csv
import datetime
import io
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count
from django.test import TestCase, override_settings
from django.utils import timezone

from accounts import actors
from accounts.models import Grant, OrgUnit, User
from accounts.roles import GrantState, Role, UnitKind
from aikom.demo import id_gov_ua, keys, plan, sample
from aikom.demo.personas import OPERATOR_CODE, PARENT, PASSWORD, PERSONAS, persona
from integrations.eis.models import EisSystem, SchoolKey
from integrations.eis.services.keys import secret_hash
from kernel.audit.models import Act, Change, EventRow
from kernel.tables import reading
from kernel.tables.headings import recognise
from registry.classes.selectors import MOST_PRIMARY
from registry.models import (
    ClassGroup,
    ClassifierItem,
    ClassPlacement,
    Enrolment,
    Guardian,
    Guardianship,
    Institution,
    Post,
    Pupil,
    PupilAddress,
    PupilCategory,
    PupilDocument,
    Territory,
)
from registry.movements.enrol.headings import HEADINGS, to_rows
from reports.campaigns import selectors
from reports.campaigns.models import FormCampaign
from signatures import certificates
from signatures.api import SignerIdentity, verify_signature
from signatures.demo import keystore
from signatures.demo.signing import sign_cms
from tests.kit.acts import noted

TODAY = datetime.date(2026, 11, 22)


def make(**options) -> str:
    said = io.StringIO()
    call_command("make_demo_world", stdout=said, **options)
    return said.getvalue()


class TestDemoWorld(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp())
        cls.settings_here = override_settings(SIGNATURES_DEMO_DIR=cls.folder / "keys")
        cls.settings_here.enable()
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.settings_here.disable()
        shutil.rmtree(cls.folder)

    @classmethod
    def setUpTestData(cls):
        cls.said = make(scale=0.02)

    def test_open_data_are_published_from_the_first_day(self):
        page = self.client.get("/open/").content.decode()
        assert page.count("Випуск 1") == 2  # institutions and systems

    def test_a_campaign_of_reporting_is_under_way(self):
        found = FormCampaign.objects.get()
        assert found.state == "OPEN"
        states = Counter(found.parts.filter(is_school=True).values_list("state", flat=True))
        assert states["ACCEPTED"] == 5
        assert states["RETURNED"] == 1
        assert states["SIGNED"] >= 3
        assert states["CHECKED"] > 10
        head = Grant.objects.get(
            role=Role.HEAD, user__person_code=persona("head-lyceum").person_code
        )
        waits = selectors.waiting_of_school(actors.of_grant(head))
        assert [one.state for one in waits] == ["CHECKED"]

    def test_the_tree_stands_on_real_territory_with_the_codes_of_the_letters(self):
        by_code = {unit.edrpou: unit for unit in OrgUnit.objects.all()}
        assert by_code["38621185"].kind == UnitKind.OWNER
        assert by_code["39301337"].kind == UnitKind.OBLAST
        assert by_code["02147345"].kind == UnitKind.CITY
        placed = OrgUnit.objects.exclude(territory_code=None).values_list("territory_code")
        known = Territory.objects.filter(valid_to=None).values_list("code", flat=True)
        assert {code for (code,) in placed} <= set(known)
        assert OrgUnit.objects.filter(kind=UnitKind.INSTITUTION).count() == 44
        assert Institution.objects.exclude(hub=None).count() == 14
        for branch in Institution.objects.exclude(hub=None).select_related("hub"):
            assert branch.edrpou == branch.hub.edrpou

    def test_everybody_learns_in_a_class_of_the_school_they_are_counted_in(self):
        now = Pupil.objects.exclude(institution=None)
        assert now.count() > 300
        for pupil in now:
            group = ClassGroup.objects.get(pk=pupil.class_group_id)
            assert group.institution_id == pupil.institution_id
            assert group.school_year_id == "2026-2027"
            assert group.grade == pupil.grade
            assert pupil.oblast_id is not None
            present = Enrolment.objects.get(pupil=pupil, ends_on=None)
            place = present.placements.get()
            assert place.class_group_id == pupil.class_group_id
            assert (present.starts_on, place.form) == (pupil.enrolled_on, pupil.form)

    def test_graduates_of_last_summer_are_known_but_counted_nowhere(self):
        gone = Pupil.objects.filter(institution=None)
        assert gone.exists()
        for pupil in gone:
            last = Enrolment.objects.get(pupil=pupil)
            assert last.ends_on == datetime.date(2026, 7, 1)
            assert last.end_reason == "COMPLETED"

    def test_pupils_of_the_second_grade_and_up_have_a_year_behind_them(self):
        for enrolment in Enrolment.objects.filter(
            ends_on=None, placements__class_group__grade__gte=2
        ):
            earlier = Enrolment.objects.filter(pupil=enrolment.pupil).exclude(pk=enrolment.pk)
            assert earlier.get().ends_on == enrolment.starts_on

    def test_every_code_is_an_item_of_its_classifier(self):
        used = {
            "institution_type": Institution.objects.values_list("type", flat=True),
            "ownership": Institution.objects.values_list("ownership", flat=True),
            "institution_status": Institution.objects.values_list("status", flat=True),
            "class_type": ClassGroup.objects.values_list("type", flat=True),
            "education_form": ClassPlacement.objects.values_list("form", flat=True),
            "position": Post.objects.values_list("position", flat=True),
            "relation": Guardianship.objects.values_list("relation", flat=True),
            "document_type": PupilDocument.objects.values_list("type", flat=True),
            "pupil_category": PupilCategory.objects.values_list("code", flat=True),
            "contact_status": Pupil.objects.values_list("contact_status", flat=True),
            "country": PupilAddress.objects.values_list("country", flat=True),
            "verification_state": PupilDocument.objects.values_list("verification", flat=True),
        }
        for classifier, codes in used.items():
            items = ClassifierItem.objects.filter(classifier=classifier, valid_to=None)
            assert set(codes) <= set(items.values_list("code", flat=True)), classifier

    def test_everything_is_an_act_of_the_system_and_rows_have_their_history(self):
        act = Act.objects.get(command="aikom.demo.world.write")
        assert act.actor_label == "система: демонстраційний світ"
        versions = Change.objects.filter(act_id=act.pk, resource="registry.pupil")
        assert versions.filter(op="I").count() == Pupil.objects.count()
        assert not versions.exclude(op__in=["I", "M"]).exists()
        assert EventRow.objects.filter(act=act, code="demo.school_made").count() == 44

    def test_every_school_but_the_new_ones_has_one_active_head(self):
        heads = Grant.objects.filter(role=Role.HEAD, state=GrantState.ACTIVE)
        without = Institution.objects.exclude(pk__in=heads.values("unit_id"))
        assert {school.short_name for school in without} == {
            "Чернівецький ліцей № 110",
            "Коломийський ліцей № 201",
        }

    def test_personas_hold_what_they_are_said_to_hold(self):
        for each in PERSONAS:
            held = Grant.objects.filter(user__person_code=each.person_code)
            assert [(grant.role, grant.position) for grant in held.order_by("id")] == [
                (holding.role, holding.position) for holding in each.holdings
            ], each.key
        two = Grant.objects.filter(user__person_code=persona("head-hub").person_code)
        assert len({grant.unit.edrpou for grant in two}) == 1 < len(two)

    def test_spare_people_have_keys_but_no_account(self):
        for each in PERSONAS:
            if not each.holdings:
                assert not User.objects.filter(person_code=each.person_code).exists()
        assert (keys.folder() / "new-head.p12").exists()

    def test_each_key_file_signs_what_the_server_accepts_as_its_person(self):
        edrpou = dict(OrgUnit.objects.values_list("id", "edrpou"))
        nodes = EventRow.objects.get(code="demo.world_made").payload["nodes"]
        now = timezone.now()
        for each in (persona("tech-admin"), persona("head-lyceum"), persona("new-head")):
            opened, chain = keystore.unpack((keys.folder() / each.file_name).read_bytes(), PASSWORD)
            certificate = certificates.load(chain[0])
            signature = sign_cms(b"challenge", opened[0], certificate, signing_time=now)
            result = verify_signature(b"challenge", signature, purpose="sign_in", at=now)
            assert result.overall == "VALID", (each.key, result)
            who = SignerIdentity.of(result)
            assert (who.rnokpp, who.edrpou) == (each.person_code, edrpou[nodes[each.unit]])

    def test_the_demos_provider_of_identity_vouches_for_the_same_people(self):
        vouched = {one.key: one for one in id_gov_ua.people()}
        for each in PERSONAS:
            assert (each.key in vouched) == each.signs
        active = Grant.objects.filter(state=GrantState.ACTIVE).select_related("user", "unit")
        for key in ("tech-admin", "city-admin", "head-lyceum"):
            one = vouched[key]
            assert active.filter(
                user__person_code=one.drfocode, unit__edrpou=one.edrpoucode
            ).exists(), key
        assert {(one.drfocode == "", one.edrpoucode == "") for one in vouched.values()} == {
            (False, False), (True, False), (False, True),
        }  # fmt: skip

    def test_a_confirmed_parent_comes_into_her_window_by_her_own_key(self):
        opened, chain = keystore.unpack((keys.folder() / PARENT.file_name).read_bytes(), PASSWORD)
        signature = sign_cms(
            b"challenge", opened[0], certificates.load(chain[0]), signing_time=timezone.now()
        )
        who = SignerIdentity.of(
            verify_signature(b"challenge", signature, purpose="sign_in", at=timezone.now())
        )
        assert (who.rnokpp, who.edrpou) == (PARENT.person_code, None)
        tie = Guardianship.objects.select_related("pupil__institution", "guardian").get(
            confirmed_code=who.rnokpp
        )
        assert tie.pupil.institution.short_name == "Чернівецький ліцей № 101"
        assert tie.guardian.surname != PARENT.surname  # written before she married
        assert keys.confirm_parent() is None
        assert PARENT.full_name in (keys.folder() / "README").read_text()

    def test_the_key_of_the_school_system_is_a_granted_key(self):
        secret = (keys.folder() / "eis-key.txt").read_text().splitlines()[0]
        key = SchoolKey.objects.get(secret_sha256=secret_hash(secret))
        assert key.institution.short_name == "Чернівецький ліцей № 101"

    def test_systems_stand_where_public_documents_say_and_one_is_on_its_road(self):
        states = EisSystem.objects.values_list("state", flat=True)
        assert sorted(states) == ["AWAITING_KSZI"] * 2 + ["CONNECTED"] * 9 + ["TESTING"]
        own = EisSystem.objects.select_related("operator__unit").get(state="TESTING")
        assert (own.operator.unit.edrpou, own.due_on is not None) == (OPERATOR_CODE, True)

    def test_the_readme_lists_every_key_with_the_password(self):
        said = io.StringIO()
        call_command("demo_personas", stdout=said)
        text = (keys.folder() / "README").read_text()
        assert said.getvalue().strip() == text.strip()
        assert PASSWORD in text
        for each in PERSONAS:
            assert each.full_name in text
            assert not each.signs or each.file_name in text

    def test_the_deliberate_mistakes_are_there(self):
        assert Pupil.objects.filter(documents=None).count() == 12
        assert Pupil.objects.filter(guardianships=None).count() == 8
        assert Pupil.objects.exclude(contact_status="OK").count() == 5
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM (SELECT sort_key, born_on FROM registry_pupil"
                " GROUP BY 1, 2 HAVING count(DISTINCT institution_id) > 1) twice"
            )
            assert cursor.fetchone()[0] == 3

    def test_children_of_one_mother_and_communities_are_there(self):
        shared = Guardian.objects.annotate(n=Count("guardianships")).filter(n__gt=1)
        assert shared.count() > 10
        assert not shared.filter(rnokpp=None).exists()
        here = Pupil.objects.exclude(institution=None)
        assert here.exclude(residence=None).count() == here.count()
        assert Pupil.objects.filter(institution=None, residence=None).exists()

    def test_a_second_run_changes_nothing_and_brings_back_lost_keys(self):
        before = Act.objects.count()
        lost = keys.folder() / "analyst.p12"
        kept = (keys.folder() / "head-lyceum.p12").read_bytes()
        lost.unlink()
        assert "уже створено" in make()
        assert Act.objects.count() == before
        assert lost.exists()
        assert (keys.folder() / "head-lyceum.p12").read_bytes() == kept

    def test_a_system_key_of_a_forgotten_world_is_replaced(self):
        path = keys.folder() / "eis-key.txt"
        kept = path.read_text()
        path.write_text("aikom_of_another_database\n")
        make()
        secret = path.read_text().splitlines()[0]
        path.write_text(kept)
        assert SchoolKey.objects.filter(secret_sha256=secret_hash(secret)).exists()

    def test_people_see_their_own_reach(self):
        def sees(key: str) -> int:
            grant = (
                Grant.objects.filter(user__person_code=persona(key).person_code)
                .select_related("user", "unit")
                .order_by("id")[0]
            )
            return Pupil.objects.visible_to(actors.of_grant(grant)).count()

        assert sees("tech-admin") == Pupil.objects.count()
        assert 0 < sees("head-lyceum") < sees("city-admin") < sees("oblast-admin")


class TestRefusals(TestCase):
    def test_a_database_with_a_tree_of_its_own_is_left_alone(self):
        from kernel import audit

        with audit.act(actors.system("тест"), "test"):
            OrgUnit.objects.create(kind=UnitKind.OWNER, name="МОН")
            noted()
        with pytest.raises(CommandError, match="вже має дерево"):
            make()

    @override_settings(SYNTHETIC_DATA=False)
    def test_invented_people_never_enter_real_data(self):
        with pytest.raises(CommandError, match="SYNTHETIC_DATA"):
            make()

    def test_personas_without_a_world_say_how_to_make_it(self):
        with pytest.raises(CommandError, match="make_demo_world"):
            call_command("demo_personas")


def test_the_sample_table_fits_the_norm_of_its_class_and_has_three_mistakes():
    for content in sample.files(TODAY).values():
        (sheet,) = reading.read(content).sheets
        found = recognise(sheet.rows, HEADINGS)
        assert found.first == 1
        assert found.sure
        rows = to_rows(sheet.rows[1:], found.columns)
        assert len(rows) == MOST_PRIMARY
        assert {row["class"] for row in rows} == {"1-А"}
        impossible = [row["born_on"] for row in rows if row["born_on"].startswith("30.02")]
        latin = [row for row in rows if "o" in row["surname"]]
        papers = [row["document"] for row in rows]
        assert len(impossible) == len(latin) == len(papers) - len(set(papers)) == 1


def test_the_same_seed_plans_the_same_world():
    rows = csv.DictReader(Path(__file__).with_name("territories.csv").open(encoding="utf-8"))
    known = {row["code"]: plan.Territory(**row) for row in rows}
    assert plan.make(known, scale=0.02) == plan.make(known, scale=0.02)
    assert plan.make(known, scale=0.02, seed=7) != plan.make(known, scale=0.02)
