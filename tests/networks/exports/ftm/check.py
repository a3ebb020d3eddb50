"""Reads FollowTheMoney entities (JSON lines) and says on stdout, as JSON, what its own library finds wrong with them.

A process of its own, with the library's folder first on the path: see requirements.in.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from followthemoney import model  # type: ignore[import-not-found,unused-ignore]
from followthemoney.exc import InvalidData  # type: ignore[import-not-found,unused-ignore]


def wrong(entity: dict[str, Any]) -> str:
    """What is wrong with an entity: its schema's rules, or values that the library throws away; nothing is ''."""
    try:
        schema = model.get(entity["schema"])
        if schema is None:
            return f"no schema {entity['schema']}"
        schema.validate(entity)
        kept = model.get_proxy(entity, cleaned=False).to_dict()["properties"]
    except InvalidData as error:
        return f"{error}: {error.errors}"
    given = {name: sorted(values) for name, values in entity["properties"].items()}
    lost = [name for name in given if sorted(kept.get(name, [])) != given[name]]
    return f"thrown away: {', '.join(lost)}" if lost else ""


found = {entity["id"]: wrong(entity) for entity in map(json.loads, sys.stdin)}
sys.stdout.write(json.dumps({key: text for key, text in found.items() if text}))
