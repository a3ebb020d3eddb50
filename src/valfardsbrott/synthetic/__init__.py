"""A city that does not exist, with its deliveries and the truth about it. See docs/synthetic-city.md."""

from valfardsbrott.synthetic.city import generate

__all__ = ["generate"]
