"""What goes wrong between a visitor and a page, as exceptions; `errors` makes pages of them."""

from __future__ import annotations


class Problem(Exception):
    """Shown as a page: ``key`` is the text's in the locales (``errors.<key>.title`` and ``.text``)."""

    def __init__(self, status: int, key: str, **parts: object) -> None:
        super().__init__(f"{status} {key}")
        self.status, self.key, self.parts = status, key, parts


class Elsewhere(Exception):
    """The visitor has to go to another page first (to sign in, to state a purpose): a path of this application."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def local(path: str | None, otherwise: str = "/") -> str:
    """A path to send a browser on to: only one of this application, never another host's.

    >>> local("//evil.example"), local("/cases/3"), local("https://evil.example")
    ('/', '/cases/3', '/')
    """
    plain = path is not None and path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if path and plain and path.isprintable() and "\\" not in path else otherwise
