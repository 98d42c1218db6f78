"""A hromada moves to another oblast: figures of days before stay where they were, and can be walked."""

from __future__ import annotations

import pytest

from accounts.services import units
from kernel.errors import NotFound
from reports.models import ReportSum
from reports.selectors import figures
from tests.reports import generate
from tests.world import sign_in


def move(world, unit="hromada", parent="lvivska"):
    units.move_unit(
        actor=world.actor("admin"),
        unit=world.units[unit].uid,
        parent=world.units[parent].uid,
        ground="Постанова про зміну меж",
    )
    for each in world.units.values():
        each.refresh_from_db()


def sums(run):
    return {
        (unit, key): counts
        for unit, key, counts in ReportSum.objects.filter(run=run).values_list(
            "unit_id", "key", "counts"
        )
    }


def parts(run, unit):
    return [
        (child.unit.pk, child.own, child.headlines, child.value)
        for child in figures.children(run, unit)
    ]


def test_a_form_of_a_past_day_is_summed_by_the_tree_of_that_day(richer):
    before = generate(richer, "maria", "mon")
    move(richer)
    after = generate(richer, "maria", "mon")
    assert sums(after) == sums(before)
    assert any(unit == richer.units["raion"].pk for unit, _ in sums(before))


def test_a_form_of_an_oblast_counts_who_was_below_it_that_day(richer):
    before = generate(richer, "iryna", "chernivetska")
    move(richer)
    after = generate(richer, "iryna", "chernivetska")
    assert sums(after) == sums(before)
    assert after.total == before.total
    lviv = generate(richer, "taras", "lvivska")
    assert richer.units["hromada"].pk not in {unit for unit, _ in sums(lviv)}


def test_the_parts_of_a_sum_stay_its_parts(richer):
    run = generate(richer, "maria", "mon")
    tops = [richer.units[name] for name in ("mon", "chernivetska", "raion", "hromada", "lvivska")]
    before = [parts(run, unit) for unit in tops]
    move(richer)
    assert [parts(run, unit) for unit in tops] == before
    assert richer.units["hromada"].pk in [pk for pk, *_ in before[2]]


def test_whoever_stood_above_that_day_still_reads_the_part_that_left(client, richer):
    run = generate(richer, "iryna", "chernivetska")
    hromada = richer.units["hromada"]
    move(richer)
    assert figures.node(richer.actor("iryna"), run, hromada.uid).pk == hromada.pk
    with pytest.raises(NotFound):
        figures.run(richer.actor("taras"), run.pk)
    sign_in(client, richer.grants["iryna"])
    page = client.get(f"/reports/{run.pk}/", {"unit": hromada.uid})
    assert page.status_code == 200
    crumbs = [each.pk for each in figures.crumbs(run, hromada, richer.actor("iryna"))]
    assert crumbs == [richer.units[n].pk for n in ("chernivetska", "raion", "hromada")]


def test_a_node_that_moved_finds_its_figures_in_the_runs_of_then(richer):
    old = generate(richer, "iryna", "chernivetska")
    elsewhere = generate(richer, "taras", "lvivska")
    move(richer)
    nina = richer.actor("nina")
    found = {run.pk for run in figures.runs(nina)}
    assert old.pk in found
    assert elsewhere.pk not in found
    assert figures.node(nina, old, None).pk == richer.units["hub"].pk
