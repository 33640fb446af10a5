"""Generates the reference pages, rules and fields as Markdown, from the definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xltool.form.addresses import CellAddresses
from xltool.form.binding import LABEL, ROLE, bind
from xltool.form.blocks import Matrix, Table
from xltool.form.check_targets import check_targets
from xltool.form.definition import Form
from xltool.form.field import Field
from xltool.form.versions import ACCEPT, MIGRATE, REFUSE, WARN, Version
from xltool.language import excel
from xltool.language.library import FUNCTIONS
from xltool.language.words import words_of
from xltool.result.findings import ACTOR_NAMES, LEVEL_NAMES, NOBODY
from xltool.result.roles import WEIGHT
from xltool.rules.applicability import NotAsked, reason
from xltool.rules.catalogue import Catalogue, place_of_check
from xltool.rules.examples import examples_of
from xltool.rules.expressions import NotOnThisForm
from xltool.rules.rule import Case, Check, Example, Rule, fill_placeholders
from xltool.support import json_codec
from xltool.support.i18n import tr

_WHERE = {
    "": ("表内公式和提交后检查都有", "in the sheet and after submission"),
    "python": ("提交后检查", "after submission only"),
    "workbook": ("只查工作簿", "workbooks only"),
    "reading": ("读取工作簿时提出", "raised while a workbook is read"),
    "ledger": ("有名册或台账时提出", "raised where there is a roster or a ledger"),
}


#: Formulas longer than this, in characters, are not shown.
_LONGEST = 400


def levels(rule: Rule) -> str:
    """The levels of a rule's cases, worst first."""
    return tr("、", ", ").join(
        tr(*LEVEL_NAMES[level]) for level in LEVEL_NAMES if any(c.level == level for c in rule.cases)
    )


def rule(catalogue: Catalogue, one: Rule) -> str:
    """One rule, explained: what and why, its basis, its formula in words and in Excel, a good and a bad example."""
    return "\n".join(_rule(catalogue, one))


def _rule(catalogue: Catalogue, subject: Rule) -> Iterator[str]:
    yield f"### {subject.id} {tr(subject.name, subject.name_en)}"
    yield ""
    yield tr(f"为什么：{subject.why}", f"Why: {subject.why_en}")
    yield ""
    yield tr(f"- 级别：{levels(subject)}。", f"- Level: {levels(subject)}.")
    yield tr(f"- 检查：{_where(subject)}。", f"- Checked {_where(subject)}.")
    yield tr(f"- 依据：{subject.basis}。", f"- Basis: {subject.basis}.")
    if subject.explainable:
        yield tr(
            "- 警告属实的，单位可以在《自检》页写明说明。", "- The unit may explain the warning on the sheet 自检."
        )
    if subject.suppressed_by:
        yield tr(
            f"- 同一行已有 {'、'.join(subject.suppressed_by)} 的错误或警告时不再说。",
            f"- Silent where {', '.join(subject.suppressed_by)} has spoken of the row.",
        )
    if subject.params:
        parameters = tr("；", "; ").join(f"`{name}` = {_param(value)}" for name, value in subject.params.items())
        yield tr(f"- 参数：{parameters}。", f"- Parameters: {parameters}.")
    yield ""
    for number, case in enumerate(subject.cases, 1):
        yield from _case(catalogue, subject, case, number)
    for example in examples_of(catalogue, subject) if _can_be_asked(catalogue, subject) else ():
        yield _example(example)
    yield ""


def _can_be_asked(catalogue: Catalogue, subject: Rule) -> bool:
    """Whether a rule has a check for this form, perhaps one that is off."""
    return catalogue.applies(subject) or subject.disabled


def _where(subject: Rule) -> str:
    """Where a rule is checked, and why it has no formula if it has none."""
    chinese, english = _WHERE[subject.checked_by]
    reason = tr(f"（{subject.why_python}）", f" ({subject.why_python})") if subject.why_python else ""
    off = tr("；默认不启用，表样里写 off = false 启用", "; off by default") if subject.disabled else ""
    return tr(chinese, english) + reason + off


