"""What a city sets of its document: names, logo, texts, map and how small a figure may be; `situation.yaml`."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from valfardsbrott.domain import EXIT_USAGE, Failure
from valfardsbrott.review.situation.figures import Limits

_MOST_LOGO = 512 * 1024
_KINDS = {".svg": "svg", ".png": "png", ".jpg": "jpg", ".jpeg": "jpg"}


class MapConfig(BaseModel):
    """``property``: of each area, its name or code; found by itself where it is not given.

    ``areas``: the map's areas of each district, by names of the property; without it they are joined by name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Path
    property: str = ""
    areas: dict[str, list[str]] = Field(default_factory=dict)


class Config(BaseModel):
    """All of `situation.yaml`; every field may be left out. Paths are relative to the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    city: str = ""
    logo: Path | None = None
    logo_text: str = ""
    decided: str = Field(default="", description="by whom and when the document was adopted")
    foreword: list[str] = Field(default_factory=list)
    closing: list[str] = Field(default_factory=list)
    map: MapConfig | None = None
    least_providers: int = Field(default=3, ge=2)
    least_recipients: int = Field(default=5, ge=0)

    @property
    def limits(self) -> Limits:
        return Limits(self.least_providers, self.least_recipients)


def load(path: Path | None) -> Config:
    """Read the file; without one the defaults. Failure names the field that is wrong."""
    if path is None:
        return Config()
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        made = Config.model_validate(raw)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Failure(f"{path} cannot be read ({type(error).__name__})", "Is it YAML in UTF-8?", EXIT_USAGE) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise Failure(f"{path}: {where}: {first['msg']}", "docs/situation.md lists the fields", EXIT_USAGE) from None
    beside = path.resolve().parent
    drawn = made.map.model_copy(update={"file": beside / made.map.file}) if made.map else None
    return made.model_copy(update={"logo": beside / made.logo if made.logo else None, "map": drawn})


def logo_of(config: Config) -> dict[str, str] | None:
    """The logo as it is kept in a document: its kind, bytes in base64 and what it says."""
    if config.logo is None:
        return None
    kind = _KINDS.get(config.logo.suffix.lower())
    if kind is None or not config.logo.is_file() or config.logo.stat().st_size > _MOST_LOGO:
        raise Failure(f"{config.logo} is no logo", "SVG, PNG or JPEG of at most 512 KiB", EXIT_USAGE)
    data = base64.b64encode(config.logo.read_bytes()).decode("ascii")
    return {"kind": kind, "data": data, "text": config.logo_text or config.city}
