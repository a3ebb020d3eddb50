"""Who is never shown: everybody whom a delivery says is protected, today or as the month of a result knew it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: Columns that say whom a published row is about: a row about a protected person is left out.
_ABOUT = ("entity_id", "node_id", "source_id", "target_id", "canonical_id")


def hidden_in(store: Path) -> frozenset[str]:
    """Pseudonyms of protected persons, and every dwelling that they were ever registered at.

    A run knows what was known in its month; whoever was protected since is left out of what is shown today. Empty where
    the working store has no population register: then nothing in it says who is protected.
    """
    paths = sorted((store / "tables" / "person").glob("[!.]*.parquet"))
    return _hidden(tuple((str(path), path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=4)
def _hidden(files: tuple[tuple[str, int], ...]) -> frozenset[str]:
    """Kept until a register comes in: each file with when it was written."""
    import pandas as pd

    if not files:
        return frozenset()
    persons = pd.concat([_persons(path) for path, _ in files], ignore_index=True)
    marked = persons["secrecy_marked"].eq(True) | persons["protected_registration"].eq(True)
    protected = persons[persons["person_id"].isin(persons.loc[marked, "person_id"])]
    return frozenset(protected["person_id"]) | frozenset(protected["dwelling_id"].dropna())


def _persons(path: str) -> pd.DataFrame:
    import pyarrow.parquet as pq

    columns = ["person_id", "dwelling_id", "secrecy_marked", "protected_registration"]
    frame: pd.DataFrame = pq.read_table(path, columns=columns).to_pandas()
    return frame


def veiled(table: pa.Table, protected: frozenset[str], about: tuple[str, ...] = _ABOUT) -> pa.Table:
    """The table as it may be shown: rows about a protected person (``about``) left out, others without the pseudonym.

    An evidence row of somebody's visit stays, with its source row, and does not say whose it was.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not protected:
        return table
    among = pa.array(sorted(protected), pa.string())
    for at, field in enumerate(table.schema):
        if not any(of(field.type) for of in (pa.types.is_string, pa.types.is_large_string, pa.types.is_dictionary)):
            continue
        text = table[field.name].cast(pa.string())
        hit = pc.is_in(text, among)
        if field.name in about:
            table = table.filter(pc.invert(hit))
        elif pc.any(hit).as_py():
            table = table.set_column(at, field.name, pc.if_else(hit, pa.scalar(None, pa.string()), text))
    return table


def unplaced(table: pa.Table) -> pa.Table:
    """The table with its dwellings numbered (``home-1``): their own ids say where somebody lives."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for at, field in enumerate(table.schema):
        if field.name == "dwelling_id":
            homes = sorted(each for each in pc.unique(table[field.name]).to_pylist() if each is not None)
            number = {home: f"home-{turn}" for turn, home in enumerate(homes, 1)}
            named = [number.get(each) for each in table[field.name].to_pylist()]
            table = table.set_column(at, field.name, pa.array(named, pa.string()))
    return table
