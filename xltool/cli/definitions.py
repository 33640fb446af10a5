"""What the operator is told of form definitions of their own that cannot be used; the others go on."""

from __future__ import annotations

import click

from xltool.support.i18n import tr


def report_broken_definitions() -> None:
    """Each broken definition once, with file and place."""
    from xltool.rules.catalogue import definition_faults

    for reference, error in definition_faults().items():
        chinese = f"xltool: 表样 {reference} 的定义有错，没有使用，其他表样照常：{error}"
        click.echo(tr(chinese, f"xltool: form {reference} is broken and not used; others are: {error}"), err=True)
