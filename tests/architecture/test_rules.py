"""Rules of the house that no linter knows. The failure says what to do instead."""

from __future__ import annotations

import ast
import re
import subprocess

from tests.architecture import sources

MANAGERS = {"objects", "_default_manager", "_base_manager"}


def test_interfaces_never_reach_the_orm():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in sources.of("portal", "api", "tasks")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS
    ]
    assert not found, f"Ask a selector, which scopes by actor: {found}"


def test_interfaces_hold_no_sql():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in sources.of("portal", "api", "tasks")
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in {"cursor", "raw", "RawSQL"})
        or (isinstance(node, ast.Name) and node.id in {"Kept", "RawSQL", "connection"})
    ]
    assert not found, f"A statement is a selector's or a service's: {found}"


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_interfaces_never_save():
    writes = {"save", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}
    found = [
        f"{path}:{call.lineno}"
        for path, tree in sources.of("portal", "api", "tasks")
        for call in _calls(tree)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in writes
        and not (isinstance(call.func.value, ast.Attribute) and call.func.value.attr == "session")
    ]
    assert not found, f"Call a command: {found}"


def _decorators(function: ast.FunctionDef) -> set[str]:
    return {node.id for node in function.decorator_list if isinstance(node, ast.Name)}


def test_commands_take_the_actor_by_keyword():
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in sources.modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and "command" in _decorators(node)
        and "actor" not in {a.arg for a in node.args.kwonlyargs}
    ]
    assert not found, f"def enrol(*, actor, …): {found}"


def test_commands_live_in_services():
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in sources.modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and "command" in _decorators(node)
        if "services" not in {*path.parts, path.stem}
        and path.parts[:2] != ("aikom", "demo")
        and path.parts != ("kernel", "batch.py")  # the mechanism of jobs is itself commands
    ]
    assert not found, f"Move them to <room>/services/: {found}"


def test_a_command_tells_in_its_docstring_what_it_refuses():
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in sources.modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and "command" in _decorators(node)
        and not ast.get_docstring(node)
    ]
    assert not found, f"Say what it does and what it raises: {found}"


def test_models_have_no_save_of_their_own():
    found = [
        f"{path}:{item.lineno} {node.name}.{item.name}"
        for path, tree in sources.of("models")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.FunctionDef) and item.name in {"save", "delete"}
    ]
    assert not found, f"Writes belong to commands, invariants to constraints: {found}"


# What goes for good, and why it may. Facts of people, institutions and orders are voided (`voided_by`,
# `voided_at`, a state, a last day), so that who, when and why stay to be read.
GOES_FOR_GOOD = {
    "kernel/once/forgetting.py": "answers kept for a repeated request, past their time",
    "accounts/services/signin.py": "challenges and attempts past their time",
    "accounts/services/waves.py": "a wave taken back; its event tells of it",
    "signatures/services/certificates.py": "what was searched for in a day",
    "signatures/services/sessions.py": "checked signatures that nothing was signed with",
    "registry/admission/services/applications.py": "rows of a draft that became applications",
    "registry/admission/services/places.py": "streets of a territory, as last said; the log has those before",
    "registry/certificates/services.py": "what was typed; the order has it",
    "registry/classifiers/services/territories.py": "an edition of a code that the newer file takes back",
    "registry/drafts/services/beginning.py": "rows that a person takes out of a draft; a step back has them",
    "registry/drafts/services/cells.py": "a step of a draft taken back",
    "registry/drafts/services/steps.py": "steps of a draft past those that are kept",
    "registry/identity/services/seeking.py": "whom to compare, once compared",
    "registry/institutions/services/institution_import.py": "files that were brought, past their time",
    "registry/movements/classes/effect.py": "what a class was before a change that never was",
    "registry/movements/staff/careers.py": "what a post was before a change that never was",
    "registry/movements/staff/posts.py": "the same",
    "registry/movements/transfer/lookup.py": "how often a day was asked, past their time",
    "registry/orders/services/preparing.py": "what was typed; the order has it",
    "registry/orders/services/signing.py": "the same",
    "registry/quality/services/checking.py": "findings mended, a month counted anew",
    "registry/rollover/services.py": "a plan before it is an order",
    "registry/tallies/keeping.py": "counts kept beside what they count",
    "reports/campaigns/services/levels.py": "sums made anew of what they sum",
    "journals/services/years.py": "a plan of the year as last said; the log has those before",
    "journals/services/timetable.py": "a plan of the week as last said; lessons that were given stay",
    "journals/services/lessons_sql.py": "lessons of days to come, made anew of the plan",
    "reports/services/keeping.py": "what nights of the country counted, past their time by a stated rule",
    "reports/desk/services/queries.py": "a question that its author keeps no longer",
    "integrations/eis/feed.py": "lines of the feed past their time, made of the log",
    "integrations/eis/hooks/queue.py": "notes that became a message, messages past their time",
    "integrations/eis/hooks/services.py": "notes that became a dead letter",
}


