"""Audits of what the flags burden: read after a month is published, and read by nobody but the command.

Nothing in this package may reach a feature, a network or a model: the layers put it above the stages, so that none of
them can import it (import-linter), and what it reads besides the published month is neither stored nor logged.
"""
