"""The lines named for `make mutants` stand where they are said to, and breaking them breaks only them."""

import ast

from tests import mutants


def test_every_line_to_break_stands_and_the_broken_file_is_still_a_program():
    every = list(mutants.mutants())
    assert len({one.key for one in every}) == len(every)
    assert {kind for kind, _, _ in mutants.KINDS} <= {one.kind for one in every}
    for one in every:
        whole = (mutants.ROOT / one.path).read_text()
        broken = mutants.spoil(whole, one)
        assert broken != whole, one
        ast.parse(broken)
        assert mutants.tests_of(one.path), one
