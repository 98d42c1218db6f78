"""Nothing changes in nobody's name, and what happened stays."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from accounts import actors
from kernel.audit.models import Act, Change, EventRow
from kernel.db import command
from registry.models import Pupil
from tests.kit import acts
from tests.kit.acts import noted

# Tables that may change outside acts, and why.
UNTRACKED = {
    "sessions.Session": "Django's visits",
    "contenttypes.ContentType": "Django's own",
    "audit.Act": "the journal itself, append-only",
    "audit.EventRow": "the journal itself, append-only",
    "audit.Change": "the journal itself, append-only",
    "audit.Look": "append-only",
    "audit.Seal": "append-only",
    "audit.Settled": "the journal itself, append-only",
    "audit.Outbox": "how far the log is settled",
    "audit.Cursor": "how far a consumer has read",
    "accounts.Challenge": "a nonce of five minutes",
    "accounts.SignInAttempt": "a counter of attempts; refusals are events",
    "accounts.Notice": "of no weight: what it tells of is in the log itself",
    "accounts.Receipt": "append-only; each is an event too",
    "accounts.UserSession": "a visit; its beginning and end are events",
    "eis.LedgerEntry": "append-only",
    "sandbox.School": "of the sandbox's own database: made once",
    "sandbox.Run": "of the sandbox's own database: its beginning and verdicts are events",
    "sandbox.Task": "of the sandbox's own database: set and judged by events",
    "sandbox.Call": "of the sandbox's own database: a record that is only added to",
    "eis.Feed": "derived from the log: how far a school's feed is",
    "eis.FeedRow": "derived: what a row was when the feed told of it last",
    "eis.FeedItem": "derived from the log, gone in a month",
    "eis.FeedConsumer": "how far a consumer has read",
    "eis.HookQueue": "how sending to an address goes; commands about it record its acts",
    "eis.HookPending": "derived from the feed: who is to be told of what",
    "eis.HookMessage": "a message itself, gone in a month",
    "registry.MissedLookup": "a counter against guessing, gone in a week",
    "once.Request": "who asked what once; the act itself says what was done",
    "registry.PostCount": "derived by triggers from posts, which have versions",
    "registry.Tally": "derived: counted anew when the log tells of a change, and by night",
    "registry.TallySum": "derived by triggers from tallies",
    "registry.Territory": "editions are loaded whole, 31,744 rows; the act names the edition",
    "registry.CoverageMonth": "derived: counted by night and at demand; the act says when",
    "registry.CoverageStep": "append-only; each is an event too",
    "registry.LetterCase": "append-only: rows of a notice that never change",
    "registry.MissingVisit": "append-only; each is an event too",
    "registry.SupportMessage": "append-only; each is an event too",
    "registry.StagedUpload": "a file that waits a week at most for its confirmation",
    "registry.NameWord": "a dictionary of words, kept by trigger",
    "registry.PupilTrace": "derived from the names of the profile",
    "registry.TraceDue": "what the night is to compare: gone by the morning",
    "registry.EmployeeDue": "what the night is to compare: gone by the morning",
    "registry.Draft": "a draft is its author's until it is ordered",
    "registry.DraftRow": "a draft is its author's until it is ordered",
    "registry.DraftTable": "the uploaded table of a draft, gone when its order is formed",
    "registry.DraftStep": "the draft's own undo list",
    "signatures.CertificateSearch": "a counter of searches; each is an event too",
    "signatures.Preservation": "a timetable; each renewal and each failure is an event",
    "signatures.SessionFile": "append-only",
    "signatures.VerifiedSignature": "read-only by its own trigger, but for the moment it was used",
    "signatures.SigningSession": "signed ones are frozen by their own trigger",
    "registry.OrderRow": "bytes that never change, guarded by their own trigger",
    "registry.QualityCheck": "derived; the check's act says when",
    "registry.QualityFinding": "derived; the check's act says when",
    "registry.QualityMonth": "derived; the check's act says when",
    "registry.QualityTrend": "derived by night from what checks found",
    "reports.CampaignSum": "derived sums; making a summary is an event",
    "registry.CampaignSchool": "derived counts; announcing, reminding and mending are events",
    "reports.ReportCount": "derived; the run's act says when",
    "reports.ReportInput": "written once by the run's act, with its counts",
    "reports.ReportSum": "derived; the run's act says when",
    "reports.DeskCell": "derived and never changed; the act that counted the day says when",
    "reports.DeskSum": "derived and never changed; the act that counted the day says when",
}


def test_every_table_keeps_its_history_or_says_why_not():
    bare = {
        model._meta.label
        for model in apps.get_models()
        if not model._meta.proxy
        and model._meta.managed
        and not {t.name for t in getattr(model._meta, "triggers", ())}
        & {"history_update", "append_only"}
    }
    known = {label for label in UNTRACKED if label in {m._meta.label for m in apps.get_models()}}
    tracked = {m._meta.label for m in apps.get_models()} - bare
    assert bare <= known, f"Add *history() to Meta.triggers: {sorted(bare - known)}"
    assert not {k for k in known if UNTRACKED[k].startswith("a draft")} & tracked


def test_a_change_outside_a_command_is_refused_by_the_database(world):
    with pytest.raises(DatabaseError, match="No act is open"), transaction.atomic():
        Pupil.objects.update(surname="Чужий")


@pytest.mark.parametrize("table", ["audit_act", "audit_event", "audit_change"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_what_happened_cannot_be_rewritten(world, table, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_a_version_holds_the_old_row_and_names_the_act(world):
    @command
    def rename(*, actor):
        pupil = Pupil.objects.get(pk=world.pupils["ivan"].pk)
        pupil.surname = "Петренко"
        pupil.save(update_fields=["surname"])
        noted()

    rename(actor=world.actor("olena"))
    version = Change.objects.filter(resource="registry.pupil", op="U").latest("id")
    assert version.old["surname"] == "Іваненко"
    act = Act.objects.get(pk=version.act_id)
    assert act.actor_label.startswith("Шкільна О. В., керівник закладу")
    assert EventRow.objects.filter(act=act, code="tests.changed").count() == 1


def test_commands_do_not_nest(world):
    @command
    def inner(*, actor):
        noted()

    @command
    def outer(*, actor):
        acts.noted()
        inner(actor=actor)

    with pytest.raises(RuntimeError, match=r"durable|nest"):
        outer(actor=actors.system("тест"))
