"""The commands that look at stacks and parameters. What is heavy is imported inside, so that help comes at once."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import StackName


def stacks() -> None:
    """List the stacks that come along.

    \b
    Example:
      stackrace stacks
    """
    from ...model.stack import stacks as shipped
    from . import screen

    screen.show_stacks(shipped())


def show(stack: StackName) -> None:
    """Show a stack: who buys from whom, which parameters differ from the defaults, which firms are named.

    \b
    Examples:
      stackrace show ai-stack
      stackrace show my-stack.toml
    """
    from ...model.stack import read_stack
    from . import screen

    screen.show_stack(read_stack(stack))


def policies() -> None:
    """List the policies that come along: what a regulator, or the world, does to a market at a date.

    \b
    Example:
      stackrace policies
    """
    from ...model.policy import SHIPPED
    from ...model.policy import policies as shipped
    from . import screen

    screen.show_policies(shipped(), SHIPPED)


def params(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One parameter; all if left out.")] = None,
) -> None:
    """Say what the parameters mean: unit, range, default and source.

    \b
    Examples:
      stackrace params
      stackrace params switching_cost
      stackrace params contacts.degree
    """
    from . import screen

    if name is None:
        screen.show_parameters()
    else:
        screen.show_parameter(name)


def check(file: Annotated[str, typer.Argument(metavar="FILE", help="A stack as a TOML file.")]) -> None:
    """Check a stack file: what is wrong with it, where, and what would be right.

    \b
    Example:
      stackrace check my-stack.toml
    """
    from ...model.stack import read_stack
    from . import screen

    screen.show_checked(file, read_stack(file))


def new(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The TOML file to write; it must not be there yet.")],
    source: Annotated[
        str, typer.Option("--from", metavar="STACK", help="The stack that it starts as (see `stackrace stacks`).")
    ] = "ai-stack",
) -> None:
    """Start a stack of your own as a copy of one that comes along.

    \b
    Example:
      stackrace new my-stack.toml --from ai-stack
    """
    from ...model.stack import copy_stack
    from . import screen

    screen.show_copied(str(copy_stack(source, file)), source)


def schema() -> None:
    """Print the JSON schema of stack files, with which editors check and complete while you type.

    \b
    Example:
      stackrace schema > stack.schema.json
    """
    import json

    from ...model.stack_schema import stack_schema

    print(json.dumps(stack_schema(), indent=1, allow_nan=False))
