"""A published month of three providers with their recipients, and a file of groups such as a city would supply."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from valfardsbrott.domain import Month
from valfardsbrott.identifiers import luhn_check_digit
from valfardsbrott.settings import Settings
from valfardsbrott.sources.pseudonyms import Pseudonymiser
from valfardsbrott.stages.workspace import Workspace

MONTH = Month(2026, 10)
KEY = "ab" * 32
#: Recipients of each provider, and the provider's district; the first is flagged, the second in a flagged network.
PROVIDERS = {"0000000001": (60, "Norr"), "0000000002": (30, "Norr"), "0000000003": (120, "Syd")}


def person(number: int) -> str:
    """A person number that nobody has: birth numbers 980 to 999."""
    ten = f"{number // 20 % 99 + 1:02d}{number // 1980 % 12 + 1:02d}01{980 + number % 20}"
    return f"19{ten}{luhn_check_digit(ten)}"


@dataclass(frozen=True)
class Published:
    settings: Settings
    people: tuple[str, ...]

    @property
    def files(self) -> dict[str, bytes]:
        """Everything in the store and the published folder."""
        return {str(path): path.read_bytes() for path in sorted(self.settings.out.rglob("*")) if path.is_file()}


@pytest.fixture
def published(tmp_path: Path) -> Published:
    settings = Settings(out=tmp_path / "runs", key=KEY)
    names, store = Pseudonymiser(bytes.fromhex(KEY), MONTH.last), Workspace(settings)
    people = tuple(person(at) for at in range(sum(count for count, _ in PROVIDERS.values())))
    orgs = [org for org, (count, _) in PROVIDERS.items() for _ in range(count)]
    visits = pd.DataFrame({
        "recipient_id": [names.pseudonym(each) for each in people], "staff_id": "pworker", "org_number": orgs,
    })  # fmt: skip
    place = store.table("visit", MONTH)
    place.parent.mkdir(parents=True)
    visits.to_parquet(place)
    folder = settings.out / str(MONTH)
    folder.mkdir()
    facts = {"run_id": "2026-10-x", "seed": 1, "purpose": {"code": "KL 10:8", "sv": "Kontroll", "en": "Control"}}
    (folder / "run.json").write_text(json.dumps(facts), encoding="utf-8")
    pd.DataFrame({
        "entity_type": ["provider", "network", "provider"], "entity_id": ["0000000001", "n1", "0000000003"],
        "arm": ["risk", "risk", "control"],
    }).to_parquet(folder / "flags.parquet")  # fmt: skip
    pd.DataFrame({"network_id": ["n1"], "node_type": ["provider"], "node_id": ["0000000002"]}).to_parquet(
        folder / "network_members.parquet"
    )
    districts = [district for _, district in PROVIDERS.values()]
    pd.DataFrame({
        "org_number": list(PROVIDERS), "district": districts, "service_code": "household", "size_class": "m",
    }).to_parquet(folder / "features.parquet")  # fmt: skip
    return Published(settings, people)


@pytest.fixture
def groups(published: Published, tmp_path: Path) -> Path:
    """Every other recipient a woman; three at the flagged provider of a rare group; the last ten not in the file."""
    path = tmp_path / "groups.csv"
    rows = [
        f"{each[:8]}-{each[8:]};{'woman' if at % 2 else 'man'};{'rare' if at < 3 else 'usual'}"
        for at, each in enumerate(published.people[:-10])
    ]
    path.write_text("\n".join(["person_id;sex;origin", *rows]) + "\n", encoding="utf-8")
    return path
