"""Other ways to find networks, for comparison in experiments; no run uses them. One interface, one tuple."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from valfardsbrott.networks import baselines
from valfardsbrott.networks.alternatives.dspot import dspot
from valfardsbrott.networks.alternatives.oddball import oddball
from valfardsbrott.networks.alternatives.peeling import dense_blocks, fraudar
from valfardsbrott.networks.baselines import Groups
from valfardsbrott.networks.links import City
from valfardsbrott.networks.material import Material


@dataclass(frozen=True)
class Alternative:
    """``find(material, seed)``: groups of two providers or more, disjoint, the most suspect first.

    ``source``: where the method is from, and what of it this is.
    """

    name: str
    source: str
    find: Callable[[Material, int], Groups]


def _of_city(method: Callable[[City, int], Groups]) -> Callable[[Material, int], Groups]:
    return lambda material, seed: method(material.city, seed)


ALTERNATIVES: tuple[Alternative, ...] = (
    Alternative(
        "components",
        "connected components of identifiers, values of more than ten providers cut, as is done by hand",
        lambda material, _: baselines.connected_components(material.links, material.exempt, 2),
    ),
    Alternative(
        "louvain",
        "Blondel et al. 2008, J. Stat. Mech. P10008: modularity communities of the same graph",
        lambda material, seed: baselines.louvain(material.links, material.exempt, 2, seed),
    ),
    Alternative(
        "inverse_degree_leiden",
        "Traag, Waltman, van Eck 2019, Sci. Rep. 9:5233, on weights 1 / (d - 1) (Newman 2001, Phys. Rev. E 64:016132)",
        lambda material, seed: baselines.inverse_degree_leiden(material.links, material.exempt, 2, seed),
    ),
    Alternative(
        "fraudar",
        "Hooi et al. 2016, KDD: greedy peeling with column weights 1 / log(d + 5); all link types, no priors",
        _of_city(fraudar),
    ),
    Alternative(
        "dspot",
        "Ban et al. 2019, WWW (ISG + D-Spot): information-sharing graph, light edges cut, parts peeled in batches",
        _of_city(dspot),
    ),
    Alternative(
        "oddball",
        "Akoglu, McGlohon, Faloutsos 2010, PAKDD: egonets with more edges than their size predicts",
        _of_city(oddball),
    ),
    Alternative(
        "dense_blocks",
        "Shin, Hooi, Faloutsos 2016, ECML-PKDD (M-Zoom), arithmetic mean density over provider x worker x recipient",
        _of_city(dense_blocks),
    ),
)
