"""``xltool migrate``: converts an older or foreign form to the current template."""

from __future__ import annotations

from pathlib import Path

import click

from xltool.cli import output
from xltool.intake import files
from xltool.result.findings import LEVELS
from xltool.services.migrate import KIND_NAMES, Migration, leftovers_lines, leftovers_table, migrate
from xltool.support.errors import WrongUse
from xltool.support.escaping import escape_markup
from xltool.support.i18n import tr

_PATH = click.Path(path_type=Path)

#: The writers of the list, by the suffix of its file.
_LISTS = {".csv": leftovers_table, ".jsonl": leftovers_lines}


@click.command(
    help=tr(
        "把旧版的、或不是用下发模板填的自评表转入现行模板；没有位置的内容逐项列出，不会丢失。",
        "Carry an older or foreign form into the current template; what has no place there is listed.",
    )
)
@click.argument("old_file", metavar="OLD", type=_PATH)
@click.option("-o", "--output", "new_file", type=_PATH, required=True, help=tr("写到哪个文件", "file to write"))
@click.option("--form", "form_name", default="", help=tr("转入哪个表样，默认原表样的最新版", "the form to carry into"))
@click.option("--sheet", default="", help=tr("有几张自评表时，转哪个工作表上的", "the sheet, where there are several"))
@click.option(
    "--list", "list_file", type=_PATH,
    help=tr("没有位置、有出入的内容另写到文件（.csv 或 .jsonl）", "write the list to a file (.csv or .jsonl)"),
)  # fmt: skip
@click.option(
    "--fail-on", type=click.Choice(LEVELS), default="error", show_default=True,
    help=tr("新表有这一级或更重的问题时退出码为 1；有内容没有位置算警告", "exit 1 at this level; a loss is a warning"),
)  # fmt: skip
def command(old_file: Path, new_file: Path, form_name: str, sheet: str, list_file: Path | None, fail_on: str) -> int:
    """Write the new workbook, report what has no place in it, and what the rules find in it."""
    from xltool.form.references import full_reference
    from xltool.services.read_and_check import result_of_workbook

    for target in (new_file, list_file):
        files.refuse_overwriting(target, [old_file])
    if list_file is not None and list_file.suffix.lower() not in _LISTS:
        raise WrongUse(tr(f"--list {list_file}：应是 .csv 或 .jsonl", f"--list {list_file}: must be .csv or .jsonl"))
    migration = migrate(files.read_file(old_file), str(old_file), full_reference(form_name) if form_name else "", sheet)
    files.write_file(new_file, migration.content)
    if list_file is not None:
        files.write_file(list_file, _LISTS[list_file.suffix.lower()](migration.leftovers).encode("utf-8"))
    _report(old_file, new_file, migration)
    code = output.write_results([result_of_workbook(migration.content, str(new_file))], None, fail_on)
    return 1 if migration.lost and LEVELS.index(fail_on) >= LEVELS.index("warning") else code


def _report(old_file: Path, new_file: Path, migration: Migration) -> None:
    """Report each value that has no place or differs, and the new workbook."""
    colon = tr("：", ": ")
    for leftover in migration.leftovers:
        place = f"{leftover.sheet}!{leftover.cell}" if leftover.cell else leftover.sheet
        where = f"{place} {leftover.label}".rstrip()
        quoted = tr(f"“{leftover.raw}”", f"'{leftover.raw}'")
        click.echo(
            escape_markup(f"{where}{colon}{quoted} {tr(*KIND_NAMES[leftover.kind])}{colon}{leftover.why}"), err=True
        )
    if not migration.has_stamp:
        chinese = f"{old_file} 不是下发的模板，按栏目名称读取，请核对"
        click.echo(tr(chinese, f"{old_file} is not a template of ours and was read by its labels: check it"), err=True)
    if migration.sealed:
        chinese = f"{old_file} 是签发给项目的表；签发标识只对旧版有效，新表没有"
        click.echo(tr(chinese, f"{old_file} was issued to a project; its seal is not carried over"), err=True)
    lost = migration.lost
    versions = f"{migration.old.reference} → {migration.new.reference}"
    rest = tr(f"；{lost} 处内容没有位置", f"; {lost} values have no place") if lost else ""
    click.echo(tr(f"已生成 {new_file}（{versions}{rest}）", f"wrote {new_file} ({versions}{rest})"), err=True)
