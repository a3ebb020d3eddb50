"""Several steps at once: none before what it reads, two side by side, and no more of them after a failure."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.domain import Failure, Month
from valfardsbrott.engines.schedule import at_once
from valfardsbrott.engines.seam import Source, Step
from valfardsbrott.features import View

MONTH = Month.parse("2026-10")


def step(name: str, *reads: str) -> Step:
    sources = {each: Source(((MONTH, Path(each)),), {}) for each in reads}
    return Step(MONTH, cast(View, None), sources, Path(name))


def nothing() -> None:
    """Nobody asked for a stop."""


@given(st.data(), st.integers(1, 3))
def test_each_step_begins_after_those_that_it_reads(data: st.DataObject, workers: int) -> None:
    names = [str(number) for number in range(data.draw(st.integers(0, 8)))]
    steps = [
        step(name, "delivered", *data.draw(st.lists(st.sampled_from(names[:number]), unique=True)) if number else ())
        for number, name in enumerate(names)
    ]
    done: set[Path] = set()

    def run(each: Step) -> int:
        missing = {path for source in each.sources.values() for _, path in source.files} - done - {Path("delivered")}
        assert not missing
        done.add(each.out)
        return int(each.out.name)

    assert sorted((str(each.out), rows) for each, rows in at_once(steps, run, workers, nothing)) == sorted(
        (name, int(name)) for name in names
    )


def test_two_run_side_by_side() -> None:
    met = Barrier(2, timeout=10)

    def run(each: Step) -> int:
        met.wait()  # broken, after ten seconds, if the other does not run meanwhile
        return 1

    assert len(list(at_once([step("a"), step("b")], run, 2, nothing))) == 2


def test_the_one_that_most_wait_for_goes_first() -> None:
    begun: list[str] = []

    def run(each: Step) -> int:
        begun.append(each.out.name)
        return 0

    list(at_once([step("alone"), step("base"), step("middle", "base"), step("end", "middle")], run, 1, nothing))
    assert begun == ["base", "middle", "alone", "end"]


def test_a_failure_is_told_the_rest_is_not_begun_and_what_runs_is_stopped() -> None:
    begun: list[str] = []
    met, stopped = Barrier(2, timeout=10), Barrier(2, timeout=10)

    def run(each: Step) -> int:
        begun.append(each.out.name)
        met.wait()
        if each.out.name == "wrong":
            raise Failure("the query is wrong")
        stopped.wait()  # a long query, until it is interrupted
        return 0

    def stop() -> None:
        stopped.wait()

    with pytest.raises(Failure, match="wrong"):
        list(at_once([step("wrong"), step("long"), step("later", "long")], run, 2, stop))
    assert sorted(begun) == ["long", "wrong"]
