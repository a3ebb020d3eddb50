"""The pack's document: one structure, written as JSON for machines and typeset as an accessible PDF for people.

Text reaches the typesetter as data, never as markup: nothing that a case holds can run there.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from valfardsbrott.review import statutes
from valfardsbrott.review.pack.content import Content, Language, Reason, Rows

_HERE = Path(__file__).parent
#: Rows shown in print; all of them are in the pack's csv files.
SHOWN_ROWS, SHOWN_COLUMNS = 12, 6


@cache
def words(language: str) -> Mapping[str, str]:
    """The document's fixed words in ``sv`` or ``en``."""
    both = yaml.safe_load((_HERE / "words.yaml").read_text(encoding="utf-8"))
    return {key: value[language] for key, value in both.items()}


def as_json(content: Content) -> dict[str, Any]:
    """What the pack says, for machines: the case, the ground, each figure with words, SQL, rows and provenance."""
    request, flag = content.request, content.flag
    return {
        "case": request.case_number,
        "name": request.name,
        "entity_type": request.entity_type,
        "entity_id": request.entity_id,
        "month": request.month,
        "made_on": request.made_on,
        "facts": [{"label": label, "text": text} for label, text in request.facts],
        "categories": list(request.categories),
        "score": flag["score"],
        "p_value": flag["p_value"],
        "amount_at_risk_sek": flag["amount_at_risk_sek"],
        "reasons": [_reason(reason, request.language) for reason in content.reasons],
        "notes": [vars(note) for note in request.notes],
        "run": {name: content.run.get(name) for name in _RUN},
        "input_files": content.run.get("input_files", {}),
    }


_RUN = ("run_id", "month", "input_fingerprint", "code", "model", "feature_fingerprint", "seed", "purpose")


def pdf(content: Content, hashes: Mapping[str, str]) -> bytes:
    """The document as tagged PDF (PDF/UA-1 where the typesetter can), same bytes for the same content."""
    import typst

    language = content.request.language
    data = as_json(content) | {
        "words": dict(words(language)),
        "language": language,
        "category_words": [statutes.load().categories[name][language] for name in content.request.categories],
        "reasons": [_printed(one) for one in as_json(content)["reasons"]],
        "tables": [_table(rows) for reason in content.reasons for rows in reason.rows],
        "held_back": sum(rows.held_back for reason in content.reasons for rows in reason.rows),
        "run_facts": [[name, _short(value)] for name, value in as_json(content)["run"].items()],
        "files": [[name, digest] for name, digest in sorted(hashes.items())],
        "sources": sorted(content.run.get("input_files", {}).items()),
    }
    made = dt.datetime.fromisoformat(content.request.made_on or "1980-01-01").replace(tzinfo=dt.UTC)
    written = typst.compile(
        str(_HERE / "document.typ"),
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, default=str)},
        pdf_standards="ua-1",
        timestamp=int(made.timestamp()),
    )
    assert isinstance(written, bytes)  # noqa: S101 - one document, not a list of pages
    return written


def _reason(reason: Reason, language: Language) -> dict[str, Any]:
    feature = reason.feature
    return {
        "feature": reason.published["feature"],
        "label": feature.label[language] if feature else words(language)["network"],
        "value": reason.published["value"],
        "peer_median": reason.published["peer_median"],
        "unit": feature.unit if feature else None,
        "text": reason.published[f"text_{language}"],
        "innocent": feature.innocent[language] if feature else "",
        "check": feature.check[language] if feature else "",
        "legal_basis": feature.legal_basis if feature else "",
        "sql": list(reason.sql_files),
        "rows": [
            {"org_number": rows.org_number, "count": len(rows.rows), "held_back": rows.held_back}
            for rows in reason.rows
        ],
    }


def _printed(reason: dict[str, Any]) -> dict[str, Any]:
    """A reason in print: an explanation that its text already gives is not said twice."""
    return reason | {key: "" if reason[key] in reason["text"] else reason[key] for key in ("innocent", "check")}


def _table(rows: Rows) -> dict[str, Any]:
    last = [name for name in ("source_table", "source_row_id") if name in rows.columns]
    first = [name for name in rows.columns if name not in last][: SHOWN_COLUMNS - len(last)]
    picked = [rows.columns.index(name) for name in (*first, *last)]
    return {
        "feature": rows.feature,
        "org_number": rows.org_number,
        "columns": [*first, *last],
        "rows": [[_short(row[at]) for at in picked] for row in rows.rows[:SHOWN_ROWS]],
        "count": len(rows.rows),
        "held_back": rows.held_back,
    }


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_short(one)}" for key, one in value.items() if key not in {"sv", "en"})
    return "" if value is None else str(value)
