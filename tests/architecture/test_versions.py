"""Two forms of one row saved one after another: the second is told, never silently last.

A command that a page calls asks for the version that the page showed (or for the whole value it
showed, `seen`). Whatever need not, says here why it loses nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture import sources

ASKED = {"version", "seen"}

WITHOUT = {
    "it notes that a list was taken out; it changes nothing": {
        "registry.people.services.export._taken",
    },
    "it makes a new row; there is nothing that somebody else could have changed": {
        "journals.services.entries.add_column",
        "journals.services.timetable.open_from_load",
        "journals.services.planning.ask",
        "journals.services.timetable.open_journal",
        "accounts.announcements.services.announce",
        "registry.quality.services.campaigns.announce",
        "registry.support.services.ask",
        "registry.support.services.write_more",
        "registry.parents.services.ask_correction",
        "registry.admission.services.parents.apply",
        "registry.parents.services.ask_parents",
        "accounts.services.grants.create_administrator",
        "accounts.services.grants.create_deputy",
        "accounts.services.grants.create_head",
        "accounts.services.grants.create_heads",
        "integrations.eis.services.mandates.prepare",
        "integrations.eis.road.services.texts.draft_contract",
        "integrations.eis.road.services.texts.publish_requirements",
        "integrations.eis.services.keys.issue_key",
        "integrations.eis.hooks.services.register",
        "integrations.eis.hooks.services.rotate",
        "registry.admission.services.applications.register",
        "registry.coverage.services.cases.enter_missing",
        "registry.coverage.services.cases.record",
        "registry.coverage.services.letters.prepare",
        "reports.campaigns.services.leading.announce",
        "reports.desk.services.queries.keep",
        "reports.desk.services.slices.ask",
        "reports.services.open.publish",
        "reports.services.subvention.add_parameters",
        "reports.services.subvention.compute",
        "reports.services.subvention.say_places",
        "reports.services.subvention.suppose",
        "registry.admission.services.orders.begin_order",
        "registry.certificates.services.prepare",
        "registry.classes.services.groups.open_many",
        "registry.drafts.services.beginning.start",
        "registry.drafts.services.beginning.start_from_file",
        "registry.drafts.services.beginning.start_from_paste",
        "registry.drafts.services.rows.add_rows",
        "registry.drafts.services.rows.choose",
        "registry.rollover.services.ask_all",
        "registry.rollover.services.begin_plan",
        "registry.rollover.services.open_classes",
        "registry.rollover.services.remind",
        "registry.groups.services.open_group",
        "registry.identity.services.merging.ask_merge",
        "registry.institutions.services.institution_import.stage",
        "registry.institutions.services.institutions.create",
        "registry.institutions.services.institutions.create_branch",
        "registry.movements.enrol.services.enrol",
        "registry.people.services.categories.add_category",
        "registry.people.services.contact.note_contact",
        "registry.people.services.documents.add_document",
        "registry.staff.services.add_education",
        "registry.staff.services.hire",
        "registry.staff.vacancies.services.open_vacancy",
        "reports.services.runs.request_run",
    },
    "it adds a row, and fills a known person only with what is doubted or was left empty": {
        "registry.people.services.guardians.add_guardian",
    },
    "it moves a held row along its states: a second move from the same state is refused or idle": {
        "reports.services.open.withdraw",
        "accounts.announcements.services.confirm",
        "accounts.announcements.services.read",
        "accounts.announcements.services.remind",
        "accounts.announcements.services.withdraw",
        "accounts.notices.services.read",
        "accounts.services.grants.deactivate",
        "accounts.services.grants.replace_head",
        "accounts.services.grants.restore",
        "accounts.services.grants.suspend",
        "accounts.services.grants.withdraw_invitation",
        "accounts.services.invitations.resend",
        "accounts.services.waves.remind_wave",
        "accounts.services.signin.choose_grant",
        "accounts.services.signin.choose_window",
        "accounts.services.signin.end_visits",
        "integrations.eis.services.keys.revoke_key",
        "integrations.eis.hooks.services.enable",
        "integrations.eis.hooks.services.remove",
        "integrations.eis.hooks.services.replay",
        "integrations.eis.hooks.services.try_out",
        "integrations.eis.services.mandates.end",
        "integrations.eis.services.mandates.give_up",
        "integrations.eis.road.services.applications.give_up",
        "integrations.eis.road.services.texts.approve_contract",
        "integrations.eis.services.systems.restore_system",
        "integrations.eis.services.systems.suspend_system",
        "registry.classes.services.groups.close_many",
        "registry.drafts.services.answers.reconsider",
        "registry.drafts.services.rows.include",
        "registry.drafts.services.whole.discard",
        "registry.drafts.services.whole.restore",
        "registry.identity.services.doubts.differ",
        "registry.identity.services.doubts.take_up",
        "registry.identity.services.merging.ask_unmerge",
        "registry.identity.services.merging.confirm_merge",
        "registry.identity.services.merging.keep_merge",
        "registry.identity.services.merging.reject_merge",
        "registry.identity.services.merging.unmerge",
        "registry.orders.services.asking.object_to",
        "registry.orders.services.giving_up.give_up",
        "registry.orders.services.running.sign_later",
        "registry.admission.services.applications.check_many",
        "registry.admission.services.applications.refuse",
        "registry.admission.services.applications.withdraw",
        "registry.admission.services.draws.announce",
        "registry.admission.services.draws.announce_together",
        "registry.admission.services.draws.freeze",
        "registry.admission.services.draws.hold",
        "registry.admission.services.draws.prepare_again",
        "registry.admission.services.draws.prepare_part",
        "registry.admission.services.giving.by_right",
        "reports.campaigns.services.leading.close",
        "reports.campaigns.services.leading.gather_again",
        "reports.campaigns.services.leading.remind",
        "reports.campaigns.services.leading.withdraw",
        "reports.campaigns.services.signing.prepare",
        "registry.certificates.services.give_up",
        "registry.certificates.services.void",
        "registry.admission.services.giving.next_in_turn",
        "registry.coverage.services.letters.give_up",
        "registry.coverage.services.letters.prepare_again",
        "registry.people.services.closing.close",
        "registry.people.services.guardians.confirm_guardians",
        "registry.quality.services.campaigns.close",
        "registry.quality.services.campaigns.prolong",
        "registry.quality.services.campaigns.remind",
        "registry.support.services.answer",
        "registry.support.services.close",
        "registry.support.services.hand_up",
        "registry.people.services.closing.reopen",
        "registry.staff.services.void_education",
    },
    "it writes cells of a draft: each has its version, or the step can be taken back": {
        "registry.drafts.services.beginning.set_columns",
        "registry.drafts.services.cells.apply_fix",
        "registry.drafts.services.cells.fill_column",
        "registry.drafts.services.cells.paste",
        "registry.drafts.services.cells.save_rows",
        "registry.drafts.services.cells.undo",
    },
    "it decides anew of the chosen in a plan that it holds: the last word stands, all is seen before "
    "the order, which says how many were seen": {
        "registry.reorganisation.services.reorganising.prepare",
        "registry.reorganisation.services.acts.prepare_revocation",
        "registry.rollover.services.decide_children",
        "registry.rollover.services.prepare",
        "registry.rollover.services.start_anew",
        "registry.rollover.services.take_out",
    },
    "no page names it: a function of pages has the same name": {
        "accounts.notices.services.pass_on",
        "kernel.batch.resume",
        "reports.desk.services.slices.due",
    },
    "the person's own settings, changed by nobody else": {
        "accounts.services.mail.choose",
        "accounts.services.mail.confirm_address",
        "accounts.services.mail.leave_address",
        "accounts.services.mail.leave_off",
    },
    "it writes what the register or the key says, not what a form held": {
        "accounts.services.grants.accept_certificate_name",
        "registry.identity.services.seeking.place",
        "registry.identity.services.seeking.seek",
        "registry.classifiers.services.classifiers.load",
        "registry.coverage.services.counting.count",
        "registry.drafts.services.whole.check_again",
        "registry.enrolments.services.turn",
        "registry.institutions.services.institution_import.take_staged",
        "registry.quality.services.checking.check_institutions",
        "signatures.services.renewal.keep",
    },
}


def commands() -> dict[str, set[str]]:
    """Every command by its address, with the names of what it asks."""
    found = {}
    for path, tree in sources.modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and any(map(_is_command, node.decorator_list)):
                asked = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
                found[".".join((*path.with_suffix("").parts, node.name))] = asked
    return found


def _is_command(decorator: ast.expr) -> bool:
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(named, ast.Name) and named.id == "command"


def named_by_pages() -> Iterator[str]:
    """Every name that code of pages uses."""
    for path, tree in sources.modules():
        if "portal" in {*path.parts, path.stem}:
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute):
                    yield node.attr
                elif isinstance(node, ast.Name):
                    yield node.id


def test_what_a_page_edits_has_a_version_and_its_command_asks_for_it() -> None:
    pages = set(named_by_pages())
    of_pages = {name: asked for name, asked in commands().items() if name.split(".")[-1] in pages}
    assert "registry.people.services.guardians.change_guardian" in of_pages  # the test sees them
    silent = {name for name, asked in of_pages.items() if not asked & ASKED}
    reasons = [name for names in WITHOUT.values() for name in names]
    assert len(reasons) == len(set(reasons)), "a command has two reasons"
    missing, spare = silent - set(reasons), set(reasons) - silent
    assert not missing, f"Ask for the version that was shown, or say why not: {sorted(missing)}"
    assert not spare, f"These ask for a version, or no page calls them: {sorted(spare)}"
