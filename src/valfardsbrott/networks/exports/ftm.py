"""FollowTheMoney entities as JSON lines, for Aleph and OpenSanctions' tools.

A link is an entity of its own with its days: Ownership, Directorship, Employment, or UnknownLink where none of them
fits. What has no schema (a phone, a device) is a link between each two of the providers that share it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from itertools import combinations

from valfardsbrott.networks.exports.content import Content, Link, Node

Properties = dict[str, list[str]]
#: The roles of a register that say that somebody owns; all others lead.
OWNING_ROLES = ("beneficial_owner",)


def write(content: Content) -> str:
    """A line for each entity, sorted by id; the same node has the same id in every export."""
    entities = {entity["id"]: entity for entity in _entities(content)}
    lines = (json.dumps(entity, ensure_ascii=False, sort_keys=True) for _, entity in sorted(entities.items()))
    return "".join(f"{line}\n" for line in lines)


def _entities(content: Content) -> Iterator[dict[str, object]]:
    nodes = {node.key: node for node in content.nodes}
    things = {key: thing for key, node in nodes.items() if (thing := _thing(node))}
    for key, (schema, properties) in things.items():
        yield _entity(key, schema, properties)
    loose: dict[tuple[str, str], list[Link]] = {}
    for link in content.links:
        if link.target in things:
            yield from _relations(link, things[link.source][0], things[link.target][0])
        else:
            loose.setdefault((link.target, link.link_type), []).append(link)
    for (target, _), sharing in loose.items():
        for one, other in combinations(sharing, 2):
            if one.source != other.source:
                yield _shared(one, other, nodes[target])


def _thing(node: Node) -> tuple[str, Properties] | None:
    """The schema and properties of a node; None for what FollowTheMoney has no schema for."""
    if node.key.startswith("person:"):
        return "Person", {"name": [node.node_id]}
    if node.node_type == "provider":
        return "Company", {"name": [node.label], "registrationNumber": [node.node_id], "jurisdiction": ["se"]}
    if node.node_type == "address":
        return "Address", {"full": [node.label], "country": ["se"]}
    if node.node_type == "account":
        return "BankAccount", {"name": [node.node_id], "accountNumber": [node.node_id]}
    return None


def _relations(link: Link, source: str, target: str) -> Iterator[dict[str, object]]:
    """Schemas that only a company or a person may be an end of are used for these only."""
    company = source == "Company"
    if link.link_type == "account" and target == "BankAccount":
        yield _interest(link, "Ownership", "owner", "asset", [link.link_type])
    elif link.link_type in ("staff", "overlap") and company and target == "Person":
        yield _interest(link, "Employment", "employer", "employee", [link.link_type])
    elif link.link_type == "payments" and company and target in ("Company", "Person"):
        yield _interest(link, "Payment", "payer", "beneficiary", [link.link_type])
    elif link.link_type == "owner" and company:
        owning = [role for role in link.roles if role in OWNING_ROLES]
        leading = [role for role in link.roles if role not in OWNING_ROLES]
        if owning:
            yield _interest(link, "Ownership", "asset", "owner", owning)
        if leading or not owning:
            yield _interest(link, "Directorship", "organization", "director", leading or [link.link_type])
    else:
        yield _interest(link, "UnknownLink", "subject", "object", [link.link_type])


def _interest(link: Link, schema: str, source: str, target: str, roles: list[str]) -> dict[str, object]:
    ends: Properties = {source: [_id(link.source)], target: [_id(link.target)]}
    key = f"{schema} {link.source} {link.target} {link.link_type} {link.source_table}"
    return _entity(key, schema, ends | {"role": roles} | _interval([link]))


def _shared(one: Link, other: Link, node: Node) -> dict[str, object]:
    ends: Properties = {"subject": [_id(one.source)], "object": [_id(other.source)]}
    told: Properties = {"role": [one.link_type], "summary": [node.node_id]}
    key = f"shared {one.source} {other.source} {node.key} {one.link_type} {one.source_table} {other.source_table}"
    return _entity(key, "UnknownLink", ends | told | _interval([one, other]))


def _interval(links: list[Link]) -> Properties:
    """Days on which all were in force, and the source rows; no days where there was no such day."""
    start = max((link.started for link in links if link.started), default=None)
    end = min((link.ended for link in links if link.ended), default=None)
    if start and end and start > end:
        start = end = None
    rows = [f"{link.source_table} {row}".strip() for link in links for row in link.source_rows]
    found = {"startDate": _day(start), "endDate": _day(end), "recordId": rows}
    return {name: values for name, values in found.items() if values}


def _day(day: dt.date | None) -> list[str]:
    return [day.isoformat()] if day else []


def _entity(key: str, schema: str, properties: Properties) -> dict[str, object]:
    listed = {name: sorted(set(values)) for name, values in properties.items()}
    return {"id": _id(key), "schema": schema, "properties": listed}


def _id(key: str) -> str:
    """Letters, digits and a hyphen only, whatever the key holds."""
    return f"vfb-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
