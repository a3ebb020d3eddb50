"""models/<name>/model.yaml: which features, detectors, peers, fusion and alert budget, and what chose them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from valfardsbrott.definitions import folder
from valfardsbrott.detectors.panel import Described
from valfardsbrott.domain import Failure

DetectorName = Literal[
    "peers", "isolation_forest", "typed_forest", "ecod", "copod", "hbos", "inne", "loda", "knn", "lof", "mahalanobis",
    "history", "contradictions", "digits",
]  # fmt: skip


class FeatureMismatch(Failure):
    """A model and a matrix that do not belong together: fitted on other features, or asking for missing ones."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Strict):
    """One detector in a model: its weight among the others' and its own parameters."""

    weight: float = Field(gt=0)
    parameters: dict[str, Any] = {}


class Fusion(_Strict):
    """How evidence is joined: the nats that a block's best feature has to exceed before it counts, the rank correlation
    from which features are one reason, the heaviness of fitted tails, and how much more a contradiction weighs than
    something unusual. ``structure`` divides a network's evidence into nats of its members'; it counts in full where
    those together have ``structure_needs`` nats."""

    threshold: float = Field(default=2.0, ge=0)
    correlation: float = Field(default=0.5, gt=0, lt=1)
    shape: float = Field(default=0.4, gt=0, lt=1)
    fact_weight: float = Field(default=1.5, gt=0)
    structure: float = Field(default=4.0, gt=0)
    structure_needs: float = Field(default=8.0, gt=0)


class ModelDefinition(_Strict):
    """A model as its folder defines it. ``fingerprint``, where given: the only features it may be used on."""

    name: str
    version: int = Field(ge=1)
    features: Literal["all"] | tuple[str, ...] = "all"
    fingerprint: str = ""
    detectors: dict[DetectorName, Part] = Field(min_length=1)
    fusion: Fusion = Fusion()
    memory: int = Field(default=3, ge=1)
    smallest_peer_group: int = Field(default=8, ge=2)
    alert_budget: int = Field(default=20, ge=1)
    seed: int
    experiment: str

    def chosen(self, features: Sequence[Described], fingerprint: str) -> tuple[Described, ...]:
        """The model's features, in the matrix's order. Raises FeatureMismatch where it was made for other ones."""
        refuse_other(self.name, self.fingerprint, fingerprint)
        if self.features == "all":
            return tuple(features)
        if missing := sorted(set(self.features) - {feature.name for feature in features}):
            raise FeatureMismatch(
                f"the model {self.name} asks for features that are not defined: {', '.join(missing)}",
                "Choose another model, or correct the list in its model.yaml",
            )
        return tuple(feature for feature in features if feature.name in self.features)


class LearnedDefinition(ModelDefinition):
    """A model that orders anew what the model ``reranks`` has ranked, by what was decided (reranking.py).

    Everything that its file does not say is as in that model's. ``freedom``: how far a feature may move the order;
    ``unlabelled``: what a provider that nobody has looked at weighs against a decided one.
    """

    reranks: str
    freedom: float = Field(default=0.03, gt=0)
    unlabelled: float = Field(default=0.02, ge=0, le=1)


def load(name: str) -> ModelDefinition:
    """Read ``models/<name>/model.yaml``. Raises Failure with the file and the key that is wrong."""
    path = folder("models") / name / "model.yaml"
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(said, dict) and "reranks" in said:
            definition: ModelDefinition = LearnedDefinition.model_validate(load(said["reranks"]).model_dump() | said)
        else:
            definition = ModelDefinition.model_validate(said)
    except OSError as error:
        known = ", ".join(sorted(found.parent.name for found in folder("models").glob("*/model.yaml")))
        raise Failure(f"there is no model '{name}'", f"There are: {known}") from error
    except (yaml.YAMLError, ValidationError) as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else "not YAML"
        raise Failure(f"models/{name}/model.yaml: {where}", "Compare with another model's file") from error
    if definition.name != name:
        raise Failure(f"models/{name}/model.yaml: name: it says {definition.name}", "Folder and name are the same word")
    return definition


def refuse_other(name: str, fitted_on: str, matrix: str) -> None:
    """Raise FeatureMismatch unless the model is bound to no features (empty) or to just those of the matrix."""
    if fitted_on and fitted_on != matrix:
        raise FeatureMismatch(
            f"the model {name} belongs to features {fitted_on[:12]} and the matrix has {matrix[:12]}",
            "Fit the model again on these features, or use the version of the code that made it",
        )
