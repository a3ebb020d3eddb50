"""The document as a Word file, with the styles that a screen reader finds its way by."""

from __future__ import annotations

import base64
import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from valfardsbrott.review.pack.archive import zipped
from valfardsbrott.review.situation import forms

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table

_LANGUAGES = {"sv": "sv-SE", "en": "en-GB"}


def word(document: Mapping[str, Any]) -> bytes:
    """The same blocks as the PDF: headings, lists, tables with a header row, pictures with their text."""
    import docx
    from docx.shared import Cm, Pt

    made = docx.Document()
    for section in made.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
    made.styles["Normal"].font.size = Pt(10.5)
    _language(made, _LANGUAGES[document["language"]])
    _facts(made, document)
    _front(made, document)
    near = ""
    for block in document["blocks"]:
        near = block["text"] if block["is"] == "heading" else near
        _block(made, block, near)
    out = io.BytesIO()
    made.save(out)
    return _same_bytes(out.getvalue())


def _front(made: Document, document: Mapping[str, Any]) -> None:
    from docx.shared import Cm

    logo = document["logo"]
    if logo:
        data = base64.b64decode(logo["data"])
        png = forms.picture_png(data.decode("utf-8")) if logo["kind"] == "svg" else data
        made.add_picture(io.BytesIO(png), height=Cm(2))
        _alt(made, logo["text"])
    if document["draft"]:
        made.add_paragraph(document["draft"], style="Intense Quote")
    made.add_paragraph(document["title"], style="Title")
    made.add_paragraph(document["subtitle"], style="Subtitle")
    for told in (document["city"], document["edition"], document["decided"]):
        if told:
            made.add_paragraph(told)


def _block(made: Document, block: Mapping[str, Any], near: str) -> None:
    """``near``: the last heading; a table's caption that says the same is not said again."""
    from docx.shared import Cm

    if block["is"] == "heading":
        made.add_heading(block["text"], block["level"])
    elif block["is"] == "text":
        made.add_paragraph(block["text"])
    elif block["is"] == "list":
        for item in block["items"]:
            made.add_paragraph(item, style="List Bullet")
    elif block["is"] == "picture":
        made.add_picture(io.BytesIO(forms.picture_png(block["svg"])), width=Cm(15))
        _alt(made, block["alt"])
    else:
        if not near.endswith(block["caption"]):
            made.add_paragraph(block["caption"], style="Caption")
        _table(made, block)


def _table(made: Document, block: Mapping[str, Any]) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    drawn = made.add_table(rows=1 + len(block["cells"]), cols=len(block["columns"]), style="Light Grid Accent 1")
    for at, row in enumerate([block["columns"], *block["cells"]]):
        for place, (told, unit) in enumerate(zip(row, block["units"], strict=True)):
            paragraph = drawn.cell(at, place).paragraphs[0]
            run = paragraph.add_run(told)
            run.font.size, run.bold = Pt(8.5), at == 0
            if unit != "text":
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _header(drawn)
    made.add_paragraph()


def _header(drawn: Table) -> None:
    """The first row is the header: repeated on every page and read before each cell."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties: Any = drawn.rows[0]._tr.get_or_add_trPr()
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    properties.append(mark)


def _alt(made: Document, told: str) -> None:
    """What the picture that was added last shows, in words."""
    made.inline_shapes[len(made.inline_shapes) - 1]._inline.docPr.set("descr", told)


def _language(made: Document, code: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run = made.styles["Normal"].element.get_or_add_rPr()
    mark = OxmlElement("w:lang")
    mark.set(qn("w:val"), code)
    run.append(mark)


def _facts(made: Document, document: Mapping[str, Any]) -> None:
    """Title, author and dates; the clock's time is nowhere."""
    at = dt.datetime.fromisoformat(document["made_on"])
    about = made.core_properties
    about.title, about.author = f"{document['title']} {document['subtitle']}", document["city"]
    about.language, about.comments, about.last_modified_by = _LANGUAGES[document["language"]], "", ""
    about.created, about.modified = at, at


def _same_bytes(data: bytes) -> bytes:
    """The package's parts again, without the times at which they were written."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist()})