def _example(example: Example) -> str:
    changes = _shortened(json_codec.dumps(dict(example.changes)))
    if example.finds:
        return tr(f"- 反例：改成 `{changes}`，发现问题。", f"- Bad: `{changes}` is found.")
    return tr(f"- 正例：改成 `{changes}`，没有问题。", f"- Good: `{changes}` is not.")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-20:]}"


def _case(catalogue: Catalogue, subject: Rule, case: Case, number: int) -> Iterator[str]:
    message = tr(_with_labels(catalogue.form, case), case.message_en)
    yield f"{number}. **{tr(*LEVEL_NAMES[case.level])}** {message}"
    chinese, english = ACTOR_NAMES[case.actor]
    who = tr(f"（{chinese}）", f" ({english})") if case.actor != NOBODY else ""
    yield tr(f"   - 更正{who}：{case.fix}", f"   - To mend{who}: {case.fix_en}")
    if case.review:
        yield tr(
            "   - 金额或身份有疑问：没有错误的表也是“待核对”",
            "   - An amount or the identity is in doubt: to be reviewed",
        )
    if case.key:
        return
    check = _asked(catalogue, subject, case)
    if check is None:
        yield tr("   - 本表样不适用", "   - Not applicable to this form") + _reasons_of_case(catalogue, subject, number)
        return
    layout = catalogue.layout()
    item = next(check_targets(layout, check.each, check.only))
    when, must = catalogue.expressions.trees(check, item)
    condition = f"{words_of(when)}时，" if when is not None else ""
    yield tr(
        f"   - 必须：{condition}{words_of(must)}",
        f"   - Must hold: `{case.must}`" + (f" when `{case.when}`" if when else ""),
    )
    if case.checked_by == "python":
        yield tr("   - 公式：没有，提交后检查", "   - Formula: none, checked after submission")
        return
    formula = excel.validation_formula(when, must, CellAddresses(layout, item, layout.form.sheet))
    long = tr("很长，见工作簿的隐藏页 _check", "long: see sheet _check")
    shown_formula = f"`={formula}`" if len(formula) <= _LONGEST else long
    place = place_of_check(check, item, layout)
    where = f"{item.label or catalogue.form.label(place)}，{layout.box(place).address}"
    yield tr(f"   - 公式（{where}）：{shown_formula}", f"   - Formula: {shown_formula}")


def _with_labels(form: Form, case: Case) -> str:
    """The message of a case with the labels of fields in place of their roles: 总分“{总分的得分}”不是数字."""

    def label(name: str, _: str) -> str:
        binding = bind(form, case.each, name.removesuffix(LABEL)) if name.startswith(ROLE) else None
        if binding is None:
            return f"{{{name}}}"
        return binding.field.label if name.endswith(LABEL) else f"{{{binding.label(form)}}}"

    return fill_placeholders(case.message, label)


def _asked(catalogue: Catalogue, subject: Rule, case: Case) -> Check | None:
    """The first check of a case; None if the form lacks what it is about."""
    if not subject.disabled:
        return next((check for check in catalogue.checks if check.case is case), None)
    check = next(iter(catalogue.applicability.checks_of(subject, case)), None)
    if check is not None:
        try:
            catalogue.expressions.trees(check, next(check_targets(catalogue.layout(), check.each, check.only)))
        except NotOnThisForm:
            return None
    return check


