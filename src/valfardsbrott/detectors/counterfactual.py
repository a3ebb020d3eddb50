"""Counterfactuals: a provider's p-value if a reason of its were like its peers', every step of the model done again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from valfardsbrott.detectors.calibration import SMALLEST_P
from valfardsbrott.detectors.panel import Floats, Panel, Texts

if TYPE_CHECKING:
    from valfardsbrott.detectors.model import Assessment, ProviderModel

#: The strongest reasons of a provider that are tried, alone and one after the other.
TRIED = 4


@dataclass(frozen=True)
class Tried:
    """For m tries: whose, which blocks were laid on the peers' value, and the p-value that is left (m,).

    ``alone``: only that block; otherwise it and all stronger ones of the provider.
    """

    org_number: Texts
    block: Floats
    alone: Floats
    p_value: Floats


def blocks_of(model: ProviderModel) -> Floats:
    """Each feature's block (d,): features of one block are one reason."""
    found = np.zeros(len(model.residuals.features), dtype=np.int64)
    for number, block in enumerate(model.peers.blocks):
        found[list(block)] = number
    return np.asarray(found, dtype=np.float64)


def without_reasons(model: ProviderModel, said: Assessment, nats: Floats, first: int) -> Tried:
    """Try the ``first`` most suspicious providers: their p-values without each strong reason, and without several.

    A reason is laid on the peers' value in the deviations that the detectors read, so that none of them sees it; the
    networks' part ``nats`` (n,) stays as it is.
    """
    final = said.p_value * np.exp(-nats)
    rows = np.lexsort((said.panel.org_number, final))[:first]
    blocks = blocks_of(model).astype(int)
    parts = sum(said.parts.values())
    plan: list[tuple[int, int, bool, np.ndarray]] = []
    for row in rows:
        weight = np.bincount(blocks, weights=np.asarray(parts)[row], minlength=blocks.max(initial=0) + 1)
        order = [int(b) for b in np.argsort(-weight, kind="stable")[:TRIED] if weight[b] > 0]
        gone = np.zeros(len(blocks), dtype=bool)
        for block in order:
            mine = blocks == block
            gone = gone | mine
            plan += [(int(row), block, True, mine), (int(row), block, False, gone.copy())]
    if not plan:
        nothing = np.empty(0)
        return Tried(np.empty(0, dtype=object), nothing, nothing, nothing)
    at = np.array([row for row, *_ in plan])
    gone = np.stack([mask for *_, mask in plan])
    left = model.reassessed(_laid(said.lasting, at, gone), _laid(said.panel, at, gone))
    return Tried(
        said.panel.org_number[at],
        np.array([block for _, block, _, _ in plan], dtype=np.float64),
        np.array([alone for _, _, alone, _ in plan], dtype=np.float64),
        np.clip(left * np.exp(-nats[at]), SMALLEST_P, 1.0),
    )


def _laid(panel: Panel, rows: np.ndarray, gone: np.ndarray) -> Panel:
    """The rows with the features that are gone missing: in every detector the same as on the peers' own value."""
    chosen = panel.rows(rows)
    return replace(chosen, values=np.where(gone, np.nan, chosen.values))
