"""The document's second part: causes, boards beside one another, measures, indicators, cooperation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from valfardsbrott.review import statutes
from valfardsbrott.review.models import PlanEntry, PlanVersion
from valfardsbrott.review.situation import indicators
from valfardsbrott.review.situation.blocks import ABSENT, Block, heading, shown, table, text
from valfardsbrott.review.situation.boards import MONEY
from valfardsbrott.review.situation.kinds import KINDS, Field
from valfardsbrott.review.situation.picture import publication
from valfardsbrott.review.situation.picture_part import factors, name_of
from valfardsbrott.wording import Language

Plan = Mapping[str, Sequence[PlanEntry]]


def blocks(figures: dict[str, Any], plan: Plan, words: Language) -> list[Block]:
    """``plan``: entries with an approved version, by kind."""
    return [
        *_causes(figures, plan["cause"], words),
        *_compared(figures, words),
        *_measures(figures, plan["measure"], words),
        *_indicators(figures, plan, words),
        *_cooperation(figures, plan["agreement"], words),
    ]


def told(field: Field, value: Any, words: Language) -> str:
    """A field's value in words."""
    if isinstance(value, list):
        return "; ".join(_chosen(field, one, words) for one in value)
    return _chosen(field, value, words)


def _chosen(field: Field, value: Any, words: Language) -> str:
    if field.group == "cause":
        return words.word("scheme" if value.startswith("S") else "factor", value)
    if field.group == "figure":
        return words.text(f"figure.{value}")
    return words.text(f"plan_word.{field.group}.{value}") if field.group else str(value)


def _causes(figures: dict[str, Any], entries: Sequence[PlanEntry], words: Language) -> list[Block]:
    made = [
        heading(1, words.text("picture.causes")),
        text(words.text("picture.causes_text")),
        *factors(figures, words),
    ]
    for version in _approved(entries):
        content, about = version.content, KINDS["cause"].fields[0]
        step = words.text(f"plan_word.chain.{content['stopped_at']}")
        made += [
            heading(2, told(about, content["about"], words)),
            *(text(part) for part in content["text"].split("\n\n")),
            text(words.text("picture.stopped_at", step=step)),
            text(words.text("picture.sources", sources="; ".join(content["sources"])) + " " + _version(version, words)),
        ]
    return made if entries else [*made, text(words.text("picture.no_causes"))]


def _compared(figures: dict[str, Any], words: Language) -> list[Block]:
    return [
        heading(1, words.text("picture.compared")),
        text(words.text("picture.compared_text")),
        heading(2, words.text("picture.money")),
        _money(figures, words),
        heading(2, words.text("picture.terms")),
        _terms(figures, words),
        heading(2, words.text("picture.work_list")),
        work_list(figures, words),
    ]


def _money(figures: dict[str, Any], words: Language) -> Block:
    published, visits = publication(figures), figures["follow_ups"]
    columns = [(words.text("picture.columns.board"), "text")]
    columns += [(words.text(f"figure.{name}"), "ore") for name in MONEY]
    columns += [(words.text(f"picture.columns.{name}"), "count") for name in ("follow_ups", "unannounced")]
    columns += [(words.text("picture.columns.followed_share"), "share")]
    rows = []
    for board in (*published.categories["board"], ""):
        place = ("board", board) if board else ("total", "")
        if ("paid", *place) not in published.keys:
            continue
        name = name_of("board", board, figures, words) if board else words.text("picture.total")
        of = [visits[board]] if board in visits else [] if board else list(visits.values())
        paid = published.get("paid", *place)
        counts = [sum(one[each] for one in of) for each in ("count", "unannounced")]
        share = figures["computed"]["followed_share"].get(board)
        money = [published.get(each, *place) for each in MONEY]
        rows.append([name, *money, *(counts if paid is not None else [None, None]), ABSENT if paid == 0 else share])
    return table("boards_money", words.text("picture.money"), columns, rows, words)


