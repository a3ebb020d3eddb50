"""Take a published month over: boards, providers, networks, follow-up, and its hits as cases. Safe to repeat."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from valfardsbrott.review import audit
from valfardsbrott.review.database import work
from valfardsbrott.review.importing.hits import take_over_hits
from valfardsbrott.review.importing.registers import take_over_registers
from valfardsbrott.review.models import ImportedRun, utc_now
from valfardsbrott.review.numbers import numbers
from valfardsbrott.review.published import published, published_months
from valfardsbrott.review.settings import ReviewSettings


def import_month(make: sessionmaker[Session], month: str, settings: ReviewSettings) -> dict[str, Any]:
    """Import a month, all of it or nothing; what was done, by kind.

    A run that has been imported is not imported again (``unchanged``). A month that was run anew brings its new
    hits and figures; cases that it no longer flags stay, with a note in their history: a person has them.
    """
    result = published(settings.out, month)
    facts = result.facts
    with work(make) as db:
        known = db.get(ImportedRun, month)
        if known is not None and known.run_id == facts["run_id"]:
            return {"month": month, "run_id": known.run_id, "unchanged": True}
        counts = Counter(take_over_registers(db, result, settings.store_folder))
        counts.update(take_over_hits(db, result, settings))
        run = known or ImportedRun(month=month)
        run.run_id, run.facts, run.counts, run.imported_at = facts["run_id"], facts, dict(counts), utc_now()
        db.add(run)
        done = {"month": month, "run_id": run.run_id, "unchanged": False, **counts}
        audit.note(db, audit.Access("command", "import", "run", run.run_id, detail=dict(counts)))
    for file in ("features", "scores"):  # laid out now, so that no visitor waits for it
        numbers(settings.out, month, file)
    return done


def import_new(make: sessionmaker[Session], settings: ReviewSettings) -> list[dict[str, Any]]:
    """Import every published month whose run is not here yet, oldest first."""
    done = [import_month(make, month, settings) for month in published_months(settings.out)]
    return [each for each in done if not each["unchanged"]]
