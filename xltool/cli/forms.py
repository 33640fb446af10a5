"""``xltool forms``: the list of forms, the fields of one, and the conversion of definitions."""

from __future__ import annotations

from pathlib import Path

import click

from xltool.cli import messages
from xltool.form.loading import load_form
from xltool.form.references import all_references, full_reference
from xltool.report import reference
from xltool.rules.loading import definition_fault, load_catalogue
from xltool.services.convert_forms import convert_forms
from xltool.support.i18n import tr


class _Forms(click.Group):
    """A group whose further commands are the forms: ``xltool forms mof-2020`` shows that form."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; for any other name, the one that shows the form of this name."""
        command = super().get_command(ctx, cmd_name)
        return command or click.Command(cmd_name, callback=lambda: _show(cmd_name))


@click.group(
    cls=_Forms,
    invoke_without_command=True,
    subcommand_metavar="[ID | convert DIR]",
    help=tr("列出表样；给出编号则列出它的栏目。", "List the forms, or the fields of one."),
)
@click.pass_context
def command(context: click.Context) -> None:
    """List the forms, or the fields of one."""
    if context.invoked_subcommand is None:
        messages.report_broken_definitions()
        for name_of_form in all_references():
            form = load_form(name_of_form)
            unit = f"（{form.money_unit}）" if form.money_unit else ""
            rules = "" if definition_fault(name_of_form) else f"  {reference.rule_counts(load_catalogue(name_of_form))}"
            click.echo(f"{name_of_form}  {form.name}{unit}{rules}")


def _show(name: str) -> None:
    """Show the fields of a form."""
    catalogue = load_catalogue(full_reference(name))
    click.echo(reference.fields(catalogue.form))
    listing = f"xltool rules --form {catalogue.form.reference}"
    click.echo(reference.rule_counts(catalogue) + tr(f"，见 {listing}", f"; see {listing}"))


@command.command(
    "convert",
    help=tr(
        "把 DIR 里旧写法（form/1）的表样转成现在的写法；原文件改名保留。",
        "Convert definitions of the older schema in DIR; the files as they were are kept.",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def convert_folder(folder: Path) -> None:
    """Convert definitions of the older schema."""
    for converted in convert_forms(folder):
        name, kept = converted.reference, "、".join(map(str, converted.kept))
        click.echo(tr(f"已转换 {name}（原文件：{kept}）", f"converted {name} (as it was: {kept})"))
