"""What the bureau's key says of the seals of forms that came back; the only place where results meet the key."""

from __future__ import annotations

from typing import Any

from xltool.form import seals
from xltool.result.findings import with_further
from xltool.rules.code_findings import shared_rules, told
from xltool.support.i18n import say

Result = dict[str, Any]


def proven(result: Result, key: bytes | None) -> Result:
    """The result with what the key says of its seal; the same without a key, or where nothing could be read.

    Args:
        result: as the pipeline made it.
        key: of the bureau; with one at hand, forms are expected to be issued with it.
    """
    if key is None or result["reading"] is None:
        return result
    found = result["reading"].get("seal")
    if found is None:
        return with_further(result, [told(shared_rules()["P01"], "unsealed", {}, "", None, say("签发标识", "seal"))])
    seal = seals.parsed(found["text"])
    assert seal is not None, found
    proof = seals.proof(seal, key)
    checked = {**result, "reading": {**result["reading"], "seal": {**found, "proof": proof}}}
    if proof == seals.PROVEN:
        return checked
    finding = told(shared_rules()["P01"], f"seal_{proof}", {"found": seal.code}, "", None, say("签发标识", "seal"))
    return with_further(checked, [finding])
