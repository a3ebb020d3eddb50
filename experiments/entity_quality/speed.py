"""How long thirty thousand organisations and as many streets take to judge, five in a hundred of them doubtful.

python experiments/entity_quality/speed.py
"""

from __future__ import annotations

import sys
import time

import numpy as np

from valfardsbrott.engines.linkage import linking
from valfardsbrott.entities.addresses import parse
from valfardsbrott.entities.linkage import judge
from valfardsbrott.entities.model import models
from valfardsbrott.entities.records import Organisation, organisation_records, street_records
from valfardsbrott.settings import Settings
from valfardsbrott.synthetic.entity_dirt import slip, wrong
from valfardsbrott.synthetic.names import company_names, street_names
from valfardsbrott.synthetic.numbers import org_numbers

COUNT, DOUBTFUL = 30_000, 1_500


def main() -> None:
    rng = np.random.default_rng(1)
    begun, worked = time.perf_counter(), time.process_time()
    names, streets = company_names(8_000, rng), street_names(3_000, rng)
    lines = [f"{streets[at % 3_000]} {at % 80 + 1}" for at in range(COUNT)]
    areas = [str(19_000 + at % 700) for at in range(COUNT)]
    homes = [parse(line, area) for line, area in zip(lines, areas, strict=True)]
    slips = [parse(slip(line, rng), area) for line, area in zip(lines[:DOUBTFUL], areas, strict=False)]
    companies = {}
    for at, number in enumerate(org_numbers(COUNT, rng).tolist()):
        for each in (number, wrong(number, rng)) if at < DOUBTFUL else (number,):
            one = companies[each] = Organisation(each, f"{names[at % 8_000]} AB")
            one.tell(homes[at].key, f"0999-{1_000_000 + at}", f"info{at}@ek.example")
    print(f"normalised: {_took(begun, worked)}")
    hub = models()["organisation"].hub
    records = {"address": street_records(homes, slips, 3), "organisation": organisation_records(companies, hub)}
    for kind in ("address", "organisation"):
        known, doubtful = records[kind]
        begun, worked = time.perf_counter(), time.process_time()
        with linking(Settings()) as api:
            found = judge(models()[kind], known, doubtful, api)
        joined = sum(one.verdict == "joined" for one in found)
        print(f"{kind}: {len(known)} known, {len(doubtful)} doubtful, {joined} joined, {_took(begun, worked)}")


def _took(begun: float, worked: float) -> str:
    """By the clock, and of the processors: on a shared machine the second says more."""
    return f"{time.perf_counter() - begun:.1f} s, {time.process_time() - worked:.1f} s of the processors"


if __name__ == "__main__":
    sys.exit(main())
