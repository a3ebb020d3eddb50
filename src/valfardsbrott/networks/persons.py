"""How a person is told from a company among the ids of a network."""

from __future__ import annotations

import re

#: As sources.pseudonyms makes them.
PSEUDONYM = r"p[0-9a-f]{32}"


def is_pseudonym(node_id: str) -> bool:
    """Whether the id is a person's: also that of a provider who is a sole trader."""
    return re.fullmatch(PSEUDONYM, node_id) is not None
