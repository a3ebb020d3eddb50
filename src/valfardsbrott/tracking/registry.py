"""The registry: versions of the one registered model, the aliases on them, and who moved an alias and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from valfardsbrott.domain import Failure
from valfardsbrott.settings import Settings
from valfardsbrott.tracking import place
from valfardsbrott.tracking.models import REGISTERED

if TYPE_CHECKING:
    from mlflow import MlflowClient

CHAMPION, CHALLENGER = "champion", "challenger"
#: The champion's order learnt anew from decisions; it has no role that anybody promotes it to (docs/learning.md).
LEARNED = "learned"


def versions(settings: Settings) -> list[dict[str, Any]]:
    """The registered versions, newest first: version, aliases, definition, month, features and the run that made it."""
    if not place.begun(settings):
        return []
    with place.client(settings) as client:
        aliases: dict[str, list[str]] = {}
        for registered in client.search_registered_models(f"name = '{REGISTERED}'"):
            for alias, version in registered.aliases.items():
                aliases.setdefault(str(version), []).append(alias)
        rows = [
            {
                "version": int(found.version),
                "aliases": sorted(aliases.get(str(found.version), [])),
                "name": found.tags.get("definition", ""),
                "month": found.tags.get("month", ""),
                "fingerprint": found.tags.get("definition_fingerprint", ""),
                "feature_fingerprint": found.tags.get("feature_fingerprint", ""),
                "experiment": found.tags.get("experiment", ""),
                "run_id": found.tags.get("run_id", ""),
                "mlflow_run": found.run_id,
                # A database keeps the link in the source, models:/m-..., and not in a column of its own.
                "model_id": found.model_id or str(found.source).rpartition("/")[2],
                "promoted": {name: found.tags.get(f"promoted.{name}", "") for name in ("by", "why", "at")},
            }
            for found in client.search_model_versions(f"name = '{REGISTERED}'", max_results=10_000)
        ]
        return sorted(rows, key=lambda row: row["version"], reverse=True)


def register(client: MlflowClient, logged: Any, alias: str, tags: Mapping[str, str], *, card: str) -> str:
    """A new version for a logged model, with its card as description; the alias points there. Its number."""
    if not client.search_registered_models(f"name = '{REGISTERED}'"):
        client.create_registered_model(REGISTERED, description="Ranks providers for review; see models/*/CARD.md.")
    version = client.create_model_version(
        REGISTERED, logged.model_uri, run_id=logged.run_id, model_id=logged.model_id, tags=dict(tags), description=card
    )
    client.set_registered_model_alias(REGISTERED, alias, version.version)
    return str(version.version)


def point(settings: Settings, moved: Mapping[str, int], recorded: Mapping[str, str]) -> None:
    """Let each alias point at its version, and write on the version who moved it, why and when (``recorded``)."""
    with place.client(settings) as client:
        from mlflow.exceptions import MlflowException

        try:
            for alias, version in moved.items():
                client.set_registered_model_alias(REGISTERED, alias, str(version))
                for name, value in recorded.items():
                    client.set_model_version_tag(REGISTERED, str(version), f"promoted.{name}", value)
        except MlflowException as error:
            raise Failure(
                f"the registry did not take the alias: {error.message.splitlines()[0][:200]}",
                "See that the MLflow server answers and that you may write to it, and give the command again",
            ) from error
