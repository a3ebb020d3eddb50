"""A network keeps its id while it grows, shrinks, splits and merges."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from valfardsbrott.networks.identity import Identity, identify, remember


def group(names: str) -> frozenset[str]:
    return frozenset(names.split())


def month(known: Mapping[str, Identity], when: str, *groups: str) -> tuple[list[Identity], dict[str, Identity]]:
    now = identify([group(names) for names in groups], known, when)
    return now, remember(known, now)


def test_a_new_network_is_new() -> None:
    (first,), _ = month({}, "2026-08", "acme bolt cura")
    assert (first.change, first.first_seen_month) == ("new", "2026-08")
    assert first.network_id.startswith("n-2026-08-")


def test_it_keeps_its_id_while_it_grows_and_shrinks() -> None:
    (first,), known = month({}, "2026-08", "acme bolt cura")
    (second,), known = month(known, "2026-09", "acme bolt cura duva")
    (third,), known = month(known, "2026-10", "acme bolt")
    (fourth,), _ = month(known, "2026-11", "acme bolt")
    assert {each.network_id for each in (second, third, fourth)} == {first.network_id}
    assert [each.change for each in (second, third, fourth)] == ["grown", "shrunk", "unchanged"]
    assert (second.gained, third.lost, fourth.first_seen_month) == (1, 2, "2026-08")


def test_members_exchanged_is_grown() -> None:
    _, known = month({}, "2026-08", "acme bolt cura")
    (second,), _ = month(known, "2026-09", "acme bolt duva")
    assert (second.change, second.gained, second.lost) == ("grown", 1, 1)


def test_after_a_split_the_largest_part_keeps_the_id() -> None:
    (first,), known = month({}, "2026-08", "acme bolt cura duva elan")
    (small, large), _ = month(known, "2026-09", "acme bolt", "cura duva elan")
    assert large.network_id == first.network_id
    assert small.network_id != first.network_id
    assert small.parents == (first.network_id,)


def test_after_a_merger_the_part_that_gave_most_lives_on() -> None:
    (one, two), known = month({}, "2026-08", "acme bolt", "cura duva elan")
    (merged,), _ = month(known, "2026-09", "acme bolt cura duva elan")
    assert merged.network_id == two.network_id
    assert merged.parents == (one.network_id,)


def test_it_is_known_again_after_months_unseen() -> None:
    (first,), known = month({}, "2026-06", "acme bolt cura")
    _, known = month(known, "2026-07")
    (again,), _ = month(known, "2026-10", "acme bolt cura")
    assert (again.network_id, again.change, again.first_seen_month) == (first.network_id, "unchanged", "2026-06")


def test_one_shared_provider_is_no_continuation() -> None:
    (first,), known = month({}, "2026-08", "acme bolt cura")
    (other,), _ = month(known, "2026-09", "acme duva elan")
    assert other.network_id != first.network_id
    assert other.change == "new"


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdefghij"), min_size=2, max_size=10, unique=True), st.integers(2, 8))
def test_ids_are_never_given_twice(names: list[str], cut: int) -> None:
    parts = [frozenset(part) for part in (names[:cut], names[cut:]) if len(part) >= 2]
    before = identify([frozenset("abc"), frozenset("defg"), frozenset("hij")], {}, "2026-08")
    now = identify(parts, remember({}, before), "2026-09")
    assert len({each.network_id for each in now}) == len(now)
    assert [each.orgs for each in now] == parts
