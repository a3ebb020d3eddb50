"""Who is never shown, whatever was published before: everybody whom any delivery in the store says is protected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valfardsbrott.stages.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd


def hidden(store: Workspace) -> frozenset[str]:
    """Pseudonyms of protected persons, and every dwelling that they were ever registered at.

    A run knows what was known in its month; whoever was protected since is left out of what is shown today. Empty where
    the store has no population register: then nothing in it says who is protected.
    """
    import pandas as pd

    paths = sorted((store.root / "tables" / "person").glob("[!.]*.parquet"))
    if not paths:
        return frozenset()
    persons = pd.concat([_persons(str(path)) for path in paths], ignore_index=True)
    marked = persons["secrecy_marked"].eq(True) | persons["protected_registration"].eq(True)
    protected = persons[persons["person_id"].isin(persons.loc[marked, "person_id"])]
    return frozenset(protected["person_id"]) | frozenset(protected["dwelling_id"].dropna())


def _persons(path: str) -> pd.DataFrame:
    import pyarrow.parquet as pq

    columns = ["person_id", "dwelling_id", "secrecy_marked", "protected_registration"]
    frame: pd.DataFrame = pq.read_table(path, columns=columns).to_pandas()
    return frame
