"""The key that pseudonyms are made with: the city's own, or one for the demo that production refuses."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from valfardsbrott.domain import EXIT_SYSTEM, EXIT_USAGE, Failure
from valfardsbrott.settings import Settings

_DEMO = "demo:"
_BYTES = 32
_HINT = "Make one with: python -c 'import secrets; print(secrets.token_hex(32))'"


def key(settings: Settings) -> bytes:
    """32 bytes: ``settings.key``, else what ``settings.key_file`` holds, else the demo's key, made at first use.

    The demo's key is kept in the user's configuration folder, so that runs into different folders give the same
    pseudonyms; where that cannot be written, in the store. Profile ``production`` refuses a missing key and the
    demo's. Raises Failure for a key that is not 64 hexadecimal digits; never shows it.
    """
    given = settings.key or (_read(settings.key_file) if settings.key_file else None)
    if settings.profile == "production" and (given is None or given.startswith(_DEMO)):
        what = "there is no key for pseudonyms" if given is None else "the key for pseudonyms is the demo's"
        raise Failure(what, f"Set VALFARDSBROTT_KEY_FILE to a file with the city's own. {_HINT}", EXIT_USAGE)
    return _bytes(_demo(settings.store_path) if given is None else given)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        raise Failure(f"the key file {path} cannot be read", _HINT, EXIT_USAGE) from None


def _bytes(text: str) -> bytes:
    try:
        found = bytes.fromhex(text.removeprefix(_DEMO).strip())
    except ValueError:
        found = b""
    if len(found) != _BYTES:
        raise Failure("the key for pseudonyms is not 32 bytes in hexadecimal (64 digits)", _HINT, EXIT_USAGE)
    return found


def _demo(store: Path) -> str:
    from platformdirs import user_config_path

    places = (user_config_path("valfardsbrott") / "demo.key", store / "demo.key")
    for path in places:
        if path.is_file():
            return _read(path)
    made = f"{_DEMO}{secrets.token_hex(_BYTES)}"
    for path in places:
        try:
            return _write(path, made)
        except OSError:
            continue
    raise Failure(f"no permission to write the demo's key to {places[-1]}", "Choose another --out", EXIT_SYSTEM)


def _write(path: Path, text: str) -> str:
    """Write it whole or not at all; of two that write at once the first wins and both use its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    own = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
        try:
            path.hardlink_to(own)
        except FileExistsError:
            return _read(path)
    finally:
        own.unlink(missing_ok=True)
    return text
