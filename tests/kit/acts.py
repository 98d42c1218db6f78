"""What a test's own command says happened: a command that changes rows must say something."""

from kernel import audit


def noted() -> None:
    """Record that a test changed something."""
    audit.record(audit.Event("tests.changed", "tests", "1"))
