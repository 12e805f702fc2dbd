"""Constructors, forward methods and functions take PyTorch's arguments, in its order and with its defaults."""

import inspect
import re

import pytest

import nn

torch = pytest.importorskip("torch", reason="PyTorch is compared with where it is installed")

EVERYWHERE = {
    "device": "there are no devices",
    "dtype": "here the default is float32 itself, there a setting of the whole library",
    "_stacklevel": "it is about PyTorch's warnings",
    "size_average": "it is an old name of reduction",
    "reduce": "it is an old name of reduction",
    "out": "results are always new arrays",
}
REASONS = {
    "Embedding _freeze": "from_pretrained freezes",
    "Flatten input_shape": "Keras has it",
    "F.avg_pool1d divisor_override": "the others have it",
    "F.one_hot tensor": "it is autograd's own function, which calls its operand x",
    "F.one_hot x": "it is autograd's own function, which calls its operand x",
    "F.gumbel_softmax eps": "PyTorch does not use it",
    "F.interpolate antialias": "there is no such mode",
    "Hardtanh min_value": "an old name",
    "Hardtanh max_value": "an old name",
    "LazyConv* *": "the arguments of the layer that it becomes",
    "Softmax dim": "PyTorch guesses where it is None, with a warning",
    "Softmin dim": "PyTorch guesses where it is None, with a warning",
    "Transformer activation": "the default is the name of the same function",
    "TransformerDecoderLayer activation": "the default is the name of the same function",
    "TransformerEncoderLayer activation": "the default is the name of the same function",
    "LogSoftmax dim": "PyTorch guesses where it is None, with a warning",
    "F.softmax dim": "PyTorch guesses where it is None, with a warning",
    "F.softmin dim": "PyTorch guesses where it is None, with a warning",
    "F.log_softmax dim": "PyTorch guesses where it is None, with a warning",
}
OTHERS = {
    "Module",
    "ModuleDict",
    "ModuleList",
    "ParameterDict",
    "ParameterList",
    "RNNBase",
    "RNNCellBase",
    "Sequential",
}
CLASSES = [
    name
    for name in sorted(dir(torch.nn))
    if isinstance(getattr(torch.nn, name), type)
    and issubclass(getattr(torch.nn, name), torch.nn.Module)
    and isinstance(getattr(nn, name, None), type)
    and name not in OTHERS  # they are parents of others, or take anything
]
FUNCTIONS = [
    name
    for name, function in sorted(vars(nn.functional).items())
    if inspect.isfunction(function) and callable(getattr(torch.nn.functional, name, None))
]


def arguments(function):
    """Names and defaults; of built-in functions of PyTorch as the first line of the doc gives them."""
    try:
        found = inspect.signature(function).parameters.values()
    except ValueError:
        listed = re.match(r"\w+\((.*?)\) ->", (function.__doc__ or "").strip())
        return [(part.partition("=")[0].strip(), None) for part in listed[1].split(",")] if listed else None
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in found):
        return None
    return [(p.name, p.default) for p in found if p.name != "self"]


def excused(name, argument):
    lazy = "LazyConv* *" if name.startswith("LazyConv") else ""
    return argument in EVERYWHERE or f"{name} {argument}" in REASONS or lazy in REASONS


@pytest.mark.parametrize("name", CLASSES)
def test_constructors(name):
    ours, theirs = arguments(getattr(nn, name).__init__), arguments(getattr(torch.nn, name).__init__)
    if ours is None or theirs is None:
        return
    ours, theirs = ([(k, d) for k, d in side if not excused(name, k)] for side in (ours, theirs))
    assert [k for k, _ in ours] == [k for k, _ in theirs]
    for (key, a), (_, b) in zip(ours, theirs, strict=True):
        assert a == b or (callable(a) and callable(b)), key


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    ours, theirs = arguments(getattr(nn.functional, name)), arguments(getattr(torch.nn.functional, name))
    if theirs is None:
        return
    ours, theirs = ([k for k, _ in side if not excused(f"F.{name}", k)] for side in (ours, theirs))
    assert ours == theirs