def _terms(figures: dict[str, Any], words: Language) -> Block:
    """By service: how far the boards' median prices lie apart, and how many contracts have no ceiling."""
    names = ("service", "boards", "contracts", "lowest", "highest", "no_ceiling")
    units = ("text", "count", "count", "sek", "sek", "share")
    columns = [(words.text(f"picture.columns.{name}"), unit) for name, unit in zip(names, units, strict=True)]
    rows = []
    for service in sorted({one["service"] for one in figures["terms"]}):
        of = [one for one in figures["terms"] if one["service"] == service]
        prices = [one["price_ore"] / 100 for one in of if one["price_ore"] is not None] or [ABSENT]
        contracts = sum(one["contracts"] for one in of)
        lacking = sum(one["no_ceiling"] * one["contracts"] for one in of) / contracts
        rows.append([words.word("service", service), len(of), contracts, min(prices), max(prices), lacking])
    return table("boards_terms", words.text("picture.terms"), columns, rows, words)


def work_list(figures: dict[str, Any], words: Language) -> Block:
    """Where boards stand out; a text where none does."""
    if not figures["deviations"]:
        return text(words.text("picture.no_deviations"))
    columns = [(words.text(f"picture.columns.{name}"), "text") for name in ("board", "what", "own", "others")]
    rows = []
    for one in figures["deviations"]:
        price = one["kind"] == "price"
        what = words.text(f"plan_word.deviation.{one['kind']}")
        service = f" ({words.word('service', one['service'])})" if one["service"] else ""
        values = [one["own"] / 100, one["others"] / 100] if price else [one["own"], one["others"]]
        cells = [shown(value, "sek" if price else "share", words) for value in values]
        rows.append([name_of("board", one["board"], figures, words), what + service, *cells])
    return table("work_list", words.text("picture.work_list"), columns, rows, words)


def _measures(figures: dict[str, Any], entries: Sequence[PlanEntry], words: Language) -> list[Block]:
    made = [heading(1, words.text("picture.plan"))]
    for number, version in enumerate(_approved(entries), 1):
        board = version.entry.board_id
        who = name_of("board", board, figures, words) if board else words.text("plan_word.city")
        rows = [[words.text("plan_word.field.board"), who]]
        rows += [
            [words.text(f"plan_word.field.{field.name}"), told(field, version.content[field.name], words)]
            for field in KINDS["measure"].fields
            if field.name != "title" and field.name in version.content
        ]
        columns = [(words.text(f"picture.columns.{name}"), "text") for name in ("field", "text")]
        title = version.content["title"]
        made += [
            heading(2, f"{number}. {title}"),
            table(f"measure_{number}", title, columns, rows, words),
            text(_version(version, words)),
        ]
    return made if entries else [*made, text(words.text("picture.no_measures"))]


def _indicators(figures: dict[str, Any], plan: Plan, words: Language) -> list[Block]:
    made = [heading(1, words.text("picture.indicators"))]
    years = sorted({version.content["year"] for version in _approved(plan["target"])})
    for version in _approved(plan["indicator"]):
        for year in years:
            made += _answers(version, year, figures, plan, words)
    return made if len(made) > 1 else [*made, text(words.text("picture.no_indicators"))]


def _answers(version: PlanVersion, year: int, figures: dict[str, Any], plan: Plan, words: Language) -> list[Block]:
    """One indicator in one year, board by board; nothing where nobody has a target for it."""
    code, content = version.entry.code, version.content
    targets, outcomes = (_of(plan[kind], f"{code}/{year}") for kind in ("target", "outcome"))
    if not targets:
        return []
    last = int(figures["period"][1][:4])
    values = _computed(content.get("computed", ""), figures, plan) if year == last else {}
    boards = [board for board in figures["boards"] if board]
    found = indicators.answers(content, targets, outcomes, values, boards)
    names = ("board", "target", "outcome", "fulfilment", "source")
    columns = [(words.text(f"picture.columns.{name}"), "text") for name in names]
    rows = [_row(one, content["unit"], figures, words) for one in found]
    title = words.text("picture.indicator_year", title=content["title"], year=year)
    silent = [row[0] for row, one in zip(rows, found, strict=True) if one.board and one.value is None]
    return [
        heading(2, title),
        text(content["definition"]),
        table(f"indicator_{_plain(code)}_{year}", title, columns, rows, words),
        text(
            words.text("picture.unanswered", boards=", ".join(silent)) if silent else words.text("picture.all_answered")
        ),
    ]


