"""The document's first part: the picture in figures, tables, drawings and maps, and what it cannot tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from valfardsbrott.review.situation import drawing, maps
from valfardsbrott.review.situation.blocks import Block, heading, items, picture, table, text
from valfardsbrott.review.situation.config import MapConfig
from valfardsbrott.review.situation.figures import AMOUNTS, BREAKDOWNS, COUNTS, Publication
from valfardsbrott.review.situation.picture import publication
from valfardsbrott.wording import Language

#: What is in a table of its own: what its name ends in -> the unit and the measures.
_KINDS = {"": ("count", COUNTS), "_amounts": ("ore", tuple(AMOUNTS))}
#: Measures that are drawn as maps.
_MAPPED = ("flagged", "confirmed")


def blocks(figures: dict[str, Any], drawn: MapConfig | None, words: Language) -> list[Block]:
    shown = publication(figures)
    return [
        heading(1, words.text("picture.picture")),
        *_summary(shown, words),
        *(block for breakdown in BREAKDOWNS for block in _breakdown(breakdown, shown, figures, drawn, words)),
        *_prevalence(figures, words),
        *_several("scheme", shown, words),
        *_missed(shown, words),
        *_untold(figures["untold"], words),
    ]


def history(periods: Sequence[dict[str, Any]], words: Language) -> list[Block]:
    """The whole city's figures period by period, as each was published; nothing where there is one alone."""
    if len(periods) < 2:
        return []
    caption = words.text("picture.history")
    made = [heading(2, caption)]
    for kind, (unit, measures) in _KINDS.items():
        columns = [(words.text("picture.columns.part"), "text")]
        columns += [(words.text(f"figure.{measure}"), unit) for measure in measures]
        rows = [["–".join(one["period"]), *(publication(one).get(name) for name in measures)] for one in periods]
        told = f"{caption}: {words.text('picture.amounts').lower()}" if kind else caption
        made.append(table(f"history{kind}", told, columns, rows, words))
    return made


def factors(figures: dict[str, Any], words: Language) -> list[Block]:
    """Enabling factors of confirmed cases, for the analysis of causes."""
    return _several("factor", publication(figures), words)


def name_of(breakdown: str, category: str, figures: dict[str, Any], words: Language) -> str:
    """A category in words: a board's name, a service, a way of selection; else as it is."""
    if breakdown == "board":
        return str(
            figures["boards"].get(category, category if category != "unknown" else words.text("plan_word.unknown"))
        )
    if breakdown == "service":
        return words.word("service", category)
    if breakdown == "arm":
        return words.text(f"plan_word.arm_of.{category}")
    return words.text("plan_word.unknown") if category == "unknown" else category


def _summary(shown: Publication, words: Language) -> list[Block]:
    columns = [(words.text("picture.columns.measure"), "text"), (words.text("picture.columns.value"), "count")]
    counts = [[words.text(f"figure.{name}"), shown.get(name)] for name in COUNTS]
    amounts = [[words.text(f"figure.{name}"), shown.get(name)] for name in AMOUNTS]
    caption = words.text("picture.summary")
    money = [(columns[0][0], "text"), (columns[1][0], "ore")]
    return [
        heading(2, caption),
        text(words.text("picture.summary_text")),
        table("summary", caption, columns, counts, words),
        table("summary_amounts", words.text("picture.amounts"), money, amounts, words),
    ]


def _breakdown(
    breakdown: str, shown: Publication, figures: dict[str, Any], drawn: MapConfig | None, words: Language
) -> list[Block]:
    title = words.text("picture.development" if breakdown == "part" else f"picture.by_{breakdown}")
    categories = shown.categories[breakdown]
    names = [name_of(breakdown, category, figures, words) for category in categories]
    made = [heading(2, title)]
    for kind, (unit, measures) in _KINDS.items():
        columns = [(words.text(f"picture.columns.{breakdown}"), "text")]
        columns += [(words.text(f"figure.{measure}"), unit) for measure in measures]
        rows: list[Sequence[Any]] = [
            [name, *(shown.get(measure, breakdown, category) for measure in measures)]
            for name, category in zip(names, categories, strict=True)
        ]
        rows.append([words.text("picture.total"), *(shown.get(measure) for measure in measures)])
        caption = f"{title}: {words.text('picture.amounts').lower()}" if kind else title
        made.append(table(f"by_{breakdown}{kind}", caption, columns, rows, words))
    if breakdown == "part":
        made.append(_bars(shown, categories, words))
    if breakdown == "district" and drawn is not None:
        made += _maps(shown, categories, drawn, words)
    return made


