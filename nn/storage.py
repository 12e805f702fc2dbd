"""Models, optimizers and arrays in files: safetensors, which PyTorch's world reads, or NumPy's .npz. Never pickle.

A file is data: loading one runs no code. It is written beside its place and moved there when it is complete, so that
whoever is interrupted keeps the file of before; and what does not fit leaves the model as it was.
"""

from __future__ import annotations

import os
import secrets
import zipfile
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Node
from nn.state import StateError, plain

__all__ = ["load", "save"]

# What safetensors calls NumPy's dtypes. A bfloat16 is the upper half of a float32.
_DTYPES = {"F64": "f8", "F32": "f4", "F16": "f2", "BF16": "u2", "BOOL": "b1"}
_DTYPES |= {f"{kind}{bits}": f"{kind.lower()}{bits // 8}" for kind in "IU" for bits in (8, 16, 32, 64)}


def save(state: Any, path: str | os.PathLike[str]) -> None:
    """Write a state to a file, whose ending says how: `.safetensors` or `.npz`.

    A state is a module, an optimizer, or whatever else has a `state_dict()` of arrays; a dict of arrays and numbers by
    name; or a dict of any of these, whose names are then put together with a dot: "model.0.weight".

    A file that is there is replaced when the new one is complete. `.safetensors` needs the package of that name:
    `pip install chainrule[safetensors]`.

    Errors: StateError when something is no array of numbers; OSError when the file cannot be written.

    >>> import nn, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.npz"
    >>> model = nn.Linear(3, 2)
    >>> nn.save(model, path)
    >>> sorted(nn.load(path))
    ['bias', 'weight']
    """
    path = Path(path)
    form = _form(path)
    arrays = _arrays(state)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(beside, "xb") as file:
            form.write(file, arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def load(path: str | os.PathLike[str], into: Any = None, *, strict: bool = True) -> dict[str, ndarray]:
    """Read the arrays of a file that `save`, PyTorch's safetensors or `numpy.savez` wrote; by name.

    With `into`, a module, an optimizer or a dict of several as it was given to `save`, they are loaded into it: all or
    nothing. `strict=False` passes over names that a module lacks or has beyond the file.

    Numbers of bfloat16 become float32, which holds them exactly.

    Errors: StateError when the file is damaged, cut short, of another kind, or does not fit; FileNotFoundError.

    >>> import nn, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.npz"
    >>> nn.save(nn.Linear(3, 2), path)
    >>> try:
    ...     nn.load(path, nn.Linear(3, 4))
    ... except nn.StateError as error:
    ...     print(error)
    the state does not fit Linear, which is left as it was:
      weight has shape (4, 3), and the state has (2, 3)
      bias has shape (4,), and the state has (2,)
    """
    path = Path(path)
    form = _form(path)
    try:
        arrays = form.read(path)
    except (OSError, StateError):
        raise
    except Exception as error:  # whatever damage makes of a file
        raise StateError(f"{path} is damaged, cut short, or no {path.suffix} file: {error}.") from None
    if into is not None:
        _put(arrays, into, strict)
    return arrays


# What is saved


def _arrays(state: Any) -> dict[str, ndarray]:
    """A state as arrays by name."""
    if hasattr(state, "state_dict"):
        state = state.state_dict()
    if not isinstance(state, Mapping):
        raise StateError(f"a module, an optimizer or a dict of arrays can be saved, and not {state!r:.80}.")
    arrays: dict[str, ndarray] = {}
    for name, thing in state.items():
        if hasattr(thing, "state_dict") or isinstance(thing, Mapping):
            found = {f"{name}.{inner}": x for inner, x in _arrays(thing).items()}
        else:
            found = {name: np.asarray(plain(thing) if isinstance(thing, Node) else thing)}
        for key, x in found.items():
            if not isinstance(key, str):
                raise StateError(f"names are strings, and {key!r} is none.")
            if x.dtype.kind not in "fiub":
                raise StateError(f"{key} is no array of real numbers but {x.dtype}: {thing!r:.80}.")
            if key in arrays:
                raise StateError(f"two arrays would both be called {key}: give the parts other names.")
            arrays[key] = x
    return arrays


def _put(arrays: dict[str, ndarray], into: Any, strict: bool) -> None:
    """Load arrays into one thing or several; when one refuses, all are as before."""
    if hasattr(into, "load_state_dict"):
        _load_one(into, arrays, strict)
        return
    if not isinstance(into, Mapping) or not all(hasattr(part, "load_state_dict") for part in into.values()):
        raise StateError(f"arrays can be loaded into a module, an optimizer, or a dict of these, not {into!r:.80}.")
    before = {name: part.state_dict() for name, part in into.items()}
    try:
        for name, part in into.items():
            start = f"{name}."
            found = {key.removeprefix(start): x for key, x in arrays.items() if key.startswith(start)}
            if not found and before[name]:
                parts = sorted({key.partition(".")[0] for key in arrays})
                raise StateError(f"the file has no names that start with {start!r}: it has {', '.join(parts)}.")
            _load_one(part, found, strict)
    except BaseException:
        for name, part in into.items():
            part.load_state_dict(before[name])
        raise


def _load_one(part: Any, arrays: dict[str, ndarray], strict: bool) -> None:
    if strict:
        part.load_state_dict(arrays)
    else:
        part.load_state_dict(arrays, strict=False)


# The two forms of files


class _Form:
    """How arrays are written to an open file, and read from a path."""

    def __init__(self, write: Callable[[Any, dict[str, ndarray]], None], read: Callable[[Path], dict[str, ndarray]]):
        self.write, self.read = write, read


def _write_npz(file: Any, arrays: dict[str, ndarray]) -> None:
    with zipfile.ZipFile(file, "w", allowZip64=True) as archive:  # np.savez would take a name `file` for its own
        for name, x in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, x, allow_pickle=False)


