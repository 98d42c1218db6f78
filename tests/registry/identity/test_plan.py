"""The plan of a merge speaks of every relation to a child or a member of staff, and of every column that
may hold its id."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from registry.identity import merge
from registry.identity.children import CHILDREN, PLAIN
from registry.identity.kind import Keep, Kind
from registry.identity.merge import relations
from registry.identity.staff import STAFF, STAFF_PLAIN

both = pytest.mark.parametrize("kind", [CHILDREN, STAFF], ids=["children", "staff"])

# Columns of UUIDs, JSON or subjects that hold no pupil: what they hold instead.
NOT_OF_PUPILS = {
    "journals.column.planned_post_id": "a post",
    "journals.column.post_id": "a post",
    "journals.journal.subject": "a school subject",
    "journals.journal.uid": "a journal",
    "journals.subjectname.subject": "a school subject",
    "sandbox.school.system_uid": "a system",
    "sandbox.run.writes": "codes of what a system declared it writes",
    "sandbox.call.key_id": "a key of a system",
    "sandbox.task.evidence": "what a trial saw: numbers of calls",
    "sandbox.task.expected": "what a trial waits for: synthetic data of a sandbox alone",
    "sandbox.task.given": "what a trial gives: synthetic children of a sandbox alone",
    "eis.hook.made_key": "a key of a system",
    "eis.hookqueue.lease": "a turn of a worker",
    "journals.timetablerun.found": "lessons of a week",
    "accounts.grant.uid": "a grant",
    "accounts.orgunit.uid": "a node",
    "accounts.user.uid": "a person with grants",
    "accounts.usersession.uid": "a visit",
    "accounts.notice.facts": "numbers and names of orders, keys, certificates",
    "eis.eissystem.uid": "a system",
    "eis.ledgerentry.key_id": "a key",
    "eis.roadpaper.facts": "functions of a system",
    "eis.trial.findings": "what a system does not fit",
    "eis.operator.uid": "an operator",
    "eis.feeditem.into_id": "who was told to whom a row passed: a merge is told by a further item",
    "eis.feeditem.row_id": "what was told of a row then, by its id of then",
    "eis.feedrow.digest": "a digest of what a school sees",
    "eis.feedrow.row_id": "what a school was told last: compared with the register at each change",
    "once.request.outcome": "answers about classes",
    "registry.application.values": "cells as typed",
    "registry.classgroup.uid": "a class",
    "registry.classifieritem.attributes": "a code",
    "registry.draft.terms": "terms of an order",
    "registry.draft.terms_touched": "versions of terms",
    "registry.drafttable.layout": "a table as it came",
    "registry.draftrow.stands": "what the register holds now of the cells of a row",
    "registry.draftrun.told": "terms of an order as typed, and the number of rows that was seen",
    "registry.draftrow.touched": "versions of columns",
    "registry.draftrow.values": "cells as typed",
    "registry.draftstep.cells": "cells as typed",
    "registry.groupplacement.subject": "a school subject",
    "registry.institution.uid": "an institution",
    "registry.load.subject": "a school subject",
    "registry.vacancy.subject": "a school subject",
    "registry.order.signing_id": "a signing session",
    "registry.coveragemonth.forms": "numbers of children by form",
    "registry.coveragemonth.reasons": "numbers of records by reason",
    "registry.qualitymonth.found": "numbers of children by rule",
    "registry.rolloverplan.summary": "numbers of children and classes",
    "registry.rolloverplan.terms": "terms of an order",
    "registry.qualitymonth.indicators": "numbers of children by indicator",
    "registry.qualitytrend.indicators": "numbers of children by indicator",
    "registry.studygroup.subject": "a school subject",
    "registry.studygroup.uid": "a group",
    "reports.reportrun.layout": "a form",
    "reports.campaignpart.places": "institutions",
    "reports.campaignreport.broken": "relations of a form",
    "reports.campaignreport.runs": "runs of forms",
    "reports.deskquery.asks": "parameters of a question",
    "reports.openissue.fields": "columns of a set",
    "reports.subvention.scenario": "institutions",
    "reports.subventionline.steps": "numbers of a budget",
    "reports.subventionparameters.values": "parameters of a formula",
    "reports.subventionschool.grades": "numbers of children by grade",
    "reports.subventionschool.others": "numbers of children by group",
    "signatures.signingsession.evidence": "certificates",
    "signatures.signingsession.result": "a verdict",
    "signatures.trustlistversion.key_services": "services",
    "signatures.trustlistversion.summary": "counts",
    "signatures.verifiedsignature.evidence": "certificates",
    "signatures.verifiedsignature.result": "a verdict",
}


def columns() -> Iterator[str]:
    """Every column of ours that could hold the id of a pupil without a foreign key."""
    for model in apps.get_models():
        if model.__module__.startswith("django"):
            continue
        for field in model._meta.local_concrete_fields:
            kind = field.base_field if isinstance(field, ArrayField) else field
            if field.is_relation or (field.primary_key and not isinstance(field, ArrayField)):
                continue
            named = field.name in {"subject", "subject_id", "row_pk"}
            if named or isinstance(kind, models.UUIDField | models.JSONField):
                yield f"{model._meta.label_lower}.{field.name}"


@both
def test_every_relation_stands_in_the_plan(kind: Kind):
    assert set(relations(kind)) == set(kind.plan)


@both
@pytest.mark.django_db
def test_the_database_knows_no_other_relation(kind: Kind):
    with connection.cursor() as cursor:
        assert merge.unlisted(kind, cursor) == []


def test_every_column_that_may_hold_a_childs_id_is_thought_of():
    thought = set(PLAIN) | set(NOT_OF_PUPILS)
    assert set(columns()) == thought | set(STAFF_PLAIN)
    assert not set(PLAIN) & set(NOT_OF_PUPILS)


@both
def test_what_stays_says_why_and_what_goes_has_words(kind: Kind):
    for step in kind.plan.values():
        assert step.why if isinstance(step, Keep) else step.words


@both
def test_everything_taken_has_its_words(kind: Kind):
    assert set(kind.takes) == set(kind.taken)