def _bars(shown: Publication, parts: Sequence[str], words: Language) -> Block:
    series = [(words.text(f"figure.{name}"), [shown.get(name, "part", part) for part in parts]) for name in COUNTS]
    told = words.text("picture.bars_alt", measures=", ".join(label for label, _ in series))
    return picture("development", drawing.bars(parts, series, told), told)


def _maps(shown: Publication, districts: Sequence[str], config: MapConfig, words: Language) -> list[Block]:
    areas = maps.read(config)
    told = {"hidden": words.text("picture.map_hidden"), "outside": words.text("picture.map_outside")}
    made: list[Block] = [text(words.text("picture.map_text"))]
    unmatched: tuple[str, ...] = ()
    for measure in _MAPPED:
        label = words.text(f"figure.{measure}")
        values = {district: shown.get(measure, "district", district) for district in districts if district != "unknown"}
        alt = words.text("picture.map_alt", measure=label)
        map_ = maps.draw(areas, values, config, alt, told)
        unmatched = map_.unmatched
        made += [heading(3, words.text("picture.map_title", measure=label)), picture(f"map_{measure}", map_.svg, alt)]
    return made + ([text(words.text("picture.map_unmatched", names=", ".join(unmatched)))] if unmatched else [])


def _prevalence(figures: dict[str, Any], words: Language) -> list[Block]:
    found = figures["prevalence"]
    share = {name: words.value(found[name], "share") for name in ("share", "low", "high")}
    if found["share"] is not None:
        told = words.text("picture.prevalence_share", decided=found["decided"], confirmed=found["confirmed"], **share)
    elif found["high"] is not None:
        least = figures["limits"]["providers"]
        told = words.text("picture.prevalence_few", decided=found["decided"], least=least, high=share["high"])
    else:
        told = words.text("picture.prevalence_none")
    return [
        heading(2, words.text("picture.prevalence")),
        text(words.text("picture.prevalence_text")),
        text(told),
        text(words.text("picture.prevalence_how")),
    ]


def _several(breakdown: str, shown: Publication, words: Language) -> list[Block]:
    """Confirmed providers and amounts by scheme or factor: those that occurred, and those whose number is held back."""
    rows = []
    for category in shown.categories[breakdown]:
        value = shown.get(breakdown, breakdown, category)
        if value != 0:
            name = words.text("plan_word.none") if category == "none" else words.word(breakdown, category)
            rows.append([name, value, shown.get(f"amount_{breakdown}", breakdown, category)])
    caption = words.text(f"picture.by_{breakdown}")
    columns = [
        (words.text(f"picture.columns.{breakdown}"), "text"),
        (words.text("picture.columns.confirmed"), "count"),
        (words.text("figure.amount_confirmed"), "ore"),
    ]
    made = [heading(2, caption)]
    if breakdown == "scheme":
        made.append(text(words.text("picture.scheme_text")))
    return [*made, table(f"by_{breakdown}", caption, columns, rows, words)]


def _missed(shown: Publication, words: Language) -> list[Block]:
    caption = words.text("picture.missed")
    columns = [(words.text("picture.columns.way"), "text"), (words.text("picture.columns.providers"), "count")]
    rows = [[words.text(f"plan_word.way.{way}"), shown.get("missed", "way", way)] for way in shown.categories["way"]]
    return [
        heading(2, caption),
        text(words.text("picture.missed_text")),
        table("missed", caption, columns, rows, words),
    ]


def _untold(found: dict[str, Any], words: Language) -> list[Block]:
    told = [words.text(f"picture.untold_list.{name}") for name in ("cause", "loss", "dark")]
    if found["missing_months"]:
        told.append(words.text("picture.untold_list.months", months=", ".join(found["missing_months"])))
    else:
        told.append(words.text("picture.untold_list.all_months"))
    if found["few_control"]:
        told.append(words.text("picture.untold_list.control"))
    if found["unknown_recipients"]:
        told.append(
            words.text("picture.untold_list.recipients", count=found["unknown_recipients"], of=found["providers"])
        )
    if found["no_scheme"]:
        told.append(words.text("picture.untold_list.scheme", count=found["no_scheme"]))
    return [heading(2, words.text("picture.untold")), items(told)]
