"""What the bureau's key says of the seals of forms that came back; the only place where results meet the key."""

from __future__ import annotations

from dataclasses import replace

from xltool.form import seals
from xltool.result.result import Result
from xltool.rules.code_findings import code_finding, shared_rules
from xltool.support.i18n import tr


def verify_seal(result: Result, key: bytes | None) -> Result:
    """The result with what the key says of its seal; the same without a key, or where nothing could be read.

    Args:
        result: as the pipeline made it.
        key: of the bureau; with one at hand, forms are expected to be issued with it.
    """
    if key is None or result.reading is None:
        return result
    found = result.reading.seal
    if found is None:
        return result.with_findings(
            [code_finding(shared_rules()["P01"], "unsealed", {}, "", None, tr("签发标识", "seal"))]
        )
    seal = seals.parse_seal(found.text)
    assert seal is not None, found
    proof = seals.mac_of(seal, key)
    checked = replace(result, reading=replace(result.reading, seal=replace(found, proof=proof)))
    if proof == seals.PROVEN:
        return checked
    finding = code_finding(
        shared_rules()["P01"], f"seal_{proof}", {"found": seal.code}, "", None, tr("签发标识", "seal")
    )
    return checked.with_findings([finding])
