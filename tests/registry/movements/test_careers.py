"""Posts, attestations, courses and deferments in bulk: each keeps the contract's promises."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

import pytest

from accounts.actors import system
from kernel.errors import NotAllowed
from registry.drafts import services as drafts
from registry.models import Attestation, Course, Deferment, Post, PostPast
from registry.process import kind
from registry.staff.selectors import deferment_refusals
from tests.registry.kit import MOMENT, TODAY
from tests.registry.movements import contract
from tests.registry.movements.test_staff import drafted, ordered, written
from tests.world import hire

DAY = "20.11.2026"


class Chosen(contract.Movement):
    subject = "registry.post"
    values: ClassVar[dict[str, str]] = {}
    post: ClassVar[dict[str, Any]] = {}
    fields = {"effective_on": DAY}

    @pytest.fixture(autouse=True)
    def teachers(self, world):
        school = world.institutions["school1"]
        self.posts = written(
            lambda: [hire(school, name, **self.post) for name in ("Коваль", "Мельник")],
            actor=system("тест"),
        )
        self.before()

    def before(self):
        """What the kind needs to be there."""

    def draft(self, world, actor, **values):
        draft = drafts.start(
            actor=actor, institution_id=world.units["school1"].id, process=self.process,
            keys=[str(post.pk) for post in self.posts], moment=MOMENT,
        )  # fmt: skip
        drafts.save_terms(
            actor=actor, draft_id=draft.pk, seen=drafts.Sight(99), moment=MOMENT,
            fields={"effective_on": DAY},
        )  # fmt: skip
        for row in draft.rows.order_by("position"):
            drafts.save_row(
                actor=actor, draft_id=draft.pk, row_id=row.id, version=row.version,
                values=self.values | values, moment=MOMENT,
            )  # fmt: skip
        return draft

    def facts(self, world):
        posts = Post.objects.order_by("pk").values_list(
            "position", "is_main", "rate", "category", "is_full", "grade", "ends_on"
        )
        return [
            list(posts),
            list(PostPast.objects.order_by("of", "until").values_list("of", "until", "rate", "category")),
            list(Attestation.objects.filter(voided_by=None).values_list("employee", "held_on", "category")),
            list(Deferment.objects.filter(voided_by=None).order_by("post", "until").values_list("post", "until")),
        ]  # fmt: skip

    def codes(self, draft):
        return {problem["code"] for row in draft.rows.all() for problem in row.problems}


class TestRepost(Chosen):
    process = "repost"
    values = {"to_position": "Методист", "rate": "0,5", "is_full": "так", "grade": "14"}

    def test_what_was_stays_in_the_figures_of_the_days_before(self, world, olena):
        self.signed(olena, self.prepared(world, olena))
        now = Post.objects.get(pk=self.posts[0].pk)
        assert (now.position, str(now.rate), now.is_full, now.grade) == (
            "METHODIST",
            "0.50",
            True,
            14,
        )
        assert PostPast.objects.get(of=now).position == "TEACHER"

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"to_position": "", "rate": "", "is_full": "", "grade": ""}, "no_change"),
            ({"to_position": "Космонавт"}, "unknown"),
            ({"rate": "3"}, "wrong"),
            ({"grade": "1,5"}, "wrong"),
        ],
    )
    def test_what_is_wrong_is_told(self, world, olena, values, code):
        assert self.codes(self.draft(world, olena, **values)) == {code}


class TestDismiss(Chosen):
    process = "dismiss"
    values = {"reason": "Власне бажання (ст. 38 КЗпП)", "document": "заява від 16.11.2026"}

    def test_the_last_day_is_worked_and_a_second_order_is_refused_in_the_table(self, world, olena):
        draft = self.draft(world, olena)
        self.signed(olena, self.prepared(world, olena))
        assert {post.ends_on for post in Post.objects.all()} == {datetime.date(2026, 11, 21)}
        drafts.check_again(actor=olena, draft_id=draft.pk, moment=MOMENT)
        assert self.codes(draft) == {"ends"}

    def test_a_ground_and_its_document_are_asked_for(self, world, olena):
        assert self.codes(self.draft(world, olena, reason="", document="")) == {"required"}


class TestAttest(Chosen):
    process = "attest"
    values = {"category": "Вища категорія", "title": "Старший вчитель", "protocol": "№ 3"}

    def test_the_category_is_of_the_post_from_the_day_and_the_decision_of_the_person(
        self, world, olena
    ):
        self.signed(olena, self.prepared(world, olena))
        assert {post.category for post in Post.objects.all()} == {"HIGHEST"}
        told = Attestation.objects.filter(employee=self.posts[0].employee).get()
        assert (told.title, told.held_on) == ("SENIOR_TEACHER", datetime.date(2026, 11, 20))
        empty = self.draft(world, olena, category="", title="")
        assert self.codes(empty) == {"required"}


class TestDefer(Chosen):
    process = "defer"
    values = {"until": "20.01.2027"}
    post = {"is_full": True}

    def before(self):
        def change():
            for number, post in enumerate(self.posts):
                post.employee.passport = f"МЕ{number:06d}"
                post.employee.save(update_fields=["passport"])
                Deferment.objects.create(
                    post=post, starts_on=datetime.date(2026, 1, 21),
                    until=datetime.date(2026, 11, 30), origin="MIGRATED",
                )  # fmt: skip

        written(change, actor=system("тест"))

    def test_only_what_is_there_is_prolonged_and_only_by_the_head(self, world, olena):
        with pytest.raises(NotAllowed):
            self.draft(world, world.actor("dana"))
        assert self.codes(self.draft(world, olena, until="30.11.2026")) == {"not_later"}
        post = self.posts[0]
        for change, told in (
            ({"is_full": False}, "повного залучення"),
            ({"rate": "0.5"}, "0,75 ставки"),
            ({"is_main": False}, "основній роботі"),
        ):
            spoiled = Post.objects.select_related("employee").get(pk=post.pk)
            for name, value in change.items():
                setattr(spoiled, name, Post._meta.get_field(name).to_python(value))
            assert told in deferment_refusals([spoiled], TODAY)[post.pk]


class TestCourses(contract.Movement):
    process = "courses"
    subject = "registry.post"
    fields = {"effective_on": DAY}
    said = (
        {"teacher": "Коваль Ганна", "title": "НУШ", "provider": "ІППО", "hours": "30",
         "ended_on": "10.10.2026", "document": "сертифікат № 1"},
        {"teacher": "Мельник", "title": "НУШ", "provider": "ІППО", "hours": "30",
         "ended_on": "10.10.2026", "document": "сертифікат № 2"},
    )  # fmt: skip

    @pytest.fixture(autouse=True)
    def teachers(self, world):
        school = world.institutions["school1"]
        written(
            lambda: [hire(school, name) for name in ("Коваль", "Мельник")], actor=system("тест")
        )

    def draft(self, world, actor):
        return drafted(world, actor, *self.said, process="courses", day=DAY)

    def facts(self, world):
        return list(
            Course.objects.filter(voided_by=None).values_list("employee", "hours", "document")
        )

    def test_a_certificate_counts_once(self, world, olena):
        again = drafted(world, olena, self.said[0], self.said[0], process="courses", day=DAY)
        codes = [{p["code"] for p in row.problems} for row in again.rows.order_by("position")]
        assert codes == [set(), {"twice"}]
        ordered(olena, self.draft(world, olena), "7-к", DAY)
        drafts.check_again(actor=olena, draft_id=again.pk, moment=MOMENT)
        assert {p["code"] for p in again.rows.order_by("position")[0].problems} == {"known"}
        assert kind("courses").source.needed
