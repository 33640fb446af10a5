"""``xltool rules``: the catalogue, explained."""

from __future__ import annotations

import click

from xltool.cli.form_option import form_option
from xltool.form.references import full_reference
from xltool.report import reference
from xltool.rules.loading import load_catalogue
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr


@click.command(help=tr("列出检查规则；给出编号则说明这一条。", "List the rules, or explain one."))
@click.argument("rule_id", metavar="[ID]", required=False)
@form_option
def command(rule_id: str | None, form_name: str) -> None:
    """List the rules of a form, or explain one."""
    catalogue = load_catalogue(full_reference(form_name))
    if rule_id is None:
        for rule in catalogue.rules.values():
            click.echo(f"{rule.id}  {tr(rule.name, rule.name_en)}（{reference.levels(rule)}）")
        if unasked := reference.not_asked(catalogue):
            click.echo(tr(f"\n不适用（{len(unasked)} 条规则）：", f"\nnot applicable ({len(unasked)} rules):"))
            for line in unasked:
                click.echo(f"  {line}")
    elif rule_id.upper() in catalogue.rules:
        click.echo(reference.rule(catalogue, catalogue.rules[rule_id.upper()]))
    else:
        raise WrongUse(tr(f"没有规则 {rule_id}；xltool rules 列出全部", f"no rule {rule_id}; see xltool rules"))
