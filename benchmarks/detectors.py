"""Fit, score and explain 30 000 providers x 150 features, against PyOD alone. Wall and CPU seconds of one process.

python benchmarks/detectors.py [--providers 30000] [--features 150] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from valfardsbrott.detectors import Copod, Ecod, IsolationForest, Knn, Loda
from valfardsbrott.detectors.calibration import evidence
from valfardsbrott.detectors.counterfactual import without_reasons
from valfardsbrott.detectors.definition import load
from valfardsbrott.detectors.model import ProviderModel
from valfardsbrott.detectors.panel import Measure, Panel
from valfardsbrott.stages.experiment_results import commit

HERE = Path(__file__).resolve().parent


def panel_of(providers: int, features: int) -> Panel:
    """Shares, rates and ratios of one month; a twentieth of the values missing, a fiftieth of providers deviating."""
    rng = np.random.default_rng(1)
    visits = np.exp(rng.normal(6, 1.1, providers)).round() + 20
    values = rng.gamma(0.7, 0.05, (providers, features)) * (rng.random((providers, features)) < 0.7)
    for who in rng.permutation(providers)[: providers // 50]:
        values[who, rng.permutation(features)[:3]] += 0.4
    values[rng.random(values.shape) < 0.05] = np.nan
    systems = rng.choice(["nimbus", "stella"], providers).astype(object)
    size = np.select([visits < 300, visits < 1000], ["s", "m"], "l").astype(object)
    return Panel(
        np.array([f"p{at:06d}" for at in range(providers)], dtype=object),
        np.full(providers, "2026-10", dtype=object),
        values,
        tuple(
            Measure(f"f{at:03d}", f"v{at // 2}", "share", "higher", f"family{at % 6}",
                    ("service_code", "size_class", "visit_system"), at % 15 == 0)
            for at in range(features)
        ),
        {"service_code": np.full(providers, "home_care", dtype=object), "size_class": size, "visit_system": systems},
        {"performed_minutes": visits * 30, "visits": visits, "billed_ore": visits * 20_000},
    )  # fmt: skip


def timed(steps: dict[str, list[float]], name: str, work: Callable[[], Any]) -> Any:
    """Do it, and note its wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    steps[name] = [round(time.perf_counter() - wall, 2), round(time.process_time() - cpu, 2)]
    print(name, steps[name], flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--providers", type=int, default=30_000)
    parser.add_argument("--features", type=int, default=150)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    panel = panel_of(chosen.providers, chosen.features)
    small = panel.rows(np.arange(300))
    for detector in (IsolationForest(), Knn()):
        detector.fit(small).explain(small)  # what is compiled is compiled once in a process, and kept on disk
    steps: dict[str, list[float]] = {}
    model = ProviderModel(load("provider_champion"), seed=1, threads=2)
    timed(steps, "champion: fit", lambda: model.fit(panel))
    said = timed(steps, "champion: score and explain", lambda: model.assess(panel))
    timed(
        steps, "champion: counterfactuals of 200", lambda: without_reasons(model, said, 0 * evidence(said.p_value), 200)
    )
    rows = np.log1p(np.maximum(np.nan_to_num(said.residuals), 0))
    residuals = said.lasting
    ours = {"isolation forest": IsolationForest(), "ECOD": Ecod(), "COPOD": Copod(), "LODA": Loda(), "kNN": Knn()}
    for name, detector in ours.items():
        timed(steps, f"{name}: ours, fit, score and explain", lambda d=detector: d.fit(residuals).explain(residuals))
        timed(steps, f"{name}: PyOD, fit and score", lambda n=name: pyods(n).fit(rows).decision_scores_)
    if chosen.out:
        about = {"commit": commit(HERE), "cores": os.cpu_count(), "providers": len(panel), "features": chosen.features}
        facts = about | {"seconds [wall, CPU]": steps}
        chosen.out.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def pyods(name: str) -> Any:
    """PyOD's own, with the same size of model."""
    from pyod.models.copod import COPOD
    from pyod.models.ecod import ECOD
    from pyod.models.iforest import IForest
    from pyod.models.knn import KNN
    from pyod.models.loda import LODA

    return {
        "isolation forest": lambda: IForest(n_estimators=200, max_samples=256, random_state=0),
        "ECOD": ECOD, "COPOD": COPOD,
        "LODA": lambda: LODA(n_bins=20, n_random_cuts=200, random_state=0),
        "kNN": lambda: KNN(n_neighbors=10, method="mean"),
    }[name]()  # fmt: skip


if __name__ == "__main__":
    main()
