"""The reference of the command line, read from the commands themselves."""

from __future__ import annotations

import inspect
import re
import typing
from enum import Enum
from typing import TYPE_CHECKING, Any

import typer.main

from site_pages import markdown
from sourcing_audit import cli

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ABOUT = (
    "Every command with all its arguments and options, read from the commands themselves."
    " What they are for is told in [Command line](../cli.md)."
)
_DEFAULT = re.compile(r"\s*\[default: (?P<value>[^\]]+)\]")


def pages() -> Iterator[tuple[str, str]]:
    """The page's name below the documentation, and its Markdown."""
    group = typer.main.get_command(cli.app)
    blocks = [
        "# Command reference",
        _ABOUT,
        "A flag wins over its environment variable, that over `audit.toml`, that over the default.",
        markdown.text(group.epilog),
    ]
    for path, command in _commands(group, "sourcing-audit"):
        blocks += _command(path, command)
    yield "reference/cli", markdown.page(*blocks)


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command below a group, groups of commands before what is in them."""
    for name, command in group.commands.items():
        if command.hidden:
            continue
        yield f"{path} {name}", command
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")


def _command(path: str, command: Any) -> Iterator[str]:
    kinds = typing.get_type_hints(inspect.unwrap(command.callback)) if command.callback else {}
    yield f"## {path.removeprefix('sourcing-audit ')}"
    yield markdown.text(command.help)
    if hasattr(command, "commands"):
        if command.epilog:
            yield markdown.text(command.epilog)
        return
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
    usage = [path, *(_value(one, kinds) for one in arguments)]
    usage += ["[OPTIONS]"] if options else []
    yield f"```console\n$ {' '.join(usage)}\n```"
    for parameter in (*arguments, *options):
        yield _described(parameter, kinds)


def _described(parameter: Any, kinds: Mapping[str, Any]) -> str:
    """A definition: how it is written; what it means, its default and its variable."""
    option = parameter.param_type_name == "option"
    written = _names(parameter, kinds) if option else markdown.code(_value(parameter, kinds))
    facts = [_DEFAULT.sub("", parameter.help or "")]
    if default := _default(parameter):
        facts.append(default)
    if parameter.envvar:
        facts.append(f"Variable: `{parameter.envvar}`.")
    return f"{written}\n: {' '.join(map(markdown.text, facts))}"


def _value(parameter: Any, kinds: Mapping[str, Any]) -> str:
    """What stands for the value: its name, or the choices where there are few."""
    if parameter.metavar:
        return str(parameter.metavar)
    choices = _choices(kinds[parameter.name])
    return "|".join(choices) or "TEXT"


def _choices(kind: Any) -> list[str]:
    """The values of the enumeration in an annotation; none where there is no such."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return [choice for part in typing.get_args(kind) for choice in _choices(part)]


def _names(option: Any, kinds: Mapping[str, Any]) -> str:
    """All names of an option; the last with what stands for its value."""
    names = [*option.opts, *option.secondary_opts]
    if not option.is_flag:
        names[-1] = f"{names[-1]} {_value(option, kinds)}"
    return ", ".join(map(markdown.code, names))


def _default(parameter: Any) -> str:
    """As the help says it, because some defaults depend on `audit.toml` or the day."""
    if said := _DEFAULT.search(parameter.help or ""):
        return f"Default: {said['value']}."
    if parameter.required:
        return "Required."
    if parameter.default in {None, False}:
        return ""
    return f"Default: `{parameter.default}`."
