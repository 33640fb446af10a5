"""``xltool demo``: the main job on the examples, from blank template to findings."""

from __future__ import annotations

from pathlib import Path

import click

from xltool.intake import files
from xltool.support import json_codec, resources
from xltool.support.i18n import tr


@click.command(help=tr("在示例上走一遍：发模板、填表、读回、检查。", "A tour on the examples: template, fill, ingest."))
@click.argument("folder", type=click.Path(path_type=Path), default="demo-out")
def command(folder: Path) -> None:
    """Write a template, fill in the examples as printed, read them back, check them, and show the findings."""
    from rich.console import Console

    from xltool.report import text
    from xltool.result.record import Record
    from xltool.services.fill import fill
    from xltool.services.read_and_check import result_of_workbook
    from xltool.services.template import blank_template

    files.make_folder(folder)
    records = [
        (file.stem, Record.from_json(json_codec.loads(file.read_bytes())))
        for file in sorted(resources.folder("examples").glob("form?.json"))
    ]
    reference = records[0][1].form.text
    blank = folder / "template.xlsx"
    files.write_file(blank, blank_template(reference))
    click.echo(tr(f"1. 空白模板：{blank}", f"1. a blank template: {blank}"))
    results = []
    for name, record in records:
        filled, target = fill(record, as_printed=True), folder / f"{name}.xlsx"
        files.write_file(target, filled.content)
        click.echo(tr(f"2. 按公开的自评表填好：{target}", f"2. filled in as published: {target}"))
        results.append(result_of_workbook(target.read_bytes(), str(target)))
    lines = folder / "results.jsonl"
    files.write_file(lines, json_codec.dump_lines(result.as_json() for result in results).encode("utf-8"))
    click.echo(tr(f"3. 读回并检查，结果（JSON Lines）：{lines}", f"3. read back and checked: {lines}"))
    text.show_results(results, Console(highlight=False))
    click.echo(tr(f"4. 用 Excel 或 WPS 打开 {blank} 试填。", f"4. open {blank} in Excel or WPS and try."))
