"""The command line: one file per command, loaded when it is called. Parse, call one service, print, exit.

In: arguments, environment variables, streams.
Out: data on stdout, messages on stderr, an exit code: 0 fine, 1 findings, 2 wrong use, 130 interrupted.

Concepts:
- Help and messages are Chinese with English beside them (``tr``); messages of several commands are in ``messages.py``.
- stdout is JSON Lines, or a table on a terminal (``output.py``, ``lines.py``).
- Slow imports are made inside the command that needs them; a test watches the start.

To add:
- a command: a file with ``command``, its name in the tuple below, ``make docs``; its work belongs in
  ``xltool/services/``.
- an option that several commands share: ``output.py``.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from xltool import __version__
from xltool.support.errors import WrongUse
from xltool.support.i18n import os_error_text, tr

_COMMANDS = (
    "template", "issue", "fill", "ingest", "inspect", "check", "ledger", "migrate", "diff", "export", "rules", "forms",
    "schema", "demo",
)  # fmt: skip


class _Commands(click.Group):
    """A group whose commands are imported on demand: openpyxl alone takes a quarter of a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            ctx.fail(
                tr(f"没有命令 {args[0]}；现有：{'、'.join(_COMMANDS)}", f"no command {args[0]}: {', '.join(_COMMANDS)}")
            )
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"xltool.cli.{cmd_name}").command
        return command


@click.command(
    cls=_Commands,
    help=tr(
        "财政项目支出绩效自评表：生成锁定的 Excel 模板，读回填好的表，按评分规则检查。",
        "Templates, reading and checking of Chinese fiscal performance self-evaluation forms.",
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="xltool %(version)s")
@click.option("--debug", is_flag=True, help=tr("出错时显示详细信息", "show tracebacks"))
def cli(debug: bool) -> None:
    """Accept the options shared by all commands; ``main`` has already read ``debug``."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit: 0 fine, 1 findings, 2 wrong use or an internal error, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        # A GBK console cannot show every character of a form; a question mark is better than a crash.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    debug = "--debug" in (sys.argv[1:] if arguments is None else arguments)
    sys.exit(_run(arguments, debug))


def _error_message(error: click.ClickException) -> str:
    """Click's error messages in the language of the user."""
    param = getattr(error, "param", None)
    name = param.get_error_hint(error.ctx) if isinstance(error, click.UsageError) and error.ctx and param else ""
    match error:
        case click.NoSuchOption():
            return tr(f"没有选项 {error.option_name}", error.format_message())
        case click.MissingParameter():
            return tr(f"缺少 {name}", error.format_message())
        case click.BadParameter():
            expected = _expected_value(param.type) if param else ""
            return tr(f"{name} 的值不对：{expected or error.message}", error.format_message())
        case _:
            return error.format_message()


def _expected_value(kind: Any) -> str:
    """The expected kind of value, in Chinese; "" to keep Click's own message."""
    match kind:
        case click.DateTime():
            return "应是 2026-03-31 这样的日期"
        case click.Choice():
            return f"应是 {'、'.join(map(str, kind.choices))} 之一"
        case click.IntRange() if kind.max is not None:
            return f"应是 {kind.min} 到 {kind.max} 的整数"
        case _:
            return ""


def _run(arguments: list[str] | None, debug: bool) -> int:
    try:
        code: Any = cli.main(arguments, prog_name="xltool", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.ClickException as error:
        hint = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "xltool"
        see = tr(f"用法见 {hint} --help", f"see {hint} --help")
        click.echo(f"xltool: {_error_message(error)} ({see})", err=True)
        return 2
    except WrongUse as error:
        click.echo(f"xltool: {error}", err=True)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        click.echo(f"xltool: {os_error_text(error)}: {error.filename or ''}", err=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:
        if debug:
            raise
        fault = tr("程序内部错误", "internal error")
        click.echo(f"xltool: {fault} {type(error).__name__}: {error} (--debug)", err=True)
        return 2
    return code if isinstance(code, int) else 0
