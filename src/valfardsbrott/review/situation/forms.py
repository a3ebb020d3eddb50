"""The document written down: tagged PDF, Word, every table as CSV and JSON. The same document gives the same bytes."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from valfardsbrott.domain import cell
from valfardsbrott.review.pack.archive import zipped

_TEMPLATE = Path(__file__).with_name("document.typ")
FORMS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
    "json": "application/json",
}


def name_of(document: Mapping[str, Any]) -> str:
    """What its files are called, without ending."""
    first, last = document["period"]
    return f"lagesbild-{first}-{last}-{document['number']}" + ("-utkast" if document["draft"] else "")


def written(document: Mapping[str, Any], form: str) -> bytes:
    """The bytes of one of `FORMS`; ``zip`` holds every table as CSV and JSON."""
    from valfardsbrott.review.situation.word import word

    if form == "pdf":
        return pdf(document)
    if form == "docx":
        return word(document)
    return zipped(tables(document)) if form == "zip" else as_json(document)


def files(document: Mapping[str, Any]) -> dict[str, bytes]:
    """All that the command writes: the document in both forms, and each table by itself."""
    name = name_of(document)
    made = {f"{name}.{form}": written(document, form) for form in ("pdf", "docx", "json")}
    return made | {f"{name}-tabeller/{table}": data for table, data in tables(document).items()}


def pdf(document: Mapping[str, Any]) -> bytes:
    """Tagged PDF/UA-1, from the typesetter's own fonts."""
    made = compiled(document, "pdf")
    assert isinstance(made, bytes)  # noqa: S101 - one document, not a list of pages
    return made


def pages(document: Mapping[str, Any], ppi: float = 80) -> list[bytes]:
    """Each page as PNG, to look at."""
    made = compiled(document, "png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def compiled(document: Mapping[str, Any], form: Literal["pdf", "png"], ppi: float | None = None) -> bytes | list[bytes]:
    import typst

    logo = document["logo"]
    data = {**document, "logo": {**logo, "data": list(base64.b64decode(logo["data"]))} if logo else None}
    made = dt.datetime.fromisoformat(document["made_on"]).replace(tzinfo=dt.UTC)
    found: bytes | list[bytes] = typst.compile(
        str(_TEMPLATE),
        format=form,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        ignore_system_fonts=True,
        timestamp=int(made.timestamp()),
        ppi=ppi,
        pdf_standards="ua-1" if form == "pdf" else [],
    )
    return found


def tables(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Every table by file name, raw values, ".." where held back; CSV as Swedish spreadsheets read it."""
    made: dict[str, bytes] = {}
    for block in document["blocks"]:
        if block["is"] == "table":
            out = io.StringIO()
            writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
            writer.writerow(block["columns"])
            writer.writerows([cell(value) for value in row] for row in block["rows"])
            made[f"{block['key']}.csv"] = out.getvalue().encode("utf-8-sig")
            kept = {name: block[name] for name in ("key", "caption", "columns", "units", "rows")}
            made[f"{block['key']}.json"] = _json({**kept, "made_on": document["made_on"], "period": document["period"]})
    return made


def as_json(document: Mapping[str, Any]) -> bytes:
    return _json({**document, "logo": None})


def picture_png(svg: str, ppi: float = 160) -> bytes:
    """A drawing as PNG, for programs that cannot show SVG."""
    import typst

    source = (
        b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg", width: 15cm)'
    )
    made = typst.compile(source, format="png", ppi=ppi, sys_inputs={"svg": svg}, ignore_system_fonts=True)
    assert isinstance(made, bytes)  # noqa: S101 - one page
    return made


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
