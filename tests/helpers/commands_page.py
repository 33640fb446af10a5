"""The page ``docs/reference/commands.md``: every command with its options, as ``--help`` tells them."""

from __future__ import annotations

from collections.abc import Iterator

import click

from xltool.cli import cli

_HEAD = """# 命令

<!-- 由 make docs 生成，不要手改 -->

每条命令都有 `--help`，这里是同样的内容。`xltool --debug 命令` 出错时显示详细信息，`xltool --version` 显示版本。
"""


def page() -> str:
    """The page."""
    with click.Context(cli, info_name="xltool") as context:
        parts = [_HEAD, *(part for name in cli.list_commands(context) for part in _parts(context, name, cli))]
    return "\n".join(parts)


def _parts(parent: click.Context, name: str, group: click.Group) -> Iterator[str]:
    """A command, and those below it."""
    command = group.get_command(parent, name)
    assert command is not None
    with click.Context(command, parent=parent, info_name=name) as context:
        usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
        usage = usage.replace("[OPTIONS]", "[选项]").replace("COMMAND [ARGS]...", "子命令")
        yield f"## {context.command_path}\n\n{command.help}\n\n```text\n{usage}\n```\n"
        records = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
        lines = [f"| `{_cell(names)}` | {_cell(text)} |\n" for names, text in filter(None, records)]
        if lines:
            yield "| 选项 | 说明 |\n|---|---|\n" + "".join(lines)
        if isinstance(command, click.Group):
            for below in command.list_commands(context):
                yield from _parts(context, below, command)


def _cell(text: str) -> str:
    """A text in a table, with what click adds of its own in Chinese."""
    for english, chinese in (("[default: ", "[默认："), ("[required]", "[必填]"), ("  [", " ["), ("|", "\\|")):
        text = text.replace(english, chinese)
    return text
