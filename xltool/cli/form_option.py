"""The option that names a form."""

from __future__ import annotations

import click

from xltool.support import resources
from xltool.support.i18n import tr

#: ``--form``: the national form unless another is named.
form_option = click.option(
    "--form",
    "form_name",
    default=resources.usual_form(),
    show_default=True,
    help=tr("表样（见 xltool forms）", "the form"),
)
