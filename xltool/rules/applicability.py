"""Which checks a form can be asked, and why it cannot be asked the others: nothing is left out silently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from xltool.form.binding import KEY, LABEL, ROLE, Binding, bind
from xltool.form.check_targets import COLUMNS, FORM, LEVELS, ROWS, SUBTOTALS, CheckTarget, check_targets
from xltool.form.definition import Form
from xltool.form.layout import Layout
from xltool.form.loading import load_form
from xltool.form.references import all_references
from xltool.language.parse import LanguageError, UnknownNameError, parse
from xltool.language.tree import without_formula
from xltool.result.roles import ROLE_NAMES, ROLES
from xltool.rules.expressions import Expressions, NotOnThisForm
from xltool.rules.rule import Case, Check, Rule, placeholder_names
from xltool.rules.selectors import SelectableField, Selector, selectable_fields
from xltool.support.errors import WrongDefinition
from xltool.support.i18n import tr

#: Names in messages that code fills in, not the form.
_FILLED_BY_CODE = {"label", "reason", "stored", "right", "part", "count", "names", "found", "expected"}

#: How an author mends a name that no form has.
_REMEDY = "；名字写错的请改正，有的表样才有的写进 needs 或 optional"


@dataclass(frozen=True)
class NotAsked:
    """A check that a form cannot be asked.

    Attributes:
        rule: the rule.
        case: the number of its case, from 1.
        value: the name of the field; "" if the case is about no field in particular.
        missing: the names or roles that the form lacks.
        selectors: the selectors that select no field of the form.
    """

    rule: str
    case: int
    value: str = ""
    missing: tuple[str, ...] = ()
    selectors: tuple[Selector, ...] = ()


@dataclass
class Applicability:
    """The checks that a form can be asked, and those that it cannot.

    Attributes:
        layout: the layout of the form.
        expressions: the expressions of its checks.
        file: the file of its rules, for refusals.
        checks: the checks that apply.
        not_asked: those that do not.
    """

    layout: Layout
    expressions: Expressions
    file: str
    checks: list[Check] = field(default_factory=list)
    not_asked: list[NotAsked] = field(default_factory=list)

    @cached_property
    def _fields(self) -> Sequence[SelectableField]:
        return tuple(selectable_fields(self.layout))

    def add(self, rule: Rule) -> None:
        """Add the checks of a rule.

        Raises:
            WrongDefinition: an expression is wrong, or no form has what a check is about.
        """
        for number, case in enumerate(rule.cases, 1):
            if case.key or rule.disabled:
                continue
            _refuse_unknown_names(self.layout.form, rule, case, number, self.file)
            missing = tuple(need for need in case.needs if not self._has(need))
            if case.each not in subjects(self.layout.form):
                _refuse_unknown_subject(rule, case, self.file)
                missing += (case.each,)
            if missing:
                self.not_asked.append(NotAsked(rule.id, number, missing=missing))
                continue
            selected = any(selector.selects(one) for selector in case.selectors for one in self._fields)
            if case.selectors and not selected:
                self.not_asked.append(NotAsked(rule.id, number, selectors=case.selectors))
            for check in self.checks_of(rule, case):
                self._add(check, number)

    def _add(self, check: Check, number: int) -> None:
        """Add a check if the form has what it is about."""
        key = f"{check.rule.id}.case[{number}]"
        items = check_targets(self.layout, check.each, check.only)
        item = next(iter(items), None)
        if item is None:
            if not check.each.endswith(SUBTOTALS):
                _refuse_unless_somewhere(check, self.file)
            self.not_asked.append(NotAsked(check.rule.id, number, check.value, check.only or (check.each,)))
            return
        try:
            _parse_all(self.expressions, check, item)
        except NotOnThisForm as error:
            self.not_asked.append(NotAsked(check.rule.id, number, check.value, (str(error),)))
        except LanguageError as error:
            remedy = _REMEDY if isinstance(error, UnknownNameError) else ""
            raise WrongDefinition(self.file, key, f"{error}{remedy}") from None
        else:
            self.checks.append(check)

    def checks_of(self, rule: Rule, case: Case) -> Iterator[Check]:
        """The checks of a case: one for each field that it names or selects, or one for what it says of ``at``."""
        selected = [one for one in self._fields if any(selector.selects(one) for selector in case.selectors)]
        if case.selectors and case.each.endswith(COLUMNS):
            if columns := tuple(one.name for one in selected if one.is_column):
                yield Check(rule, case, "", case.each, columns)
            return
        if case.selectors and case.each.endswith(SUBTOTALS):
            yield from (Check(rule, case, one.name, case.each) for one in selected if one.is_column)
            return
        named = [Check(rule, case, value, case.each, rule.only) for value in case.value]
        known = {self._cells(check) for check in named}
        yield from named
        for one in selected:
            check = Check(rule, case, one.name, one.each)
            if self._cells(check) not in known:
                yield check
        if not case.selectors and not named:
            yield Check(rule, case, "", case.each, rule.only)

    def _cells(self, check: Check) -> tuple[object, ...]:
        """What the value of a check refers to, whatever its name."""
        binding = bind(self.layout.form, check.each, check.value)
        return ("", check.each, check.value) if binding is None else (binding.cell, *binding.block_and_column)

    def _has(self, need: str) -> bool:
        """Whether the form has a field with a name or a role."""
        form = self.layout.form
        if need in ROLES:
            return form.roles.path(need) is not None
        return _binds(form, need)


def reason(form: Form, one: NotAsked) -> str:
    """Why a form cannot be asked something, in words: 「没有“分值”一栏」."""
    if one.missing:
        names = tr("”“", "', '").join(dict.fromkeys(_words(form, name) for name in one.missing))
        return tr(f"没有“{names}”一栏", f"no field '{names}'")
    words = tr("、", ", ").join(dict.fromkeys(selector.words for selector in one.selectors))
    return tr(f"没有{words}", f"no {words}")


def _words(form: Form, name: str) -> str:
    """A role or a field that a form lacks, in words: those of a form that has it."""
    role = name.removeprefix(ROLE).removesuffix(LABEL).partition(".")[0]
    if role in ROLE_NAMES and (name == role or name.startswith(ROLE)):
        return tr(*ROLE_NAMES[role])
    if name.endswith(SUBTOTALS):
        return tr("小计", "subtotal")
    if name in LEVELS:
        return (tr("一级指标", "first level"), tr("二级指标", "second level"))[LEVELS.index(name)]
    others = sorted(map(load_form, all_references()), key=lambda other: other.extends != "")
    bindings = ((other, bind(other, each, name)) for other in others for each in subjects(other))
    other, binding = next(((other, binding) for other, binding in bindings if binding is not None), (form, None))
    if binding is None:
        return name
    if binding.block == other.fund_table and binding.column in (*form.fund_columns, KEY):
        row = other.fund_rows.get(binding.rows)  # it is the row that is missing
        return row.label if row else binding.label(other)
    roles = (role for role in _roles(other, binding) if role not in form.roles.paths)
    return next((tr(*ROLE_NAMES[role]) for role in roles), binding.field.label)


def _roles(form: Form, binding: Binding) -> Iterator[str]:
    """The roles of a cell or a column."""
    block, column = binding.block_and_column
    for role, paths in form.roles.paths.items():
        if len(paths) == 1 and f"{block}.{column}" in (paths[0], f"{paths[0].partition('.')[0]}.{form.column(role)}"):
            yield role


def subjects(form: Form) -> tuple[str, ...]:
    """The values of ``each`` that a form knows: what an expression may be about."""
    matrices = (block.id + ending for block in form.matrices.values() for ending in (ROWS, COLUMNS, SUBTOTALS))
    return (FORM, *(block.id for block in form.tables.values()), *matrices, *LEVELS)


def _binds(form: Form, name: str) -> bool:
    """Whether a form has a field of this name for an expression about anything."""
    return any(bind(form, each, name) is not None for each in subjects(form))


def _refuse_unknown_subject(rule: Rule, case: Case, file: str) -> None:
    """Reject an ``each`` that no form has."""
    if not any(case.each in subjects(load_form(reference)) for reference in all_references()):
        raise WrongDefinition(file, f"{rule.id}.each", f"哪个表样都没有 {case.each}")


def _is_block_somewhere(name: str) -> bool:
    """Whether any form has a block of this name."""
    return any(name in load_form(reference).block_of for reference in all_references())


def _is_name_somewhere(name: str) -> bool:
    """Whether any form has a field of this name."""
    return any(_binds(load_form(reference), name) for reference in all_references())


def _refuse_unknown_names(form: Form, rule: Rule, case: Case, number: int, file: str) -> None:
    """Reject needs that no form can have, and selectors of roles, blocks and fields that there are not."""
    for key, names in (("needs", case.needs), ("optional", case.optional)):
        for name in names:
            if "." not in name and name not in ROLES and not _is_name_somewhere(name):
                raise WrongDefinition(file, f"{rule.id}.case[{number}].{key}", f"没有用途或栏目 {name}；{_KNOWN_ROLES}")
    for selector in case.selectors:
        key = f"{rule.id}.case[{number}].select"
        for role in selector.roles:
            if role not in ROLES:
                raise WrongDefinition(file, f"{key}.role", f"没有用途 {role}；{_KNOWN_ROLES}")
        for block in selector.blocks:
            if block not in form.block_of and not _is_block_somewhere(block):
                raise WrongDefinition(
                    file, f"{key}.in", f"哪个表样都没有块 {block}；这个表样有 {'、'.join(form.block_of)}"
                )
        for name in selector.excluded:
            is_known = name in ROLES or name in form.block_of or _binds(form, name)
            if not is_known and not _is_block_somewhere(name) and not _is_name_somewhere(name):
                raise WrongDefinition(file, f"{key}.except", f"没有用途、块或栏目 {name}；{_KNOWN_ROLES}")


#: The roles, for an author who wrote another.
_KNOWN_ROLES = f"用途有 {'、'.join(ROLES)}"


def _refuse_unless_somewhere(check: Check, file: str) -> None:
    """Reject a check that is limited to items that no form has."""
    layouts = (Layout(load_form(reference)) for reference in all_references())
    if not any(True for layout in layouts for _ in check_targets(layout, check.each, check.only)):
        raise WrongDefinition(file, f"{check.rule.id}.only", f"{check.each} 里没有 {'、'.join(check.only)}")


def _parse_all(expressions: Expressions, check: Check, item: CheckTarget) -> None:
    """Parse all expressions of a check: the condition, the place at fault, the placeholders of its messages."""
    parsed = [tree for tree in expressions.trees(check, item) if tree is not None]
    missing = [name for tree in parsed for name in without_formula(tree)]
    if missing and check.case.checked_by != "python":
        raise LanguageError(f'{missing[0]} 没有公式，只能用在 only_in = "python" 的规则或 case 里')
    names = expressions.scope(check, item)
    if not item.is_level:
        parse(check.at or "''", names)
        if check.at and bind(expressions.form, item.each, check.at) is None:
            raise NotOnThisForm(check.at)  # it has a value on this form, but no cell
        if not check.at:
            raise LanguageError("没有写 at、value 或 select：不知道错在哪一格")
    case = check.case
    grouped = (case.group_message, case.group_message_en)
    for text in (case.message, case.message_en, case.found, case.expected, case.expected_en, *grouped):
        for name, _ in placeholder_names(text):
            if name not in _FILLED_BY_CODE:
                parse(name, names)
