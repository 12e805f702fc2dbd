"""`python -m nn`: train the networks of `nn.recipe` on real data."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from autograd import AutogradError
from nn.recipe import all_recipes, recipe
from nn.recipe.run import Run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nn", description="Train networks on real data.")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="command")
    commands.add_parser("list", help="what there is to train, and what is promised of it")
    train = commands.add_parser(
        "train",
        help="train one of them",
        description="Train a network, print its figures and the time, and leave its weights, pictures and samples. "
        "The exit status is 1 when a figure is not what was promised.",
    )
    train.add_argument("name", metavar="NAME", help="one of those that `python -m nn list` names")
    train.add_argument("--epochs", type=int, metavar="N", help="passes over the training set (default: the recipe's)")
    train.add_argument("--seed", type=int, default=0, metavar="N", help="for all that is drawn by lot (default: 0)")
    train.add_argument("--out", type=Path, metavar="DIR", help="where files are written (default: runs/NAME)")
    train.add_argument("--quick", action="store_true", help="a few seconds on a small part, to see that it runs")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    known = all_recipes()
    if options.command == "list":
        for name in known:
            print(f"{name:<14} {recipe(name)[1]}")
        return 0
    if options.name not in known:
        near = get_close_matches(options.name, known, 1)
        hint = f"is {near[0]!r} meant?" if near else f"there are {', '.join(known)}"
        parser.error(f"there is no recipe {options.name!r}: {hint}")
    if options.epochs is not None and options.epochs < 1:
        parser.error(f"--epochs must be at least 1, and is {options.epochs}")
    train, words = recipe(options.name)
    run = Run(
        options.name,
        options.out or Path("runs") / options.name,
        epochs=options.epochs,
        seed=options.seed,
        quick=options.quick,
    )
    run.say(words)
    try:
        run.out.mkdir(parents=True, exist_ok=True)  # now, and not after an hour of training
        train(run)
    except ModuleNotFoundError as missing:
        print(f'{options.name} needs {missing.name}: pip install "chainrule[demo]"', file=sys.stderr)
        return 1
    except (AutogradError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{options.name} interrupted after {run.seconds:.0f} s", file=sys.stderr)
        return 130
    return run.finish()


if __name__ == "__main__":
    sys.exit(main())