def _read_npz(path: Path) -> dict[str, ndarray]:
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
        if isinstance(archive, ndarray):
            raise StateError(f"{path} holds a single array without a name: it is an .npy file.")
        return {name: _numbers(path, name, archive[name]) for name in archive.files}


def _numbers(path: Path, name: str, x: Any) -> ndarray:
    if not isinstance(x, ndarray) or x.dtype.kind not in "fiub":
        raise StateError(f"{name} in {path} is no array of real numbers.")
    return x.astype(x.dtype.newbyteorder("="), copy=False)


def _write_safetensors(file: Any, arrays: dict[str, ndarray]) -> None:
    save = _package("safetensors.numpy").save
    for name, x in arrays.items():
        if np.dtype(x.dtype).str[1:] not in _DTYPES.values():
            raise StateError(f"{name} is of {x.dtype}, which safetensors does not know: save it in float64.")
    file.write(save({name: np.ascontiguousarray(x).reshape(x.shape) for name, x in arrays.items()}))


def _read_safetensors(path: Path) -> dict[str, ndarray]:
    arrays = {}
    for name, part in _package("safetensors").deserialize(path.read_bytes()):
        dtype = _DTYPES.get(part["dtype"])
        if dtype is None:
            raise StateError(f"{name} in {path} is of {part['dtype']}, which NumPy does not know: save it as F32.")
        x = np.frombuffer(part["data"], np.dtype(dtype).newbyteorder("<")).reshape(part["shape"])
        if part["dtype"] == "BF16":
            x = (x.astype(np.uint32) << 16).view(np.float32)
        arrays[name] = x.astype(x.dtype.newbyteorder("="))  # a copy, which may be written into
    return arrays


def _package(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise ImportError(
            "files of .safetensors need the package: pip install chainrule[safetensors].\n  Without it, save as .npz."
        ) from None


_FORMS = {".npz": _Form(_write_npz, _read_npz), ".safetensors": _Form(_write_safetensors, _read_safetensors)}


def _form(path: Path) -> _Form:
    form = _FORMS.get(path.suffix)
    if form is None:
        hint = "\n  That is a pickle, which runs code when it is loaded. From PyTorch, save it anew:"
        hint += ' safetensors.torch.save_file(model.state_dict(), "model.safetensors").'
        raise StateError(
            f"{path.name}: a file's ending says how it is written, .safetensors or .npz."
            + (hint if path.suffix in (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin") else "")
        )
    return form
