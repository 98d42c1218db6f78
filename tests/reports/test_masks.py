"""A mask has a bit for each line whose conditions hold, whatever the row lacks."""

from __future__ import annotations

import itertools
import random

from django.db import connection

from reports import compile as sql

PUPILS = """(
    SELECT * FROM (VALUES (NULL::int), (0), (5), (12)) g (grade)
    CROSS JOIN (VALUES (NULL), ('M'), ('F')) s (sex)
    CROSS JOIN (VALUES (NULL), ('FULL_TIME'), ('FAMILY'), ('EXTERNAL')) f (form)
    CROSS JOIN (VALUES (NULL::text[]), ('{}'), ('{SEN}'), ('{IDP,ORPHAN}')) c (categories)
) b"""
WORDS = {
    "grade": [0, 5, 12], "grade_not": [5, 12], "grade_from": 5, "grade_to": 5, "sex": ["F"],
    "form": ["FULL_TIME", "FAMILY"], "form_not": ["FAMILY"], "category": ["SEN", "ORPHAN"],
}  # fmt: skip
POSTS = """(
    SELECT * FROM (VALUES (NULL::boolean), (true), (false)) p (person)
    CROSS JOIN (VALUES (NULL), ('HIGHEST'), ('FIRST')) c (category)
    CROSS JOIN (VALUES (NULL::int), (30), (31), (60)) a (age)
) b"""
WORDS_OF_POSTS = {"person": True, "category": ["FIRST"], "age_from": 31, "age_to": 60}


def masks(source, rows, wheres):
    """By the statement, and line by line."""
    params: dict[str, object] = {}
    at_once = sql.mask_sql(source, wheres, params)
    lines = ", ".join(f"({sql._conditions(source, where, params)})" for where in wheres)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {at_once}, ARRAY[{lines}] FROM {rows}", params)
        return cursor.fetchall()


def test_a_mask_looks_at_each_field_once_and_says_what_lines_say(db):
    drawn = random.Random(13)
    for source, rows, words in (("pupils", PUPILS, WORDS), ("posts", POSTS, WORDS_OF_POSTS)):
        chosen = [dict(some) for n in range(3) for some in itertools.combinations(words.items(), n)]
        for _ in range(6):
            wheres = [*drawn.sample(chosen, 9), {}]
            for mask, lines in masks(source, rows, wheres):
                assert mask == sum(1 << bit for bit, holds in enumerate(lines) if holds), wheres


def test_a_mask_of_many_lines_is_wider(db):
    wheres = [{"grade": [5]}, *({"sex": ["F"]} for _ in range(33)), {"grade": [5], "sex": ["F"]}]
    assert {mask for mask, _ in masks("pupils", PUPILS, wheres)} == {
        0, 1, sum(1 << bit for bit in range(1, 34)), (1 << 35) - 1,
    }  # fmt: skip
