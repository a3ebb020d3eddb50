"""What `explain` says of a flag beside its reasons: what it stands or falls with, and the earlier decision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from valfardsbrott.cli.output import show_explanation
from valfardsbrott.stages.explain import Explanation, Why
from valfardsbrott.stages.language import language
from valfardsbrott.stages.result import Flag, Reason

FLAG = Flag(
    1, "provider", "0029000015", "Alma Omsorg AB", 0.7, 0.001, "risk", 41_230.0, (),
    "Utföraren skulle inte ha flaggats om detta varit som hos jämförbara utförare: dubbelregistrerad tid.",
    "Är tillbaka: avskrevs 2026-05-04 (ärende 2026-0007), men detta är nytt: lönen.",
)  # fmt: skip
ALMA = Explanation(
    month="2026-10", entity_type="provider", entity_id="0029000015", name="Alma Omsorg AB", rank=1, total=20, score=0.7,
    p_value=0.001, flag=FLAG, reasons=(), providers=(), ties=(), checks=(), history=(), report="report.html",
)  # fmt: skip


def said(found: Explanation, code: Literal["sv", "en"], capsys: pytest.CaptureFixture[str]) -> str:
    show_explanation(found, language(code), Path("demo/runs"))
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("code", ["sv", "en"])
def test_what_the_flag_falls_with_and_what_was_decided_before_are_said(
    code: Literal["sv", "en"], capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(ALMA, code, capsys)
    assert FLAG.counterfactual in told
    assert FLAG.earlier in told


def test_nothing_is_said_where_nothing_was_tried_or_decided(capsys: pytest.CaptureFixture[str]) -> None:
    bare = said(replace(ALMA, flag=replace(FLAG, counterfactual="", earlier="")), "sv", capsys)
    assert "skulle inte" not in bare
    assert "tillbaka" not in bare
    assert "Alma" in said(replace(ALMA, flag=None), "sv", capsys), "and one that is not flagged is explained too"


def test_commands_that_are_shown_can_be_typed_as_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    reason = Reason("manual_receipt_share", "Kvittenser för hand", "", "5 %.", 0.05, 0.1, None, "share")
    why = Why(reason, (0.1, 0.2), "evidence/manual_receipt_share.parquet", 4, ())
    show_explanation(replace(ALMA, reasons=(why,)), language("sv"), Path("demo/runs"))
    lines = capsys.readouterr().out.splitlines()
    again = "valfardsbrott explain 0029000015 --month 2026-10 --out demo/runs"
    assert f"Visa rader: {again} --rows 10" in lines
    assert any(line.endswith(f": {again} --feature NAMN --rows 10") for line in lines)
    show_explanation(replace(ALMA, reasons=(replace(why, evidence_file=""),)), language("sv"), Path("demo/runs"))
    assert f"Visa rader: {again} --feature manual_receipt_share --rows 10" in capsys.readouterr().out.splitlines()


def test_a_source_row_says_amounts_in_kronor_and_only_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    row = {
        "line_id": "r7", "org_number": "0029000015", "amount_ore": 1234550, "is_duplicate": True, "credit_of": None,
        "is_credit": False, "minutes": 0, "source_table": "claim_line", "source_row_id": "claim_line.csv:8",
    }  # fmt: skip
    reason = Reason("duplicate_claims", "Samma ersättning begärd igen", "", "5 %.", 0.05, 0.1, None, "share")
    why = Why(reason, (), "evidence/duplicate_claims.parquet", 1, (row,))
    told = said(replace(ALMA, reasons=(why,)), "sv", capsys)
    assert "claim_line.csv:8: line_id=r7, amount=12 345,50 kr, is_duplicate En viss" in told
