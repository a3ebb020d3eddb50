"""Välfärdsbrott: finds fraud by companies that a city pays for welfare, for human review."""

__version__ = "0.1.0"
