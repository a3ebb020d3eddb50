"""A network's months and its known cases, told line by line: for the report and for the command line alike."""

from __future__ import annotations

from collections.abc import Iterator

from valfardsbrott.networks.exports.content import named_homes
from valfardsbrott.stages.language import Language
from valfardsbrott.stages.result import Network, Result

#: Source rows that a link shows on a page; the published file has up to twenty.
ROWS = 3


def story(network: Network, result: Result, words: Language) -> tuple[str, ...]:
    """Its months, then its known cases."""
    return (*months(network, result, words), *leads(network, result, words))


def months(network: Network, result: Result, words: Language) -> Iterator[str]:
    """A line for each month that the network was looked for: what happened to it, who came and who went."""
    for row in network.timeline:
        said = words.text(
            "history.month", month=row["month"], event=words.word("event", row["event"]), count=row["n_providers"]
        )
        for key in ("gained", "lost"):
            names = ", ".join(result.name(org) for org in row[key])
            said += f" {words.text(f'history.{key}', names=names)}" if names and row["event"] != "not_seen" else ""
        if row["parents"]:
            said += f" {words.text('history.parents', names=', '.join(row['parents']))}"
        yield said


def leads(network: Network, result: Result, words: Language) -> Iterator[str]:
    """A line for each known case of a provider in it: how long before, or after, the decision it was first seen."""
    for row in network.lead_times:
        days = int(row["lead_days"])
        yield words.text(
            f"history.lead_{'before' if days >= 0 else 'after'}", name=result.name(row["org_number"]),
            outcome=words.word("outcome", row["outcome"]), date=row["decided_on"], days=words.number(abs(days)),
            month=row["first_month"],
        )  # fmt: skip


def links(network: Network, result: Result, words: Language) -> Iterator[tuple[object, ...]]:
    """Each link that counts, by type: type, provider, what it shares, first and last day, nats, source rows.

    A dwelling is numbered within the network, since its own id says where somebody lives.
    """
    homes = named_homes(network.links, words.text("history.home"))
    for name, listed in network.ties():
        for link in listed:
            rows = list(link["source_rows"] or ())
            shown = ", ".join(rows[:ROWS]) + (f" … ({len(rows)})" if len(rows) > ROWS else "")
            target = str(link["target_id"])
            value = homes.get(target) or (result.name(target) if link["node_type"] == "provider" else target)
            days = (link["first_seen"], link["last_seen"])
            yield (
                name,
                result.name(str(link["source_id"])),
                value,
                *days,
                link["weight"],
                f"{link['source_table']} {shown}",
            )