def _row(one: indicators.Answer, unit: str, figures: dict[str, Any], words: Language) -> list[str]:
    name = name_of("board", one.board, figures, words) if one.board else words.text("picture.total")
    values = [ABSENT if value is None else shown(value, unit, words) for value in (one.target, one.value)]
    source = words.text("plan_word.computed_source") if one.source == "computed" else one.source
    return [
        name,
        *values,
        words.text(f"plan_word.fulfilment.{one.fulfilment}"),
        f"{source} ({one.comment})" if one.comment else source or ABSENT,
    ]


def _computed(code: str, figures: dict[str, Any], plan: Plan) -> Mapping[str, float | None]:
    if code == "measures_done":
        return indicators.measures_done(plan["measure"])
    found: Mapping[str, float | None] = figures["computed"].get(code, {})
    return found


def _cooperation(figures: dict[str, Any], entries: Sequence[PlanEntry], words: Language) -> list[Block]:
    published, days = publication(figures), figures["computed"]["answer_days"][""]
    made = [heading(1, words.text("picture.cooperation")), text(words.text("picture.cooperation_text"))]
    if published.get("sent") == 0:
        made.append(text(words.text("picture.nothing_sent")))
    else:
        made += [_handed_over("recipient", figures, words), _handed_over("statute", figures, words)]
        key = "picture.answer_days" if days is not None else "picture.no_answer_days"
        made.append(text(words.text(key, days=words.number(days or 0))))
    made.append(heading(2, words.text("picture.agreements")))
    fields = [field for field in KINDS["agreement"].fields if field.name != "sources"]
    columns = [(words.text(f"plan_word.field.{field.name}"), "text") for field in fields]
    rows = [
        [told(field, one.content[field.name], words) if field.name in one.content else ABSENT for field in fields]
        for one in _approved(entries)
    ]
    none = words.text("picture.no_agreements")
    return [*made, table("agreements", words.text("picture.agreements"), columns, rows, words) if rows else text(none)]


def _handed_over(breakdown: str, figures: dict[str, Any], words: Language) -> Block:
    published = publication(figures)
    laws = {one.id: one.law[words.code] for one in statutes.load().statutes}
    columns = [(words.text(f"picture.columns.{breakdown}"), "text")]
    columns += [(words.text(f"figure.{name}"), "count") for name in ("sent", "answered")]
    rows = []
    for category in published.categories[breakdown]:
        name = (
            laws.get(category, category) if breakdown == "statute" else words.text(f"plan_word.counterpart.{category}")
        )
        rows.append([name, *(published.get(each, breakdown, category) for each in ("sent", "answered"))])
    rows.append([words.text("picture.total"), published.get("sent"), published.get("answered")])
    return table(f"by_{breakdown}", words.text(f"picture.by_{breakdown}"), columns, rows, words)


def _approved(entries: Sequence[PlanEntry]) -> list[PlanVersion]:
    return [one.standing for one in entries if one.standing is not None]


def _of(entries: Sequence[PlanEntry], code: str) -> dict[str, dict[str, Any]]:
    """Contents of the entries of one code, by board; "" is the whole city."""
    return {one.board_id or "": one.standing.content for one in entries if one.code == code and one.standing}


def _version(version: PlanVersion, words: Language) -> str:
    day = version.decided_at.date().isoformat() if version.decided_at else ABSENT
    return words.text("picture.version", number=version.number, day=day)


def _plain(code: str) -> str:
    """A code as part of a file's name."""
    return "".join(mark if mark.isalnum() else "_" for mark in code.casefold())
