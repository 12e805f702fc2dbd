"""`python -m autograd`: the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograd", description="chainrule: automatic differentiation to look into."
    )
    commands = parser.add_subparsers(title="commands", dest="command", metavar="command")
    demo = commands.add_parser(
        "demo",
        help="train a network on handwritten digits, check a gradient, draw a graph",
        description="Train an MLP 64-64-64-10 on scikit-learn's handwritten digits, check one of its gradients against "
        "finite differences, and draw the computation graph of a neuron. Takes a few seconds.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    demo.add_argument("--out", type=Path, default=Path("."), metavar="DIR", help="where the picture is written")
    demo.add_argument("--seed", type=int, default=0, help="for the initial weights and the order of the examples")
    demo.add_argument("--epochs", type=int, default=100, help="passes over the training set")
    step = commands.add_parser(
        "step",
        help="run a script and step through its backward pass",
        description="Run a script, with the lines of its code recorded, and step through the last backward() that it "
        "called, in a debugger. Recording takes some microseconds for every operation and every backward() of it.",
    )
    step.add_argument("--call", type=int, metavar="N", help="stop the script at its N-th backward(), and take that one")
    step.add_argument("script", type=Path, help="the script")
    step.add_argument("arguments", nargs=argparse.REMAINDER, help="what the script finds in sys.argv")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    if options.command == "step":
        from autograd.step.terminal import step

        return step(options.script, options.arguments, options.call)
    from nn.demo import demo  # the engine does not need nn; this command does

    return demo(options.out, options.seed, options.epochs)


if __name__ == "__main__":
    sys.exit(main())
