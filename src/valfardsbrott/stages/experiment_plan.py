"""experiments/<name>/experiment.yaml: which question is put to which data, and every trial that follows from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from valfardsbrott.domain import EXIT_USAGE, Failure
from valfardsbrott.stages.workspace import digest

if TYPE_CHECKING:
    from valfardsbrott.detectors.definition import ModelDefinition

#: Keys of a variant that are no parameter of the model.
_OWN = ("base", "ranking")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class City(_Strict):
    """A kind of generated city; each of the plan's seeds makes one."""

    name: str
    size: str = "S"
    months: int = Field(default=2, ge=1)
    difficulty: str = "medium"
    fraud_share: float = Field(default=0.04, ge=0, le=0.5)
    last: str = "2026-10"


class Store(_Strict):
    """A city's own months with its known cases: nothing of it leaves the work folder but sums."""

    name: str
    store: Path
    month: str
    cases: Path | None = None


class Span(_Strict):
    """A range that a search draws from, evenly, or evenly in the logarithm."""

    low: float
    high: float
    log: bool = False
    whole: bool = False


class Search(_Strict):
    """Random search (Bergstra and Bengio 2012): ``trials`` draws from ``space``; the best on the seeds ``choose`` is
    measured, with the base, on the plan's ``seeds``, which no choice was made on."""

    trials: int = Field(ge=1)
    seed: int = 1
    choose: tuple[int, ...] = Field(min_length=1)
    space: dict[str, Span | list[Any]] = Field(min_length=1)


class Plan(_Strict):
    """A grid or a search over features, detectors, fusion and seeds.

    ``variants`` name sets of changes to ``base`` by dotted path in model.yaml (``fusion.threshold: 1``), or a
    ``ranking``: "amount", "random", or a function of the folder's ``rankings.py``. ``grid`` multiplies paths by values.
    ``model_seeds``: each variant is fitted under every one, for its stability.
    """

    kind: Literal["grid", "search"]
    cities: tuple[City, ...] = ()
    seeds: tuple[int, ...] = ()
    stores: tuple[Store, ...] = ()
    run: dict[str, Any] = {}
    base: str = "provider_champion"
    variants: dict[str, dict[str, Any]] = {}
    grid: dict[str, list[Any]] = {}
    model_seeds: tuple[int, ...] = (0,)
    search: Search | None = None
    primary: str = "average_precision"
    capacity: int = Field(default=20, ge=1)
    extra: str = ""
    smallest_store: int = Field(
        default=20, ge=1, description="Fewest ranked providers of a real month that is measured"
    )


class Script(BaseModel):
    """An experiment whose question is none over models: its own script answers it, with its own keys in the file."""

    model_config = ConfigDict(extra="allow", frozen=True)
    kind: Literal["module"]
    script: str = "run.py"
    arguments: tuple[str, ...] = ()
    summary: str = Field(default="", description="Key of results.json whose numbers are logged; empty: all of it")


AnyPlan = Annotated[Plan | Script, Field(discriminator="kind")]


class Variant(_Strict):
    """One way of ranking: the model ``base`` with ``changes``, or a ``ranking`` that is no model, under one seed."""

    name: str
    base: str = ""
    ranking: str = ""
    changes: dict[str, Any] = {}
    seed: int = 0

    def definition(self) -> ModelDefinition:
        """The model. Raises Failure where a change fits no part of it."""
        from valfardsbrott.detectors.definition import ModelDefinition, load

        whole = load(self.base).model_dump(mode="json")
        for path, value in self.changes.items():
            _put(whole, path, _features(value) if path == "features" else value)
        try:
            return ModelDefinition.model_validate(whole | {"seed": whole["seed"] + self.seed})
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise Failure(f"the variant '{self.name}' makes no model: {where}", "Compare with model.yaml") from error

    @property
    def identity(self) -> str:
        """What the variant is, whatever it is called: its definition or ranking, and its seed."""
        own = self.definition().model_dump_json() if self.base else self.ranking
        return digest(own, self.seed)

    def parameters(self) -> dict[str, Any]:
        """For MLflow: what is changed, and from which model; else the ranking."""
        kind = {"base": self.base} if self.base else {"ranking": self.ranking}
        return kind | {path: json.dumps(value) for path, value in self.changes.items()}


