"""The randomised cities of a calibration on disk, so that more can be run later and none twice."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from valfardsbrott.networks.links import City
from valfardsbrott.networks.structure import Structure

#: The code that a randomised city's structures depend on.
_CODE = ("links.py", "projection.py", "candidates.py", "structure.py", "calibration.py")


def fingerprint(city: City, seed: int, null: str) -> str:
    """SHA-256 of everything a run depends on but its number: the city's arrays, the seed, the null and the code."""
    digest = hashlib.sha256(f"{_code()}|{seed}|{null}|{city.size}".encode())
    digest.update(city.district.tobytes())
    digest.update(city.exempt.tobytes())
    for name, entry in sorted(city.incidences.items()):
        digest.update(name.encode())
        for column in (entry.provider, entry.value, entry.weight, entry.reach):
            digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def read(path: Path, wanted: str) -> dict[int, Structure]:
    """Structures by run; none where there is no file, it is of another city, or it cannot be read."""
    try:
        with np.load(path) as stored:
            if str(stored["fingerprint"]) != wanted:
                return {}
            ends = np.cumsum(stored["groups"])
            members, by_type = np.split(stored["members"], ends[:-1]), np.split(stored["by_type"], ends[:-1])
            each = zip(stored["runs"].tolist(), members, by_type, strict=True)
            return {run: Structure(count, table) for run, count, table in each}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}


def write(path: Path, made_for: str, known: Mapping[int, Structure]) -> None:
    """All runs in one file, written beside and renamed into place."""
    ordered = sorted(known.items())
    temporary = path.with_name(f".{path.name}.{os.getpid()}.npz")
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        temporary,
        fingerprint=np.array(made_for),
        runs=np.array([run for run, _ in ordered]),
        groups=np.array([len(each.members) for _, each in ordered]),
        members=np.concatenate([each.members for _, each in ordered]),
        by_type=np.concatenate([each.by_type for _, each in ordered]),
    )
    temporary.replace(path)


@cache
def _code() -> str:
    folder = Path(__file__).parent
    return hashlib.sha256("".join((folder / name).read_text("utf-8") for name in _CODE).encode()).hexdigest()
