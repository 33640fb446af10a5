"""Verifies the seals of submitted forms with the bureau's key; the only place where results meet the key."""

from __future__ import annotations

from dataclasses import replace

from xltool.form import seals
from xltool.result.result import Result
from xltool.rules.code_findings import code_finding, shared_rules
from xltool.support.i18n import tr


def verify_seal(result: Result, key: bytes | None) -> Result:
    """Add the verification of the seal to a result.

    The result remains unchanged without a key, or if nothing could be read.

    Args:
        result: the result of the check.
        key: the bureau's key; if there is one, forms are expected to be issued with it.
    """
    if key is None or result.reading is None:
        return result
    seal_reading = result.reading.seal
    if seal_reading is None:
        return result.with_findings(
            [code_finding(shared_rules()["P01"], "unsealed", {}, "", None, tr("签发标识", "seal"))]
        )
    seal = seals.parse_seal(seal_reading.text)
    assert seal is not None, seal_reading
    proof = seals.seal_mac(seal, key)
    checked = replace(result, reading=replace(result.reading, seal=replace(seal_reading, proof=proof)))
    if proof == seals.PROVEN:
        return checked
    finding = code_finding(
        shared_rules()["P01"], f"seal_{proof}", {"found": seal.code}, "", None, tr("签发标识", "seal")
    )
    return checked.with_findings([finding])
