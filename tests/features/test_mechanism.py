"""How a view's file is read: header, features, order of computing, fingerprints, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from valfardsbrott.domain import Failure
from valfardsbrott.features import base, feature_columns, fingerprint, load_views, read_view, upstream

PLAIN = """/* ---
name: {name}
entity: visit
grain: [visit_id]
partition_by: visit_id
sources: [{sources}]
columns:
  minutes: minutes of the visit
--- */
select visit_id, 1 as minutes from {table}
"""

FEATURE = """/* ---
name: late
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit]
columns:
  late_share:
    label: {sv: Sena besök, en: Late visits}
    why: {sv: Varför., en: Why.}
    innocent: {sv: Trafik., en: Traffic.}
    check: {sv: Fråga., en: Ask.}
    unit: share
    direction: higher
    family: visits
    peers: [size_class]
    missing: {sv: Saknas, en: Missing}
    evidence: {view: visit, where: planned_start < started_at}
    legal_basis: KL 10:8
    schemes: [S01]
--- */
select org_number, 0.5 as late_share from visit group by org_number
"""


def put(root: Path, name: str, text: str) -> Path:
    path = root / "any" / f"{name}.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def plain(root: Path, name: str, source: str = "visit") -> Path:
    return put(root, name, PLAIN.format(name=name, sources=source, table=source))


def test_a_feature_knows_its_view_and_what_may_be_innocent(tmp_path: Path) -> None:
    put(tmp_path, "late", FEATURE)
    (feature,) = feature_columns(tmp_path)
    assert (feature.name, feature.view, feature.unit, feature.peers) == ("late_share", "late", "share", ("size_class",))
    assert feature.innocent["sv"] == "Trafik."
    assert feature.evidence.where == "planned_start < started_at"
    assert not feature.contradiction
    assert feature.needs == ()


def test_what_is_common_holds_for_every_feature_that_does_not_say_otherwise(tmp_path: Path) -> None:
    other = "  early_share:\n" + FEATURE.split("  late_share:\n")[1].split("--- */", maxsplit=1)[0]
    common = "common:\n  direction: lower\n  legal_basis: KL 10:8\n"
    spared = other.replace("    direction: higher\n", "").replace("    legal_basis: KL 10:8\n", "")
    put(tmp_path, "late", FEATURE.replace("--- */", f"{spared}--- */").replace("columns:\n", f"{common}columns:\n"))
    features = {feature.name: feature for feature in feature_columns(tmp_path)}
    assert {name: (f.direction, f.legal_basis) for name, f in features.items()} == {
        "late_share": ("higher", "KL 10:8"),
        "early_share": ("lower", "KL 10:8"),
    }


def test_the_query_is_what_follows_the_header(tmp_path: Path) -> None:
    view = read_view(plain(tmp_path, "fact"))
    assert view.sql == "select visit_id, 1 as minutes from visit"
    assert view.columns == {"minutes": "minutes of the visit"}
    assert view.features == ()


def test_views_come_after_those_they_read_whatever_their_names(tmp_path: Path) -> None:
    plain(tmp_path, "a", "b_12m")
    plain(tmp_path, "b", "c")
    plain(tmp_path, "c")
    assert [view.name for view in load_views(tmp_path)] == ["c", "b", "a"]
    assert [view.name for view in upstream(["b"], tmp_path)] == ["c", "b"]


@pytest.mark.parametrize(
    ("source", "read"),
    [("visit", ("visit", 1)), ("visit_3m", ("visit", 3)), ("visit_12m", ("visit", 12)), ("visit_all", ("visit", None))],
)
def test_a_suffix_says_how_many_deliveries_are_read(source: str, read: tuple[str, int | None]) -> None:
    assert base(source) == read


def test_the_fingerprint_follows_header_and_query_and_not_the_folder(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    put(one, "late", FEATURE)
    put(two, "late", FEATURE)
    put(three, "late", FEATURE.replace("Trafik.", "Snö."))
    assert fingerprint(one) == fingerprint(two) != fingerprint(three)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("/* ---\n", "-- ", "no header"),
        ("name: late\n", "name: other\n", "name: the view is named other and its file late"),
        ("name: late\n", "name: [late\n", "the header is not YAML"),
        ("entity: provider", "entity: person", "entity: Input should be"),
        ("entity: provider", "entity: staff", "columns.late_share: only views of providers hold features"),
        ("    unit: share\n", "", "columns.late_share.unit: Field required"),
        ("unit: share", "unit: percent", "columns.late_share.unit: Input should be"),
        ("peers: [size_class]", "peers: [district]", "columns.late_share.peers.0: Input should be"),
        ("    schemes", "    colour: red\n    schemes", "columns.late_share.colour: Unexpected keyword argument"),
        ("sources: [visit]", "sources: [besok]", "sources: there is no table or view 'besok'"),
        ("sources: [visit]", "sources: [person_3m]", "person is a register, whose newest snapshot counts"),
        ("sources: [visit]", "sources: [visit]\noptional: [staff]", "optional: not among the sources: staff"),
        ("grain: [org_number]\n", "", "grain: Field required"),
        ("columns:\n", "common: {colour: red}\ncolumns:\n", "columns.late_share.colour: Unexpected keyword argument"),
        ("columns:\n", "common: red\ncolumns:\n", "common: Unexpected keyword argument"),
    ],
)
def test_a_wrong_header_is_refused_with_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = put(tmp_path, "late", FEATURE.replace(old, new, 1))
    with pytest.raises(Failure) as refused:
        load_views(tmp_path)
    assert str(path) in refused.value.message
    assert said in refused.value.message


def test_views_that_read_each_other_are_refused(tmp_path: Path) -> None:
    plain(tmp_path, "hen", "egg_3m")
    plain(tmp_path, "egg", "hen")
    with pytest.raises(Failure, match=r"in a circle: .*hen.*egg"):
        load_views(tmp_path)


def test_two_views_of_one_name_and_two_features_of_one_name_are_refused(tmp_path: Path) -> None:
    put(tmp_path / "views", "late", FEATURE)
    put(tmp_path / "views" / "other", "late", FEATURE)
    with pytest.raises(Failure, match="another view is named late too"):
        load_views(tmp_path / "views")
    put(tmp_path / "features", "late", FEATURE)
    put(tmp_path / "features", "later", FEATURE.replace("name: late\n", "name: later\n"))
    with pytest.raises(Failure, match=r"columns\.late_share: .* defines it too"):
        load_views(tmp_path / "features")


def test_the_projects_features_cover_the_families() -> None:
    count = dict.fromkeys(("visits", "money", "recipients", "company", "follow_up"), 0)
    for feature in feature_columns():
        count[feature.family] = count.get(feature.family, 0) + 1
    assert sum(count.values()) >= 25
    assert min(count.values()) >= 3


def test_what_only_the_designated_controller_sees_is_in_no_matrix() -> None:
    restricted = {feature.name for view in load_views() for feature in view.features if feature.restricted}
    assert restricted == {"undue_influence_reports"}
    assert not restricted & {feature.name for feature in feature_columns()}
