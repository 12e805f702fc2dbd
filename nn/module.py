"""Module: a function with parameters, made of smaller ones. PyTorch's interface.

Nothing has to be registered: the parameters and the modules inside are found by looking through the attributes, and
through lists, tuples and dicts there. A subclass need not even call `super().__init__()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from reprlib import recursive_repr
from textwrap import indent
from typing import Any, Self

import numpy as np
from numpy import ndarray

import nn.hook as hook
import nn.state as state
from autograd import AutogradError, OperandError, Value, is_annotating, scope
from nn.hook import Hook, RemovableHandle
from nn.parameter import Parameter
from nn.state import Mismatch, StateError

__all__ = ["MissingError", "Module", "StateError"]


class MissingError(AutogradError, AttributeError):
    """A name that no module, parameter or buffer has."""


class Module:
    """The parent of every layer and model: define `forward`, and call the module like a function.

    >>> import nn
    >>> class Residual(nn.Module):
    ...     def __init__(self, n):
    ...         self.layers = [nn.Linear(n, n), nn.ReLU(), nn.Linear(n, n)]
    ...     def forward(self, x):
    ...         y = x
    ...         for layer in self.layers:
    ...             y = layer(y)
    ...         return x + y
    >>> model = Residual(8)
    >>> [name for name, _ in model.named_parameters()]
    ['layers.0.weight', 'layers.0.bias', 'layers.2.weight', 'layers.2.bias']
    >>> model.num_parameters
    144

    An attribute `training` says whether `train()` or `eval()` was called last.
    """

    training: bool = True
    _hooks: list[Hook] | tuple[()] = ()
    _buffers: Mapping[str, bool] = {}  # the names of buffers, and whether they are part of the state

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes."""
        named = get_close_matches("forward", set(dir(self)) - set(dir(Module)), 1)
        hint = f"{named[0]!r} is near, but must be spelt forward" if named else "define what it computes"
        raise NotImplementedError(f"{type(self).__name__} has no forward method: {hint}.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._hooks or is_annotating():
            return self._call_observed(args, kwargs)
        return self.forward(*args, **kwargs)

    def _call_observed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            return hook.call(self, [*self._hooks], args, kwargs) if self._hooks else self.forward(*args, **kwargs)

        return (scope(self)(run) if is_annotating() else run)(*args, **kwargs)

    # What is inside

    def _contents(self) -> Iterable[tuple[str, Any]]:
        """The names and things to search for parameters and modules."""
        return vars(self).items()

    def _held(self) -> Iterator[tuple[str, Any]]:
        for name, thing in self._contents():
            yield from _unpack(name, thing)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly inside, with their names; one with several names has its first only."""
        seen = set()
        for name, thing in self._held():
            if isinstance(thing, Module) and thing not in seen:
                seen.add(thing)
                yield name, thing

    def children(self) -> Iterator[Module]:
        """The modules directly inside."""
        return (child for _, child in self.named_children())

    def named_modules(self, prefix: str = "", remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """This module, named "" (or `prefix`), and all modules inside at any depth, parents first.

        A module with several names is given once, or with all its names when `remove_duplicate` is False.
        """
        seen: set[Module] = set()
        stack: list[tuple[str, Module, tuple[Module, ...]]] = [(prefix, self, ())]
        while stack:
            name, module, above = stack.pop()
            if module in (seen if remove_duplicate else above):
                continue
            seen.add(module)
            yield name, module
            inside = [(part, thing) for part, thing in module._held() if isinstance(thing, Module)]
            stack += reversed([(_join(name, part), child, (*above, module)) for part, child in inside])

    def modules(self) -> Iterator[Module]:
        """This module and all modules inside, at any depth."""
        return (module for _, module in self.named_modules())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter | Value]]:
        """All parameters with their names, `layers.0.weight`; one that is shared has its first name only.

        With `recurse=False` only those of this module itself, with `remove_duplicate=False` all names.
        """
        for name, thing in self._named(prefix, recurse, remove_duplicate):
            if _is_parameter(thing):
                yield name, thing

    def parameters(self, recurse: bool = True) -> list[Any]:
        """All parameters: every `Parameter`, and every `Value` that the user made and that requires grad."""
        return [parameter for _, parameter in self.named_parameters(recurse=recurse)]

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, ndarray]]:
        """All buffers with their names, as `named_parameters` gives parameters."""
        for name, thing in self._named(prefix, recurse, remove_duplicate):
            if not _is_parameter(thing):
                yield name, thing

    def buffers(self, recurse: bool = True) -> list[ndarray]:
        """All buffers: see `register_buffer`."""
        return [buffer for _, buffer in self.named_buffers(recurse=recurse)]

    def _named(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True, fleeting: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """All parameters and buffers, module by module; `fleeting` says whether those that are not saved, too."""
        seen: set[int] = set()
        for path, module in self.named_modules(prefix, remove_duplicate) if recurse else [(prefix, self)]:
            own = [(name, thing) for name, thing in module._held() if _is_parameter(thing)]
            own += [(name, getattr(module, name)) for name, kept in module._buffers.items() if kept or fleeting]
            for name, thing in own:
                if thing is not None and id(thing) not in seen:
                    if remove_duplicate:
                        seen.add(id(thing))
                    yield _join(path, name), thing

    @property
    def num_parameters(self) -> int:
        """How many numbers its parameters hold."""
        return sum(np.size(parameter.data) for parameter in self.parameters())

    def get_submodule(self, target: str) -> Module:
        """The module of this name, such as "layers.0"; this one for "". Errors: MissingError."""
        return _found(self, target, self.named_modules(remove_duplicate=False))  # type: ignore[no-any-return]

    def get_parameter(self, target: str) -> Any:
        """The parameter of this name, such as "layers.0.weight". Errors: MissingError."""
        return _found(self, target, self.named_parameters(remove_duplicate=False))

    def get_buffer(self, target: str) -> ndarray:
        """The buffer of this name. Errors: MissingError."""
        return _found(self, target, self.named_buffers(remove_duplicate=False))  # type: ignore[no-any-return]

    # What others say belongs inside. Of the first two an assignment does the same.

    def register_parameter(self, name: str, param: Any) -> None:
        """Make a Parameter (or None, where there could be one) the attribute `name`."""
        if not (param is None or _is_parameter(param)):
            raise OperandError(f"{name} is to be a parameter: give nn.Parameter(array), and not {param!r:.80}.")
        self._set_new(name, param)

    def register_module(self, name: str, module: Module | None) -> None:
        """Make a module the attribute `name`, which may be a number: "0"."""
        if not (module is None or isinstance(module, Module)):
            raise OperandError(f"{name} is to be a module, and {module!r:.80} is none.")
        self._set_new(name, module)

    add_module = register_module

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Make an array (or None) the attribute `name`, a buffer: it is not trained.

        It is saved and loaded with the parameters, as a running mean is, unless `persistent` is False.
        """
        self._set_new(name, None if tensor is None else np.asarray(state.plain(tensor)))
        self._buffers = {**self._buffers, name: persistent}

    def _set_new(self, name: str, thing: Any) -> None:
        if not name or "." in name or hasattr(type(self), name):
            raise OperandError(
                f"{name!r} cannot be the name of something inside {type(self).__name__}: "
                "names have no dots, and are not those of methods."
            )
        setattr(self, name, thing)

    # Hooks

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call hook(module, args) before each forward; what it returns, unless None, are the new args.

        With `with_kwargs` it is hook(module, args, kwargs), and returns None or (args, kwargs).
        """
        return self._register(Hook("before", hook, with_kwargs), prepend)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call hook(module, args, output) after each forward; what it returns, unless None, is the new output.

        With `with_kwargs` it is hook(module, args, kwargs, output). With `always_call` it is called even when forward,
        or a hook before it, raises an error.
        """
        return self._register(Hook("after", hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call hook(module, grad_output) when gradients of all outputs have arrived; it may return others."""
        return self._register(Hook("before backward", hook), prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call hook(module, grad_input, grad_output) when gradients of all inputs are known; it may return others.

        They are tuples with one for each positional argument and each output, and None where there is no gradient.
        """
        return self._register(Hook("after backward", hook), prepend)

    def _register(self, hook: Hook, prepend: bool) -> RemovableHandle:
        hooks = self._hooks = self._hooks or []
        hooks.insert(0 if prepend else len(hooks), hook)
        return RemovableHandle(hooks, hook)

    # Training

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients: those of Tensors become None (or zeros), those of Values 0.0."""
        for p in self.parameters():
            if isinstance(p, Value):
                p.grad = 0.0
            else:
                p.grad = None if set_to_none or p.grad is None else np.zeros_like(p.data)

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and in all modules inside, for those that behave otherwise when used (dropout)."""
        if not isinstance(mode, bool):
            raise OperandError(f"train(True) or train(False), and not train({mode!r:.80}).")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """The opposite of `train()`."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Whether the parameters get gradients: with False they are frozen."""
        for p in self.parameters():
            p.requires_grad = requires_grad
            if isinstance(p, Value):
                vars(p)["frozen"] = not requires_grad  # so that it is still known for a parameter
        return self

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call fn(module) for all modules inside, and at last for this one. For initial weights, say."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # Precision

    def to(self, dtype: Any) -> Self:
        """Turn parameters, their gradients and the buffers that are floats into `dtype`, here and inside.

        Values are Python floats and stay so. Make the optimizer afterwards: one made before refuses to go on.
        """
        if isinstance(dtype, str) and dtype.split(":")[0] in ("cpu", "cuda", "mps"):
            raise OperandError(f"arrays are NumPy's and stay where they are: there is no device {dtype!r} to go to.")
        dtype = np.dtype(dtype)
        if dtype.kind != "f":
            raise OperandError(f"parameters are floats, float32 or float64, and cannot become {dtype}.")
        for module in self.modules():
            for name in module._buffers:
                buffer = getattr(module, name)
                if buffer is not None and buffer.dtype.kind == "f":
                    setattr(module, name, buffer.astype(dtype, copy=False))
        for p in self.parameters():
            if not isinstance(p, Value):
                p.data = p.data.astype(dtype, copy=False)
                p.grad = p.grad if p.grad is None else p.grad.astype(dtype)
        return self

    def half(self) -> Self:
        """To float16."""
        return self.to(np.float16)

    def float(self) -> Self:
        """To float32."""
        return self.to(np.float32)

    def double(self) -> Self:
        """To float64."""
        return self.to(np.float64)

    # State

    def state_dict(self, prefix: str = "") -> dict[str, ndarray]:
        """Copies of all parameters and buffers as arrays, by name: what `numpy.savez` takes and PyTorch understands."""
        return state.copied(self._state(), prefix)

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> Mismatch:
        """Take parameters and buffers from arrays by name. All or nothing: when it fails, the model is as before.

        Errors: StateError, listing all that does not fit: names that are missing or that the model does not have
        (with `strict=False` these are returned instead), shapes and dtypes.
        """
        return state.load(type(self).__name__, self._state(), state_dict, strict)

    def _state(self) -> dict[str, Any]:
        return dict(self._named(remove_duplicate=False, fleeting=False))

    # Appearance

    _shown: tuple[str, ...] = ()  # attributes that are printed

    def extra_repr(self) -> str:
        """What stands between the parentheses, before the modules inside."""
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self._shown)

    @recursive_repr("...")
    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = [f"({name}): {child!r}" for name, child in self._pictured()]
        if lines:
            extra = "\n" + indent("\n".join([extra, *lines] if extra else lines), "  ") + "\n"
        return f"{type(self).__name__}({extra})"

    def _pictured(self) -> Iterable[tuple[str, Any]]:
        """What is printed, with names."""
        return self.named_children()


def _unpack(name: str, thing: Any) -> Iterator[tuple[str, Any]]:
    """A thing under its name, or what a list, tuple or dict holds under `name.0`, `name.key`."""
    if isinstance(thing, dict):
        for key, part in thing.items():
            yield from _unpack(f"{name}.{key}", part)
    elif isinstance(thing, list | tuple):
        for i, part in enumerate(thing):
            yield from _unpack(f"{name}.{i}", part)
    else:
        if isinstance(thing, set | frozenset) and any(isinstance(part, Module | Parameter) for part in thing):
            raise OperandError(
                f"{name} is a set with modules or parameters inside, and a set has no order to name them by: "
                "put them into a list or a dict."
            )
        yield name, thing


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _is_parameter(thing: Any) -> bool:
    if isinstance(thing, Value):
        return thing.is_leaf and (thing.requires_grad or "frozen" in vars(thing))
    return isinstance(thing, Parameter)


def _found(module: Module, target: str, named: Iterable[tuple[str, Any]]) -> Any:
    things = dict(named)
    if target not in things:
        near = get_close_matches(target, things, 1)
        raise MissingError(
            f"{type(module).__name__} has nothing named {target!r}"
            + (f"; did you mean {near[0]!r}?" if near else f". It has: {', '.join(filter(None, things))}")
        )
    return things[target]
