"""From a published month to cases: `import_month` and what it takes over."""

from valfardsbrott.review.importing.month import import_month, import_new

__all__ = ["import_month", "import_new"]