def _param(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


def not_asked(catalogue: Catalogue) -> list[str]:
    """What a form cannot be asked because it lacks a field, a line for each rule with the reason; empty if all is."""
    return [_not_asked_of(catalogue, catalogue.rules[key]) for key in catalogue.not_asked]


def rule_counts(catalogue: Catalogue) -> str:
    """How many rules a form is asked, and how many not at all or not in every case."""
    number = sum(map(catalogue.applies, catalogue.rules.values()))
    partly = sum(catalogue.applies(catalogue.rules[key]) for key in catalogue.not_asked)
    whole = len(catalogue.not_asked) - partly
    return tr(
        f"检查规则 {number} 条，不适用 {whole} 条，部分不适用 {partly} 条",
        f"{number} rules, {whole} not applicable, {partly} in part",
    )


def _not_asked_of(catalogue: Catalogue, subject: Rule) -> str:
    """The cases of a rule that a form cannot be asked, with the reasons."""
    unasked = catalogue.not_asked[subject.id]
    name = f"{subject.id} {tr(subject.name, subject.name_en)}"
    asked = {subject.cases.index(check.case) + 1 for check in catalogue.checks if check.rule is subject}
    numbers = list(dict.fromkeys(one.case for one in unasked if one.case not in asked))
    listed = tr("、", ", ").join(map(str, numbers))
    part = tr(f"第 {listed} 种情况", f"case {listed}") if numbers else tr("部分栏目", "some fields")
    in_part = tr(f"（{part}）", f" ({part})") if catalogue.applies(subject) else ""
    return f"{name}{in_part}{tr('：', ': ')}{_reasons(catalogue, unasked)}"


def _reasons(catalogue: Catalogue, unasked: Sequence[NotAsked]) -> str:
    return tr("；", "; ").join(dict.fromkeys(reason(catalogue.form, one) for one in unasked))


def _reasons_of_case(catalogue: Catalogue, subject: Rule, number: int) -> str:
    """Why a form cannot be asked a case."""
    unasked = [one for one in catalogue.not_asked.get(subject.id, ()) if one.case == number]
    return tr(f"：{_reasons(catalogue, unasked)}", f": {_reasons(catalogue, unasked)}") if unasked else ""


def all_rules(catalogues: Sequence[Catalogue]) -> str:
    """The page of all rules: for a form in full, for one that extends another only the differences."""
    by_reference = {each.form.reference: each for each in catalogues}
    lines = ["# 检查规则\n", "<!-- 由 make docs 生成，不要手改 -->\n", *_language()]
    for each in sorted(catalogues, key=lambda each: (each.form.extends != "", each.form.reference)):
        parent = by_reference.get(each.form.extends)
        lines += [f"## {each.form.reference}（{each.form.name}）\n"]
        lines += _in_full(each) if parent is None else _differences(each, parent)
    return "\n".join(lines).rstrip() + "\n"


def _in_full(catalogue: Catalogue) -> Iterator[str]:
    rules = catalogue.rules.values()
    yield from ("| 编号 | 名称 | 级别 | 检查 |", "|---|---|---|---|")
    yield from (f"| {each.id} | {each.name} | {levels(each)} | {_where(each)} |" for each in rules)
    yield ""
    yield from _not_applicable(catalogue)
    yield ""
    yield from (rule(catalogue, each) for each in rules)


def _differences(catalogue: Catalogue, parent: Catalogue) -> Iterator[str]:
    yield f"与 {parent.form.reference} 相同，只有以下不同：\n"
    for subject in catalogue.rules.values():
        parent_rule = parent.rules.get(subject.id)
        if parent_rule is None or _cases_but_for_remedies(parent_rule) != _cases_but_for_remedies(subject):
            yield rule(catalogue, subject)
            continue
        if parent_rule.basis != subject.basis:
            yield f"- {subject.id} {subject.name}：依据：{subject.basis}"
        for name, value in subject.params.items():
            before = parent_rule.params.get(name)
            if before != value:
                yield f"- {subject.id} {subject.name}：`{name}` = {_param(value)}（原为 {_param(before)}）"
    lacking = [subject.id for subject in parent.rules.values() if subject.id not in catalogue.rules]
    if lacking:
        yield f"- 不用：{'、'.join(lacking)}"
    yield from _not_applicable(catalogue)
    yield ""


def _not_applicable(catalogue: Catalogue) -> Iterator[str]:
    """What a form cannot be asked, with the reasons."""
    if unasked := not_asked(catalogue):
        yield "- 不适用："
        yield from (f"  - {line}" for line in unasked)


def _cases_but_for_remedies(subject: Rule) -> list[Case]:
    """The cases of a rule without the remedies, which name the fields of the form."""
    return [replace(case, fix="", fix_en="") for case in subject.cases]


def _language() -> list[str]:
    return [
        "## 规则的写法\n",
        "规则写在 `templates/<表样>/<版本>/rules.toml`。`must` 必须成立，`when` 是前提；",
        "两者是 Python 表达式语法的一小角：数、文字、`+ - * /`、`< <= > >= == !=`、`and or not`、",
        "`甲 if 条件 else 乙`、下列函数，以及栏目的名字（见 fields.md）。",
        "同一段文字编译成工作簿里的公式、Python 里的精确小数计算和这里的中文说明。\n",
        "- 要用到的格子没填或填错了类型，就不下结论（是否填写由专门的规则管）。",
        "- 除以 0 不下结论。比较时两边都取九位小数。文字按原样比较，没有大小。",
        "- `each` 说对什么逐一检查：",
        "  `form` 全表；`funds.rows` 每个资金来源；`funds.columns` 每个金额栏；",
        "  `indicators` 每个指标行；`level1`、`level2` 每个一级、二级指标。规则和 case 都可以写。",
        "- `select` 按性质选栏目，新栏目自动有规则：`kind` 类型，`in` 所在的块，`role` 用途（表样的 `[means]`），",
        "  `has` 有字数上限（`limit`）或给出选项（`choices`），`required` 是否必填，",
        "  `computed = true` 由公式算出的（缺省选填写的），`each` 是单格的栏目（`form`）还是表里的栏",
        "  （固定行的 `matrix`，行数不定的 `table`），",
        "  `except` 不选的用途、块、栏目。各项都要符合；写成几个表的，符合一个就行。",
        "  单格的栏目查一次，表里的栏逐行查；`each` 是 `….columns` 的，对选中的各栏逐一检查。",
        "  表样在上一级的 `select` 上增减各项，写 `false` 去掉一项。",
        "- `value` 列出要查的栏目，与 `select` 选中的一起，在表达式里写作 `value`；`let` 给算式起名；",
        "  `params` 是各地可改的参数。",
        "- `means.用途` 是有这一用途的栏目：`means.budget` 是预算数那一格；`means.budget.every` 是这一栏的各行，",
        "  `means.budget.parts` 是各资金来源，`means.budget.label` 是它的名称。",
        "  对行逐一检查的，`means.target` 是本行的一格。",
        "- `needs` 是没有就不能查的用途或栏目。`optional` 是表样可以没有的：没有的，`filled(它)` 不成立，",
        "  另有用到它的 case 不查。",
        "  表样缺的，列为不适用并说明原因；没有写进 `needs`、`optional`，别的表样也没有的名字，算写错。",
        "- `why`、`basis`、`fix`、`name` 里可以写参数和 `{means.用途.label}`，按表样填上；",
        "  `:percent` 写成百分数，`:numeral` 写成汉字。",
        "- `example` 是对示例记录（`example.json`，没有问题的）的改动；表样没有的栏目不改，",
        "  在这个表样上不成立的例子不列。",
        "- 指标行里还有隐藏的中间列：指标值、完成值读出的符号、数、单位、类型，方向、参考得分等（见 fields.md）；",
        "  `others.栏目` 是其他各行的这一栏，`earlier.栏目` 是前面各行的。",
        '- 有的函数没有公式（下表注明），只能用在 `only_in = "python"` 的规则或 case 里；都是的写 `why_python`。',
        "- `yields_to` 列出的规则在同一行已经说了，这一条就不再说：一个原因只说一次。",
        "- `off = true` 的规则默认不启用，表样里写 `off = false` 启用。",
        "- `actor` 是谁能处理：`unit` 单位改表，`bureau` 财政部门（重新签发、更正名册、裁定），`nobody` 无须处理；",
        "  不写的，错误、警告为 `unit`，提示为 `nobody`。`review = true` 表示金额或身份有疑问，表要待核对。",
        "- `at` 是错在哪一格；`entry = true` 同时用作输入时的数据验证；`mark = false` 表示错的格子不变色。",
        "- `case` 依次检查，同一格上先不成立的一条为准。\n",
        "| 函数 | 意思 |",
        "|---|---|",
        *(
            f"| `{function.name}` | {function.words.format(*'甲乙丙丁戊己庚辛')}"
            f"{'' if function.excel else '（没有公式）'} |"
            for function in FUNCTIONS.values()
        ),
        "| `computed` | 甲格的公式的结果 |",
        "",
    ]


def fields(form: Form) -> str:
    """The fields of a form as a table, the rows of its matrices, the groups of its tables."""
    unit = f"金额单位：{form.money_unit}。" if form.money_unit else ""
    basis = f"依据：{form.basis}。" if form.basis else ""
    lines = [f"## {form.reference} {form.name}", "", f"{unit}{basis}", ""]
    lines += ["| 记录里 | 栏目 | 类型 | 怎样得出 | 名字 | 用途 | 别名 |", "|---|---|---|---|---|---|---|"]
    for path, field in form.fields_of_record:
        name, roles = _name_in_rules(form, field), "、".join(_roles(form, path))
        lines.append(
            f"| `{path}` | {field.label} | {field.kind.name} | {_origin(form, field)} | `{name}` | {roles} "
            f"| {'、'.join(field.synonyms)} |"
        )
    lines += [line for matrix in form.matrices.values() for line in _rows(matrix)]
    lines += [line for table in form.tables.values() for line in _groups(form, table)]
    lines += [line for number, version in form.versions.items() for line in _version(f"{form.id}/{number}", version)]
    return "\n".join(lines) + "\n"


def _name_in_rules(form: Form, field: Field) -> str:
    """The name of a field in expressions: ``heading.name``, ``funds.行.executed``, ``indicators.target``."""
    return field.full_name.replace(".columns.", ".行." if isinstance(form.block_of[field.block], Matrix) else ".")


def _roles(form: Form, path: str) -> list[str]:
    """The roles of a single cell or a column."""
    block, _, column = path.partition("[].")
    ends = {path} | {name for paths in form.roles.paths.values() for name in paths
                     if column and name.partition(".")[0] == block and name.rpartition(".")[2] == column}  # fmt: skip
    return [role for role, paths in form.roles.paths.items() if not ends.isdisjoint(paths)]


def _origin(form: Form, field: Field) -> str:
    """Where the value of a field comes from."""
    if field.formula:
        return f"公式 `{field.formula}`"
    if field.fixed_value is not None:
        return f"固定：{field.fixed_value}"
    matrix = form.block_of[field.block]
    if isinstance(matrix, Matrix) and field.name in matrix.columns and matrix.formula(matrix.total, field.name):
        return "填写；合计由公式得出"
    return "填写"


def _rows(matrix: Matrix) -> Iterator[str]:
    """The rows of a matrix."""
    yield from ("", f"| `{matrix.id}` 的行 | 名称 | 加进 |", "|---|---|---|")
    yield from (
        f"| `{row.id}` | {row.label} | {f'`{row.adds_to}`' if row.adds_to else ''} |" for row in matrix.rows.values()
    )


def _groups(form: Form, table: Table) -> Iterator[str]:
    """The groups of rows of a table."""
    if not table.level_columns:
        yield from ("", f"`{table.id}` 有 {sum(group.rows for group in table.groups.values())} 行。")
        return
    has_points = form.column(WEIGHT) is not None or table.points_in_labels
    yield from ("", "| 一级指标 | 分值 | 二级指标 | 行数 |", "|---|---|---|---|")
    for level1 in table.level1:
        points = level1.weight if has_points and level1.weight is not None else "—"
        yield from (f"| {level1.label} | {points} | {group.label} | {group.rows} |" for group in level1.level2)


_POLICIES = {ACCEPT: "照收", WARN: "照收并提醒", MIGRATE: "读成这一版", REFUSE: "拒收"}


def _version(reference: str, version: Version) -> Iterator[str]:
    """What happens to an older version, and what became of its fields."""
    yield f"\n旧版 {reference}：{_POLICIES[version.policy]}。{version.reason}\n"
    yield from (f"- `{before}` 改为 `{after}`" for before, after in version.crossing.renamed.items())
    yield from (f"- `{name}` 去掉" for name in version.crossing.dropped)
    for name, value in version.crossing.added.items():
        yield f"- `{name}` 新加，" + ("留空" if value is None else f"填“{value}”")


def all_fields(forms: Sequence[Form]) -> str:
    """The page of all fields."""
    return "# 表样与字段\n\n<!-- 由 make docs 生成，不要手改 -->\n\n" + "\n".join(map(fields, forms))
