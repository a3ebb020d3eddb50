"""Known cases: which providers were looked into, when that was decided, and with what outcome."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from valfardsbrott.domain import Failure
from valfardsbrott.stages.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("org_number", "decided_on", "outcome")
_OUTCOMES = {"confirmed", "cleared"}


def known_cases(workspace: Workspace, file: Path | None = None) -> pd.DataFrame:
    """``org_number, decided_on (date), outcome``, a row for each provider: its first confirmed case, else its last.

    From a CSV ``file`` with those columns (others are not read), else from every delivery that the store holds. Natural
    persons are left out: their cases are nobody's figure. Raises Failure for a file that lacks a column, has another
    outcome or a date that is none.
    """
    import pandas as pd

    found = _from_file(file) if file else _from_store(workspace)
    found = found[found["org_number"].str.fullmatch(r"\d{10}") & ~found["org_number"].map(_natural)]
    found = found.sort_values(["org_number", "decided_on"], ignore_index=True)
    right = found[found["outcome"] == "confirmed"].drop_duplicates("org_number")
    cleared = found[~found["org_number"].isin(right["org_number"])].drop_duplicates("org_number", keep="last")
    return pd.concat([right, cleared])[list(COLUMNS)].sort_values("org_number", ignore_index=True)


def _from_store(workspace: Workspace) -> pd.DataFrame:
    import pandas as pd

    tables = [
        pd.read_parquet(path, columns=list(COLUMNS)) for path in sorted(workspace.root.glob("tables/known_case/*"))
    ]
    found = pd.concat(tables) if tables else pd.DataFrame(columns=list(COLUMNS))
    found = found.dropna().astype({"org_number": str})
    return found[found["outcome"].isin(_OUTCOMES)].reset_index(drop=True)


def _from_file(file: Path) -> pd.DataFrame:
    import pandas as pd

    hint = f"It needs the columns {', '.join(COLUMNS)}: dates as YYYY-MM-DD, outcomes confirmed or cleared"
    try:
        found = pd.read_csv(file, dtype=str, usecols=list(COLUMNS)).dropna()
        found["decided_on"] = pd.to_datetime(found["decided_on"], format="%Y-%m-%d").dt.date
    except OSError as error:
        raise Failure(f"{file} cannot be read", "Name a CSV file with --cases") from error
    except ValueError as error:
        raise Failure(f"{file} holds no cases", hint) from error
    if other := sorted(set(found["outcome"]) - _OUTCOMES):
        raise Failure(f"{file}: {len(other)} outcomes that are none", hint)
    return found.assign(org_number=found["org_number"].str.replace("-", "")).reset_index(drop=True)


def _natural(org_number: str) -> bool:
    """Whether the number is a person's: a company's third digit is 2 or more, or its first two are 00 (made up)."""
    return org_number[2] in "01" and not org_number.startswith("00")
