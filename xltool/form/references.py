"""The forms that there are: references such as ``mof-2020/1``, and questions put to all forms."""

from __future__ import annotations

from collections.abc import Mapping

from xltool.form.binding import LABEL, ROLE, bind, named_place
from xltool.form.loading import load_form
from xltool.result.roles import ROLES
from xltool.support import resources
from xltool.support.errors import WrongDefinition, WrongUse
from xltool.support.i18n import tr
from xltool.support.templates import keep_by_language


def all_references() -> list[str]:
    """All usable definitions, such as ``mof-2020/1``; see ``broken_definitions`` for the others."""
    unusable = broken_definitions()
    return [reference for reference in resources.definitions() if reference not in unusable]


def broken_definitions() -> Mapping[str, WrongDefinition]:
    """The bureau's own definitions that are rejected, with the reason; they do not affect other forms."""
    return _load_errors(tuple(resources.own_definitions()))


@keep_by_language
def _load_errors(own_references: tuple[str, ...]) -> Mapping[str, WrongDefinition]:
    """The definitions among these that cannot be loaded."""
    errors = {}
    for reference in own_references:
        try:
            load_form(reference)
        except WrongDefinition as error:
            errors[reference] = error
    return errors


def full_reference(name: str) -> str:
    """The definition that ``mof-2020`` (its newest version) or ``mof-2020/1`` refers to; "" is the usual form.

    Raises:
        WrongUse: there is none.
    """
    known, unusable = all_references(), broken_definitions()
    name = name or resources.usual_form()
    matching = [
        reference for reference in (*known, *unusable) if reference == name or reference.rpartition("/")[0] == name
    ]
    if not matching:
        raise WrongUse(
            tr(f"没有表样 {name}；现有：{'、'.join(known)}", f"no form {name}; there are {', '.join(known)}")
        )
    newest_one = max(matching, key=lambda reference: (len(reference), reference))
    if newest_one in unusable:
        raise unusable[newest_one]
    return newest_one


def newest_reference(form_id: str) -> str | None:
    """The newest version of a form, such as ``mof-2020/1``; None for an unknown form."""
    versions = [reference for reference in all_references() if reference.rpartition("/")[0] == form_id]
    return max(versions, key=lambda reference: (len(reference), reference), default=None)


#: What a name of a role may add: the label of its field, or rows that forms without it cannot have.
_ROWS_OF_ROLE = ("", LABEL.removeprefix("."), "every", "parts", "others", "earlier", "group")


def is_known_name(each: str, name: str) -> bool:
    """Whether any form has a field of this name; a rule may have been written for other forms as well."""
    role, _, rows = name.removeprefix(ROLE).partition(".")
    if name.startswith(ROLE) and role in ROLES and rows in _ROWS_OF_ROLE:
        return True
    return any(bind(load_form(reference), each, name) is not None for reference in all_references())


def is_computed_somewhere(name: str) -> bool:
    """Whether any form has a computed cell of this name."""
    forms = map(load_form, all_references())
    return any(named_place(form, name) in form.computed_cells for form in forms)
