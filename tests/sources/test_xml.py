"""XML that would do harm, or is not what it should be, is refused with a place and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from valfardsbrott.domain import Failure
from valfardsbrott.sources.xml import MAX_RECORD_BYTES, Refused, find, local, parse, read_bytes, records, text

BOMB = (
    b'<?xml version="1.0"?>\n<!DOCTYPE lol [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + step, b"&%c;" % (97 + step) * 10) for step in range(9))
    + b"]>\n<Invoice><ID>&j;</ID></Invoice>"
)
OUTSIDE = b'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/hostname">]><Invoice><ID>&x;</ID></Invoice>'


def refused(data: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        parse(data, "peppol/f.xml")
    return caught.value


@pytest.mark.parametrize(
    ("data", "rule", "line"),
    [
        (BOMB, "xml_doctype", 2),
        (BOMB.replace(b"<ID>&j;</ID>", b'<ID x="&j;"/>'), "xml_doctype", 2),
        (OUTSIDE, "xml_doctype", 1),
        (OUTSIDE.decode().encode("utf-16"), "xml_doctype", 1),
        (b"<Invoice>\n<ID>1</ID>\n<Lin", "xml_truncated", 3),
        (b"<n:Invoice xmlns:n='u'>\n<ID>1</ID>\n", "xml_truncated", 3),
        (b"<Invoice>\n<ID>1</Id></Invoice>", "xml_malformed", 2),
        (b"<Invoice>\x00</Invoice>", "xml_malformed", 1),
        ("<Invoice>ö</Invoice>".encode("cp1252"), "xml_malformed", 1),
        (b"PK\x03\x04", "xml_malformed", 1),
        (b"<a>" * 300 + b"</a>" * 300, "xml_too_deep", 1),
        (b"<Invoice>" + b"x" * 10_500_000 + b"</Invoice>", "xml_too_deep", 1),
    ],
)  # fmt: skip
def test_refused_with_rule_and_line(data: bytes, rule: str, line: int) -> None:
    refusal = refused(data)
    assert (refusal.rule, refusal.line) == (rule, line)
    assert str(refusal).startswith(f"peppol/f.xml, line {line} ")


@pytest.mark.parametrize("encoding", ["cp037", "utf-7", "utf-32"])
def test_an_encoding_does_not_hide_a_doctype(encoding: str) -> None:
    name = {"cp037": "IBM037"}.get(encoding, encoding)
    prolog = f'<?xml version="1.0" encoding="{name}"?>'
    hidden = OUTSIDE.decode()
    data = prolog.encode() + hidden.replace("<", "+ADw-").encode() if encoding == "utf-7" else b""
    refused(data or (prolog + hidden).encode(encoding))


def test_the_message_tells_what_to_do_and_quotes_nothing() -> None:
    refusal = refused(b"<Invoice><Name>Nilsson</Id></Invoice>")
    assert str(refusal) == "peppol/f.xml, line 1 is not well-formed XML. " + refusal.hint
    assert "Fetch the file again" in refusal.hint
    assert isinstance(refusal, Failure)


def test_half_a_gigabyte_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "big.xml"
    with path.open("wb") as stream:
        stream.truncate(500_000_000)  # takes no room on disk
    path.chmod(0)  # opening it would fail in another way
    with pytest.raises(Refused, match=r"big.xml is too large \(500.0 MB; at most 20.0 MB\)"):
        read_bytes(path, "big.xml")


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_empty_files(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "empty.xml"
    path.write_bytes(data)
    with pytest.raises(Refused, match=r"empty.xml is empty"):
        read_bytes(path, "empty.xml")
    with pytest.raises(Refused, match=r"empty.xml is empty"):
        list(records(path, "empty.xml", "List", "Post"))


def test_a_folder_or_a_missing_file_cannot_be_opened(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.xml"):
        with pytest.raises(Refused, match="cannot be opened"):
            read_bytes(path, "x.xml")
        with pytest.raises(Refused, match="cannot be opened"):
            list(records(path, "x.xml", "List", "Post"))


def test_names_are_found_in_any_namespace() -> None:
    root = parse(b'<a:List xmlns:a="u:a" xmlns="u:b"><Post><a:No> 1 </a:No><a:Empty/></Post></a:List>', "f.xml")
    assert local(root) == "List"
    assert (text(root, "Post/No"), text(root, "Post/Empty"), text(None, "Post")) == ("1", None, None)
    assert find(root, "Post/Other") is None


def _posts(count: int, filler: str = "") -> bytes:
    return b"<?xml version='1.0'?>\n<List>\n" + b"".join(
        f"<Post><No>{at}</No>{filler}</Post>\n".encode() for at in range(count)
    ) + b"</List>\n"  # fmt: skip


def test_records_come_one_at_a_time_and_are_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "list.xml"
    path.write_bytes(_posts(70_000, "<Text>" + "x" * 50 + "</Text>"))
    seen, kept = 0, 0
    for post in records(path, "list.xml", "List", "Post"):
        assert text(post, "No") == str(seen)
        assert post.sourceline == seen + 3  # beyond 65 535 too
        seen += 1
        parent = post.getparent()
        kept = max(kept, len(parent) if parent is not None else 0)
    assert seen == 70_000
    assert kept < 2_000  # what one chunk holds


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (_posts(5_000)[:-20], "xml_truncated"),
        (_posts(5_000).replace(b"<No>4000</No>", b"<No>4000</Np>"), "xml_malformed"),
        (_posts(3).replace(b"List", b"Lista"), "xml_wrong_root"),
        (BOMB, "xml_doctype"),
        (b"<List>" + b"<Other>x</Other>" * (2 * MAX_RECORD_BYTES // 16) + b"</List>", "xml_too_large"),
    ],
    ids=["cut", "broken", "other", "bomb", "no records"],
)
def test_streams_are_refused_too(tmp_path: Path, data: bytes, rule: str) -> None:
    path = tmp_path / "list.xml"
    path.write_bytes(data)
    with pytest.raises(Refused) as caught:
        list(records(path, "list.xml", "List", "Post"))
    assert caught.value.rule == rule
