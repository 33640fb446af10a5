"""A record as other rooms hold it: the contents of one form, as ``schema/record.schema.json`` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Read only; numbers are ``Decimal`` or ``int``. ``form.record`` makes records and knows what stands where in them.
Record = Mapping[str, Any]
