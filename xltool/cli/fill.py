"""``xltool fill``: a completed workbook from a record."""

from __future__ import annotations

from pathlib import Path

import click

from xltool.cli.output import STDOUT
from xltool.intake import files
from xltool.intake.records import read_record
from xltool.support.i18n import tr


@click.command(
    help=tr("用一条记录生成填好的工作簿；- 为标准输入。", "Write a completed workbook from a record; - is stdin.")
)
@click.argument("record_file", metavar="RECORD.json", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help=tr("写到哪个文件", "file to write")
)
@click.option(
    "--as-printed",
    is_flag=True,
    help=tr("与公式不同的数字照记录写，覆盖公式", "write the record's own figures over formulas that differ"),
)
def command(record_file: Path, output: Path, as_printed: bool) -> None:
    """Write a completed workbook from a record, and report the values that differ from it."""
    from xltool.services.fill import fill

    to_stdout = output == STDOUT
    if not to_stdout:
        files.refuse_overwriting(output, [record_file])
    record, _ = read_record(record_file)
    filled = fill(record, as_printed)
    if to_stdout:
        files.write_bytes_file(filled.content)
    else:
        files.write_file(output, filled.content)
    for remark in filled.remarks:
        click.echo(remark, err=True)
    if not to_stdout:
        click.echo(tr(f"已生成 {output}", f"wrote {output}"), err=True)
