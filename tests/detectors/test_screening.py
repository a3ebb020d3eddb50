"""A scheme that many share does not hide itself; an innocent group that stands out in one way stays in."""

from __future__ import annotations

import numpy as np
import pytest

from valfardsbrott.detectors.screening import unsuspected

BLOCKS = ((0,), (1,), (2,), (3,))


def honest(n: int = 400) -> np.ndarray:
    rng = np.random.default_rng(6)
    return np.maximum(rng.exponential(size=(n, 4)) - 2, 0)


def test_among_the_honest_hardly_anybody_is_left_out() -> None:
    assert unsuspected(honest(), BLOCKS).mean() > 0.97


@pytest.mark.parametrize("share", [0.05, 0.15])
def test_who_follows_a_scheme_is_left_out_of_each_of_its_features(share: float) -> None:
    parts, many = honest(), round(400 * share)
    parts[:many, :3] += 4
    kept = unsuspected(parts, BLOCKS)
    assert not kept[:many, :3].any()
    assert kept[many:].mean() > 0.9


def test_a_group_that_stands_out_in_one_way_only_stays_in_there() -> None:
    parts = honest()
    parts[:40, 0] += 6
    assert unsuspected(parts, BLOCKS)[:40, 0].mean() > 0.9


def test_a_value_does_not_speak_for_itself() -> None:
    parts = honest()
    more = parts.copy()
    more[7, 0] = 50
    assert unsuspected(more, BLOCKS)[7, 0] == unsuspected(parts, BLOCKS)[7, 0]


def test_one_reason_or_nobody_leaves_all_in() -> None:
    assert unsuspected(np.ones((5, 2)), ((0, 1),)).all()
    assert unsuspected(np.empty((0, 4)), BLOCKS).shape == (0, 4)
