"""`python -m nn`: train the networks of `nn.recipe` on real data."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from autograd import AutogradError
from nn.recipe import all_recipes, recipe, train


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nn", description="Train networks on real data.")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="command")
    commands.add_parser("list", help="what there is to train, and what is promised of it")
    trained = commands.add_parser(
        "train",
        help="train one of them",
        description="Train a network, print its figures and the time, and leave its weights, pictures and samples. "
        "The exit status is 1 when a figure is not what was promised.",
    )
    trained.add_argument("name", metavar="NAME", help="one of those that `python -m nn list` names")
    trained.add_argument("--epochs", type=int, metavar="N", help="passes over the training set (default: the recipe's)")
    trained.add_argument("--seed", type=int, default=0, metavar="N", help="for all that is drawn by lot (default: 0)")
    trained.add_argument("--out", type=Path, metavar="DIR", help="where files are written (default: runs/NAME)")
    trained.add_argument("--quick", action="store_true", help="a few seconds on a small part, to see that it runs")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    if options.command == "list":
        for name in all_recipes():
            print(f"{name:<14} {recipe(name)[1]}")
        return 0
    try:
        recipe(options.name)
    except AutogradError as unknown:
        parser.error(str(unknown))
    if options.epochs is not None and options.epochs < 1:
        parser.error(f"--epochs must be at least 1, and is {options.epochs}")
    start = time.perf_counter()
    try:
        run = train(options.name, options.out, epochs=options.epochs, seed=options.seed, quick=options.quick)
    except ModuleNotFoundError as missing:
        print(f'{options.name} needs {missing.name}: pip install "chainrule[demo]"', file=sys.stderr)
        return 1
    except (AutogradError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{options.name} interrupted after {time.perf_counter() - start:.0f} s", file=sys.stderr)
        return 130
    return 1 if run.missed else 0


if __name__ == "__main__":
    sys.exit(main())
