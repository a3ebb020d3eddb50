"""XML from outside, read so that a file can do no harm: no DTD, no entities, no network, bounded size and depth.

libxml2 itself stops at 256 levels, at 10 million characters in one text and at entity amplification; here the file's
size is looked at before a byte is read, and a document type declaration is refused before it is parsed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from valfardsbrott.domain import Failure

#: An invoice with its attachments. A Navet file may be of any size, for it is read one record at a time.
MAX_INVOICE_BYTES = 20_000_000
#: What a streamed file may hold between two records: far above any real one.
MAX_RECORD_BYTES = 5_000_000
_CHUNK = 1 << 16

Element = etree._Element

#: No entity is resolved, nothing is fetched, and libxml2's own limits stay on (huge_tree is off).
_SAFE: dict[str, Any] = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False,
    "remove_comments": True, "remove_pis": True,
}  # fmt: skip

#: By rule: what is wrong, what to do, and both in the few words that a quarantined row has room for.
_WORDS = {
    "xml_doctype": (
        "holds a document type declaration (DTD, entities), which no invoice or register file needs",
        "It was not read: ask the sender for a file without it, and tell whoever handles security",
        "DTD or entities: ask for a file without",
    ),
    "xml_too_large": (
        "is too large",
        "Check that it is the right file; attachments may have to be left out",
        "too large",
    ),
    "xml_too_deep": (
        "goes beyond what XML is read to (depth, length of one text)",
        "Check that it is the right file",
        "too deep or too long a text: right file?",
    ),
    "xml_truncated": (
        "ends in the middle",
        "The transfer was cut short: fetch the file again",
        "cut short: fetch the file again",
    ),
    "xml_malformed": (
        "is not well-formed XML",
        "Fetch the file again, or ask the sender to correct it",
        "not well-formed: fetch the file again",
    ),
    "xml_empty": ("is empty", "The transfer failed: fetch the file again", "empty: fetch the file again"),
    "xml_wrong_root": ("is another kind of document", "Put it in the folder of its kind", "put in another folder"),
    "xml_unreadable": (
        "cannot be opened",
        "Check that it is a file and that you may read it",
        "cannot be opened: check permissions",
    ),
}


class Refused(Failure):
    """A file that was not read.

    ``rule`` is a short name for counting, ``line`` the place (0: none), ``said`` what to do in at most 40 characters
    (and ``detail``), without the file's name.
    """

    def __init__(self, name: str, rule: str, line: int = 0, detail: str = "") -> None:
        what, advice, short = _WORDS[rule]
        place = f"{name}, line {line}" if line else name
        super().__init__(f"{place} {what}{detail}", advice)
        self.rule, self.line, self.said = rule, line, f"{short}{detail}"


def read_bytes(path: Path, name: str, limit: int = MAX_INVOICE_BYTES) -> bytes:
    """The file's bytes; one above ``limit`` is refused by its size, before it is opened."""
    try:
        size = path.stat().st_size
        if size > limit:
            raise Refused(name, "xml_too_large", detail=f" ({size / 1e6:.1f} MB; at most {limit / 1e6:.1f} MB)")
        data = path.read_bytes()
    except OSError as error:
        raise Refused(name, "xml_unreadable") from error
    if not data.strip():
        raise Refused(name, "xml_empty")
    return data


def parse(data: bytes, name: str) -> Element:
    """The root element of a document held in memory; ``name`` is what messages call the file. Raises Refused."""
    _refuse_doctype(data, name)
    try:
        # A new parser for each document: one that is shared keeps every name it has ever met.
        root: Element = etree.fromstring(data, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError as error:
        raise _refusal(error, name, data, data) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused(name, "xml_doctype")
    return root


def records(path: Path, name: str, root: str, record: str) -> Iterator[Element]:
    """Each ``record`` element below ``root``, in constant memory, whatever the file's size.

    Names are without namespace. An element is emptied when the next one is asked for. Raises Refused, also on the way:
    what came before is then no whole file, and the caller must not use it.
    """
    try:
        with path.open("rb") as stream:
            yield from _stream(stream, name, root, record)
    except OSError as error:
        raise Refused(name, "xml_unreadable") from error


def _stream(stream: BinaryIO, name: str, root: str, record: str) -> Iterator[Element]:
    head = chunk = stream.read(_CHUNK)
    if not head.strip():
        raise Refused(name, "xml_empty")
    _refuse_doctype(head, name)
    _check_root(head, name, root)
    parser = etree.XMLPullParser(("end",), tag=f"{{*}}{record}", **_SAFE)
    waiting = 0
    try:
        while chunk:
            parser.feed(chunk)
            waiting += len(chunk)
            for _, element in parser.read_events():
                waiting = 0
                yield element
                _forget(element)
            if waiting > MAX_RECORD_BYTES:
                raise Refused(name, "xml_too_large", detail=f" between two {record}")
            chunk = stream.read(_CHUNK)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _refusal(error, name, head, _end(stream)) from None


def _end(stream: BinaryIO) -> bytes:
    """The last bytes of the file, however far it has been read."""
    stream.seek(-min(_CHUNK, stream.seek(0, os.SEEK_END)), os.SEEK_END)
    return stream.read()


def _forget(element: Element) -> None:
    """Empty a record that has been read, and drop those before it."""
    element.clear(keep_tail=False)
    parent = element.getparent()
    while parent is not None and parent[0] is not element:
        del parent[0]


def _check_root(head: bytes, name: str, root: str) -> None:
    first = _root_name(head)
    if first is not None and first.split(b":")[-1] != root.encode():
        raise Refused(name, "xml_wrong_root", detail=f" (a {root} is wanted)")


def _root_name(head: bytes) -> bytes | None:
    """The root's name with its prefix, as written; None where no tag begins."""
    found = re.search(rb"<([A-Za-z_][\w.:-]*)", re.sub(rb"(?s)<!--.*?-->", b"", head.replace(b"\0", b"")))
    return found[1] if found else None


def _refuse_doctype(data: bytes, name: str) -> None:
    # Without the zero bytes of UTF-16 and UTF-32; an encoding that hides ASCII is caught after parsing.
    at = data.find(b"<!DOCTYPE") if b"\0" not in data else data.replace(b"\0", b"").find(b"<!DOCTYPE")
    if at >= 0:
        raise Refused(name, "xml_doctype", data.count(b"\n", 0, at) + 1)


def _refusal(error: etree.XMLSyntaxError, name: str, head: bytes, tail: bytes) -> Refused:
    """What is wrong, in our words: libxml2's own message may quote the document."""
    line = error.lineno or 0
    if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        return Refused(name, "xml_too_deep", line)
    root = _root_name(head)
    if root is not None and b"</" + root not in tail.replace(b"\0", b"")[-4 * len(root) - 200 :]:
        return Refused(name, "xml_truncated", line)
    return Refused(name, "xml_malformed", line)


@cache
def _path(path: str) -> str:
    return "/".join(f"{{*}}{step}" for step in path.split("/"))


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(element).localname


def find(element: Element, path: str) -> Element | None:
    """The first element at ``path`` ("Party/EndpointID"; names without namespace), None where there is none."""
    return element.find(_path(path))


def find_all(element: Element, path: str) -> list[Element]:
    """Every element at ``path``, in document order."""
    return element.findall(_path(path))


def text(element: Element | None, path: str = "") -> str | None:
    """The trimmed text at ``path`` (or the element's own); None where it is absent or empty."""
    if element is None:
        return None
    found = element.findtext(_path(path)) if path else element.text
    return (found.strip() or None) if found else None
