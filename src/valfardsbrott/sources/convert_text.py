"""Text, codes and identifiers as the store holds them: one spelling, no person number, no sentinel that joins rows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valfardsbrott.identifiers import Kind
from valfardsbrott.sources.convert_numbers import Fault
from valfardsbrott.sources.pseudonyms import Known, Pseudonymiser

#: Between an account's type and its number, where a table has both.
UNIT = "\x1f"

_TRUE = ("true", "1", "t", "j", "ja", "y", "yes", "sant")
_FALSE = ("false", "0", "f", "n", "nej", "no", "falskt")

#: Texts that join rows of different persons or companies: a sentinel in them becomes null.
_LINKING = frozenset({"tag_id", "device_id", "certificate_id", "dwelling_id", "document_hash", "group_id", "email"})
#: Chip numbers and hashes are made by machines: only what is unmistakably a person number is hidden in them.
_OPAQUE = frozenset({"tag_id", "device_id", "document_hash"})
_TECHNICAL = frozenset({"invoice_number", "credit_of", "permit_number", "service_code", "sni_code", "source_system"})
_MAY_HIDE_PERSON = r"[0-9]{6}[-+ ]?[0-9]{4}"


def identifiers(values: pa.Array, look: Callable[[str], Known]) -> tuple[pa.Array, list[Fault]]:
    """What ``look`` made of each distinct value; each rule that some broke is a doubt."""
    known = [look(str(value)) for value in values.to_pylist()]
    rules = sorted({rule for one in known for rule in one.warnings})
    faults: list[Fault] = [(rule, "warning", np.array([rule in one.warnings for one in known])) for rule in rules]
    return pa.array([one.value for one in known], pa.string()), faults


def accounts(values: pa.Array, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    """Account numbers, or a type of account, ``UNIT`` and a number."""

    def look(text: str) -> Known:
        kind, mark, number = text.partition(UNIT)
        known = kind in ("bankgiro", "plusgiro", "iban", "bank_account")
        return names.account(number if mark else text, cast("Kind", kind) if mark and known else "account")

    return identifiers(values, look)


def strings(values: pa.Array, name: str, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    """Text of the column ``name``: e-mail in lower case, phones as digits, person numbers as pseudonyms."""
    if name == "phone":
        return identifiers(values, names.phone)
    if name == "payee_name":
        return identifiers(values, names.company)
    if name in _LINKING:
        text = pc.utf8_lower(values) if name == "email" else values
        found, faults = identifiers(text, names.linking)
        if name in _OPAQUE:
            found = pc.if_else(pc.is_null(found), found, _without_persons(values, names, technical=True))
        return found, faults
    return _without_persons(values, names, name.endswith("_id") or name in _TECHNICAL), []


def _without_persons(values: pa.Array, names: Pseudonymiser, technical: bool) -> pa.Array:
    suspects = np.flatnonzero(np.asarray(pc.match_substring_regex(values, _MAY_HIDE_PERSON)))
    if not len(suspects):
        return values
    hidden = [names.hide(values[int(at)].as_py(), technical) for at in suspects]
    mask = np.zeros(len(values), dtype=bool)
    mask[suspects] = True
    return pc.replace_with_mask(values, pa.array(mask), pa.array(hidden, pa.string()))


def codes(values: pa.Array, known: Collection[str]) -> pa.Array:
    """The catalogue's spelling whatever the case; unknown codes stay, for validation to refuse."""
    spelled = {value.casefold(): value for value in known}
    return pa.array([spelled.get(value.casefold(), value) for value in values.to_pylist()], pa.string())


def truths(values: pa.Array) -> tuple[pa.Array, list[Fault]]:
    """True and false in English, Swedish and digits; ``bad_bool`` otherwise."""
    words = [value.casefold() for value in values.to_pylist()]
    read = [word in _TRUE if word in _TRUE + _FALSE else None for word in words]
    return pa.array(read, pa.bool_()), [("bad_bool", "error", np.array([value is None for value in read], dtype=bool))]