def read(folder: Path) -> Plan | Script:
    """The folder's plan. Raises Failure with the file and the key that is wrong."""
    from pydantic import TypeAdapter

    path = folder / "experiment.yaml"
    hint = "See docs/models.md for what an experiment.yaml holds"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        known = ", ".join(sorted(each.parent.name for each in folder.parent.glob("*/experiment.yaml")))
        raise Failure(f"there is no experiment '{folder.name}'", f"There are: {known or 'none'}", EXIT_USAGE) from error
    try:
        plan: Plan | Script = TypeAdapter(AnyPlan).validate_python(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else "not YAML"
        raise Failure(f"{path}: {where or 'kind'}", hint) from error
    if isinstance(plan, Plan):
        _complete(plan, path)
    return plan


def variants(plan: Plan) -> tuple[Variant, ...]:
    """Every variant of a grid, the base first where no other is named; of a search only the base."""
    named = plan.variants or {plan.base: {}}
    found = []
    for name, said in named.items():
        changes = {path: value for path, value in said.items() if path not in _OWN}
        base = "" if "ranking" in said else str(said.get("base", plan.base))
        each = Variant(name=name, base=base, ranking=str(said.get("ranking", "")), changes=changes)
        found += [each] if each.ranking or not plan.grid else list(_multiplied(each, plan.grid))
    return tuple(found)


def drawn(plan: Plan) -> tuple[Variant, ...]:
    """A search's trials; the same seed draws the same ones."""
    import numpy as np

    search = plan.search
    if search is None:
        return ()
    rng = np.random.default_rng(search.seed)
    found = []
    for number in range(search.trials):
        changes = {path: _draw(rng, space) for path, space in sorted(search.space.items())}
        found.append(Variant(name=f"draw {number + 1}", base=plan.base, changes=changes))
    return tuple(found)


def _draw(rng: Any, space: Span | list[Any]) -> Any:
    import numpy as np

    if isinstance(space, list):
        return space[int(rng.integers(len(space)))]
    low, high = (np.log(space.low), np.log(space.high)) if space.log else (space.low, space.high)
    value = float(rng.uniform(low, high))
    value = float(np.exp(value)) if space.log else value
    return round(value) if space.whole else round(value, 6)


def _multiplied(each: Variant, grid: Mapping[str, list[Any]]) -> Iterator[Variant]:
    for values in product(*grid.values()):
        chosen = dict(zip(grid, values, strict=True))
        name = ", ".join(f"{path}={json.dumps(value)}" for path, value in chosen.items())
        yield each.model_copy(update={"name": f"{each.name}: {name}", "changes": each.changes | chosen})


def _put(whole: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for parent in parents:
        whole = whole.setdefault(parent, {})
    whole[last] = value


def _features(value: Any) -> Any:
    """Names as they are; ``{only: [families]}`` and ``{without: [families]}`` as the names that they mean today."""
    from valfardsbrott.features import feature_columns

    if not isinstance(value, dict):
        return value
    only, without = value.get("only"), value.get("without", [])
    return [f.name for f in feature_columns() if f.family not in without and (only is None or f.family in only)]


def _complete(plan: Plan, path: Path) -> None:
    lacking = {
        "cities or stores": not plan.cities and not plan.stores,
        "seeds": bool(plan.cities) and not plan.seeds,
        "search": plan.kind == "search" and plan.search is None,
        "search.choose: seeds that are reported on as well": plan.search is not None
        and bool(set(plan.search.choose) & set(plan.seeds)),
    }
    for what, wrong in lacking.items():
        if wrong:
            raise Failure(f"{path}: {what}", "See docs/models.md for what an experiment.yaml holds")
