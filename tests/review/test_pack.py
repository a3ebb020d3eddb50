"""Evidence packs: the same content gives the same bytes, what stays behind is nowhere in it, and any change shows."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valfardsbrott.domain import Failure
from valfardsbrott.review import statutes
from valfardsbrott.review.pack import archive, content
from valfardsbrott.review.pack.signature import Signer, signer

ORG, OTHER = "0020000001", "0020000002"
RECIPIENT = "p" + "1" * 32
EVERYTHING = tuple(statutes.load().categories)
HOSTILE = '=cmd()|"A1" #strong[x] $a$ \\ <script>'


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A published month in which one provider has bills without a permit and visits to a hospital's patient."""
    folder = tmp_path / "2026-10"
    (folder / "evidence").mkdir(parents=True)
    reasons = [
        {"feature": name, "value": 0.4, "peer_median": 0.0, "contribution": 3.0, "text_sv": text, "text_en": text}
        for name, text in (("permit_gap", "Fakturerat utan tillstånd."), ("visit_during_absence", "Under frånvaro."))
    ]
    flag = {"rank": 1, "entity_type": "provider", "entity_id": ORG, "score": 0.9, "p_value": 0.01, "arm": "risk",
            "amount_at_risk_sek": 1200.5, "reasons": json.dumps(reasons, ensure_ascii=False)}  # fmt: skip
    pq.write_table(pa.Table.from_pylist([flag]), folder / "flags.parquet")
    bills = [{"line_id": HOSTILE, "org_number": org, "recipient_id": RECIPIENT, "amount_ore": 120_050,
              "source_table": "claim_line", "source_row_id": f"claim_line.csv:{row}"}
             for row, org in enumerate((ORG, ORG, OTHER), 2)]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(bills), folder / "evidence" / "permit_gap.parquet")
    visits = [{"org_number": ORG, "recipient_id": RECIPIENT, "absence_minutes": 30, "source_table": "visit",
               "source_row_id": "visit.csv:7"}]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(visits), folder / "evidence" / "visit_during_absence.parquet")
    run = {"run_id": "2026-10-abc", "month": "2026-10", "model": {"name": "m"}, "input_files": {"visit.csv": "ff" * 32}}
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer(None, tmp_path_factory.mktemp("key") / "demo.key")


def request(*categories: str, language: content.Language = "sv") -> content.Request:
    return content.Request(
        "2026-0001", "provider", ORG, HOSTILE, "2026-10", language, (("Beslut", HOSTILE),), categories,
        (content.Note("permit_gap", "does_not_explain", HOSTILE, "A", "2026-11-03"),), "2026-11-05",
    )  # fmt: skip


def files(pack: archive.Pack) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pack.data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_same_content_gives_the_same_bytes(published: Path, key: Signer, language: content.Language) -> None:
    one, other = (
        archive.pack(content.collect(published, request(*EVERYTHING, language=language)), key) for _ in range(2)
    )
    assert one.data == other.data
    assert archive.verify(one.data, key.public_pem).intact


def test_the_document_is_readable_and_shows_hostile_text_as_text(published: Path, key: Signer) -> None:
    packed = files(archive.pack(content.collect(published, request(*EVERYTHING)), key))
    reader = pypdf.PdfReader(io.BytesIO(packed["document.pdf"]))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "#strong[x] $a$" in text
    assert "Fakturerat utan tillstånd." in text
    root = reader.root_object
    assert "/StructTreeRoot" in root  # tagged: a screen reader can follow it
    assert str(root["/Lang"]) == "sv"


def test_rows_are_the_providers_own_and_no_cell_is_a_formula(published: Path, key: Signer) -> None:
    packed = files(archive.pack(content.collect(published, request(*EVERYTHING)), key))
    rows = list(csv.DictReader(io.StringIO(packed[f"rows/permit_gap-{ORG}-claim_line.csv"].decode())))
    assert [row["source_row_id"] for row in rows] == ["claim_line.csv:2", "claim_line.csv:3"]
    assert all(row["line_id"] == "'" + HOSTILE for row in rows)
    assert not any(OTHER.encode() in data for data in packed.values())


def test_the_sql_of_every_figure_is_in_the_pack(published: Path, key: Signer) -> None:
    packed = files(archive.pack(content.collect(published, request(*EVERYTHING)), key))
    named = {name for one in json.loads(packed["pack.json"])["reasons"] for name in one["sql"]}
    assert named == {name for name in packed if name.startswith("sql/")}
    assert any(b"is_permitted" in packed[name] for name in named)


