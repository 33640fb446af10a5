"""``xltool forms``: the list of forms, and the fields of one."""

from __future__ import annotations

import click

from xltool.cli import messages
from xltool.form.loading import load_form
from xltool.form.references import all_references, full_reference
from xltool.report import reference
from xltool.rules.loading import definition_fault, load_catalogue
from xltool.support.i18n import tr


@click.command(help=tr("列出表样；给出编号则列出它的栏目。", "List the forms, or the fields of one."))
@click.argument("name", metavar="[ID]", required=False)
def command(name: str | None) -> None:
    """List the forms, or the fields of one."""
    if name is None:
        messages.report_broken_definitions()
        for name_of_form in all_references():
            form = load_form(name_of_form)
            rules = "" if definition_fault(name_of_form) else f"  {reference.rule_counts(load_catalogue(name_of_form))}"
            click.echo(f"{name_of_form}  {form.name}（{form.money_unit}）{rules}")
    else:
        catalogue = load_catalogue(full_reference(name))
        click.echo(reference.fields(catalogue.form))
        listing = f"xltool rules --form {catalogue.form.reference}"
        click.echo(reference.rule_counts(catalogue) + tr(f"，见 {listing}", f"; see {listing}"))
