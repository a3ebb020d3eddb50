"""The table of invoice rules in docs/invoice-rules.md, made from the rules' headers."""

from __future__ import annotations

from pathlib import Path

from valfardsbrott.rules import Rule, load_rules
from valfardsbrott.stages.workspace import replacing

BEGIN, END = "<!-- rules: made from the headers by stages/rule_table.py -->\n", "<!-- /rules -->"
_HEAD = "| rule | asks | certainty | until then | law or contract | what clears it |\n|---|---|---|---|---|---|\n"


def write(page: Path) -> None:
    """Put the table, as the headers are now, between the page's two marks."""
    with replacing(page) as temporary:
        temporary.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")


def renewed(text: str) -> str:
    """The page's text with the table made anew. ValueError where the marks are not there."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError("the page has no marks for the table of rules")
    return f"{before}{BEGIN}{table()}{END}{after}"


def table() -> str:
    """All of our rules, by name, one row a version."""
    return _HEAD + "".join(_row(rule) for rule in load_rules())


def _row(rule: Rule) -> str:
    certainty = rule.certainty + (f"; doubt when: {rule.doubt_when['en']}" if rule.doubt_when else "")
    asks = f"{rule.label['en']} [{rule.label['sv']}]"
    cells = (f"`{rule.name}`", asks, certainty, rule.severity, rule.law, rule.clears["en"])
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"