def test_what_goes_for_good_is_named_with_its_reason():
    found = {
        str(path)
        for path, tree in sources.modules()
        if path.parts[0] != "aikom"
        for node in ast.walk(tree)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and (node.func.attr == "_raw_delete" or (node.func.attr == "delete" and not node.args))
        )
        or (isinstance(node, ast.Constant) and "DELETE FROM" in str(node.value))
    }
    assert found == set(GOES_FOR_GOOD), "Void it, or say why it may go"


def test_signals_are_not_used():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in sources.modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module in {"django.db.models.signals", "django.dispatch"}
    ]
    assert not found, f"Call it from the command, or use a trigger: {found}"


def test_every_refusal_has_a_code_of_its_own():
    codes: dict[str, list[str]] = {}
    for path, tree in sources.modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ClassDef):
                continue
            values = {
                target.id: item.value
                for item in node.body
                if isinstance(item, ast.Assign)
                for target in item.targets
                if isinstance(target, ast.Name)
            }
            if "code" in values and "title" in values and isinstance(values["code"], ast.Constant):
                codes.setdefault(values["code"].value, []).append(f"{path}:{node.name}")
    twice = {code: where for code, where in codes.items() if len(where) > 1}
    assert codes
    assert not twice, f"A code names one refusal: {twice}"


def test_kernel_knows_no_domain_word():
    words = re.compile(
        r"\b(pupil|institution|enrol\w*|school|class_?group|edrpou|rnokpp|katottg|учн\w*|школ\w*)\b",
        re.IGNORECASE,
    )
    found = []
    for path, tree in sources.of("kernel"):
        if path.parts[0] != "kernel" or "gallery" in path.stem:
            continue
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        }
        found += [f"{path}: {name}" for name in names if words.fullmatch(name)]
    assert not found, f"The kernel serves every room: {found}"


INLINE = re.compile(r"\s(on\w+|style)\s*=\s*[\"']|<script(?![^>]*\bsrc=)|<style\b", re.IGNORECASE)


def test_templates_hold_no_inline_script_or_style():
    found = [
        f"{path.relative_to(sources.ROOT)}: {match.group().strip()}"
        for path in sources.templates()
        for match in INLINE.finditer(
            re.sub(
                r"\{#.*?#\}",
                "",
                path.read_text(encoding="utf-8"),
                flags=re.DOTALL,
            )
        )
        if "<script type=" not in match.group()
    ]
    assert not found, (
        f"The content security policy forbids it; use a module and a data attribute: {found}"
    )


def test_no_machine_path_no_registry_host_and_no_shared_folder_in_the_repository():
    """Files must work on any machine; what the project uses, it carries."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=sources.ROOT, capture_output=True, check=True
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    bad = re.compile(
        rb"/work/(?:main|shared|lead|h-)|(?:pypi\.org|files\.pythonhosted\.org|registry\.npmjs\.org)"
    )
    found = []
    for name in names:
        path = sources.ROOT / name
        if (
            name.startswith("tests/architecture/")
            or not path.is_file()
            or path.stat().st_size > 5_000_000
        ):
            continue
        if match := bad.search(path.read_bytes()):
            found.append(f"{name}: {match.group().decode()}")
    assert not found, found


TOP = {
    ".ci", ".gitignore", "CHANGELOG.md", "Makefile", "README.md", "accounts", "aikom", "docker-compose.yml", "docs",
    "integrations", "journals", "kernel", "manage.py", "pyproject.toml", "registry", "reports", "signatures", "tests",
}  # fmt: skip


def test_the_top_level_stays_as_designed():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=sources.ROOT, capture_output=True, check=True, text=True
    )
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert top <= TOP, f"Find the room it belongs to: {sorted(top - TOP)}"


def test_every_download_is_named_in_one_place():
    """`kernel.ui.pages.file_answer` keeps people's own letters in names of files (RFC 6266)."""
    found = [
        str(path)
        for path, tree in sources.modules()
        if str(path) != "kernel/ui/pages.py"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and node.value == "Content-Disposition")
        or (
            isinstance(node, ast.Name) and node.id in {"FileResponse", "content_disposition_header"}
        )
    ]
    assert not found, f"Answer with kernel.ui.pages.file_answer: {found}"
