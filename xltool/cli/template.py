"""``xltool template``: one blank template."""

from __future__ import annotations

from pathlib import Path

import click

from xltool.cli.form_option import form_option
from xltool.form.loading import load_form
from xltool.form.references import full_reference
from xltool.intake import files
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr


@click.command(help=tr("生成一份空白模板。", "Write one blank template."))
@form_option
@click.option("--rows", multiple=True, metavar="指标=行数", help=tr("二级指标的行数，如 数量指标=8", "rows of a group"))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=tr("写到哪个文件", "the file to write"))
def command(form_name: str, rows: tuple[str, ...], output: Path | None) -> None:
    """Write one blank template."""
    from xltool.services.template import blank_template

    files.refuse_ending(output, "-o", ".xlsx")
    reference = full_reference(form_name)
    form, content = load_form(reference), blank_template(reference, rows)
    if output is None:
        output = Path(f"{form.title}.xlsx")
        if output.exists():  # it may be somebody's filled form
            raise WrongUse(tr(f"{output} 已经存在；用 -o 指定文件名", f"{output} exists; name a file with -o"))
    files.write_file(output, content)
    click.echo(tr(f"已生成 {output}（{form.name}）", f"wrote {output} ({form.reference})"), err=True)