def test_what_the_ground_excludes_is_nowhere_in_the_pack(published: Path, key: Signer) -> None:
    opened = statutes.get("us-2025-170", dt.date(2026, 11, 2)).opens()
    packed = files(archive.pack(content.collect(published, request(*sorted(opened))), key))
    text = pypdf.PdfReader(io.BytesIO(packed["document.pdf"]))
    everything = b"".join(packed.values()) + "".join(page.extract_text() for page in text.pages).encode()
    assert RECIPIENT.encode() not in everything
    assert f"rows/permit_gap-{ORG}-claim_line.csv" in packed
    assert not any("visit_during_absence" in name for name in packed if name.startswith("rows/"))
    told = {one["feature"]: one["rows"] for one in json.loads(packed["pack.json"])["reasons"]}
    assert told["visit_during_absence"] == [{"org_number": ORG, "count": 0, "held_back": 1}]


def repacked(pack: archive.Pack, change: Callable[[dict[str, bytes]], object]) -> bytes:
    contents = files(pack)
    change(contents)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in contents.items():
            made.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda files: files.update({"pack.json": files["pack.json"] + b" "}), "pack.json was changed"),
        (lambda files: files.update({"rows/more.csv": b"x"}), "rows/more.csv was added"),
        (lambda files: files.pop("document.pdf"), "document.pdf is missing"),
        (lambda files: files.update({"manifest.json": files["manifest.json"].replace(b"2026-0001", b"2026-0002")}),
         "manifest.json is not what was signed"),
        (lambda files: files.update({"manifest.sig": b"00"}), "manifest.json is not what was signed"),
        (lambda files: files.update({"manifest.sig": b"no hex"}), "manifest.json is not what was signed"),
    ],
)  # fmt: skip
def test_a_change_shows(
    published: Path, key: Signer, change: Callable[[dict[str, bytes]], object], problem: str
) -> None:
    packed = archive.pack(content.collect(published, request("company")), key)
    verdict = archive.verify(repacked(packed, change), key.public_pem)
    assert not verdict.intact
    assert problem in verdict.problems


def test_what_is_put_after_the_packs_end_shows(key: Signer) -> None:
    verdict = archive.verify(_SMALL[0].data + b"more")
    assert verdict.problems == ("something was put before or after the pack",)


def test_signed_anew_by_somebody_else_shows_against_the_citys_key(published: Path, key: Signer, tmp_path: Path) -> None:
    theirs = signer(None, tmp_path / "their.key")
    forged = archive.pack(content.collect(published, request("company")), theirs)
    assert archive.verify(forged.data).known_key is None
    assert archive.verify(forged.data, key.public_pem).known_key is False
    assert not archive.verify(forged.data, key.public_pem).intact


@given(at=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
@settings(max_examples=60, deadline=None)
def test_any_flipped_bit_in_what_is_packed_shows(at: int, bit: int) -> None:
    pack, key = _SMALL
    contents = files(pack)
    name = sorted(contents)[at % len(contents)]
    where = at % len(contents[name])

    def flip(files: dict[str, bytes]) -> None:
        data = bytearray(files[name])
        data[where] ^= 1 << bit
        files[name] = bytes(data)

    try:
        assert not archive.verify(repacked(pack, flip), key.public_pem).intact
    except Failure:
        assert name in {archive.PUBLIC_KEY, archive.MANIFEST}


def _small() -> tuple[archive.Pack, Signer]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    made = content.Content(
        replace(request("company"), notes=()), {"run_id": "r"},
        {"score": 0.5, "p_value": 0.1, "amount_at_risk_sek": None}, (), {"sql/a.sql": "select 1"},
    )  # fmt: skip
    key = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    return archive.pack(made, key), key


_SMALL = _small()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no more", b"%PDF-1.7"])
def test_what_is_no_pack_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(Failure, match="no evidence pack"):
        archive.verify(data)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.key").write_text("not a key")
    with pytest.raises(Failure, match="not a readable private key"):
        signer(tmp_path / "x.key")
    with pytest.raises(Failure, match="no key to sign"):
        signer(None)


def test_a_demonstrations_key_is_its_owners_alone_and_stays(tmp_path: Path) -> None:
    first = signer(None, tmp_path / "demo.key")
    assert (tmp_path / "demo.key").stat().st_mode & 0o777 == 0o600
    assert signer(None, tmp_path / "demo.key").key_id == first.key_id
    assert first.demo
