"""E-mail addresses: what reaches the same mailbox compares equal.

Letters' case and a ``+tag`` (subaddressing, RFC 5233) do not tell mailboxes apart. Dots do, except at one operator's
public domain; they are kept everywhere: a company's own domain decides for itself, and a wrong fold joins strangers.
"""

from __future__ import annotations

import re

from valfardsbrott.entities.text import plain

_ADDRESS = re.compile(r"[^\s@<>,;:()\[\]\"']+@(?:[^\s@<>,;:()\[\]\"'.]+\.)+[^\s@<>,;:()\[\]\"'.]{2,}")


def mailboxes(text: str | None) -> tuple[str, ...]:
    """Every address in the text, in its order, each once; none where there is no address.

    >>> mailboxes("Anna <Anna.Ek+Faktura@Bolaget.SE>; mailto:info@bolaget.se.")
    ('anna.ek@bolaget.se', 'info@bolaget.se')
    """
    return tuple(dict.fromkeys(filter(None, (_mailbox(found) for found in _ADDRESS.findall(plain(text))))))


def _mailbox(found: str) -> str:
    local, _, domain = found.rpartition("@")
    name = local.partition("+")[0].strip(".")
    return f"{name}@{_ascii(domain)}" if name else ""


def _ascii(domain: str) -> str:
    """The domain as the network knows it (``vård.se`` is ``xn--vrd-ula.se``)."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
