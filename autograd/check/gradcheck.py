"""gradcheck: are the derivatives of this function right, and if not, what is wrong with them?

PyTorch's names and arguments. Where PyTorch prints two matrices, this says which derivative is wrong, in which rule,
and the first hypothesis that explains it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.check.evidence import drawn
from autograd.check.examination import Examination, Settings, require_finite
from autograd.check.precision import narrow
from autograd.check.report import GradcheckError
from autograd.check.subject import Gradient, of_function

Argnums = int | Sequence[int] | None


def gradcheck(
    function: Callable[..., Any],
    *args: Any,
    eps: float | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    argnums: Argnums = None,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_backward_ad: bool = True,
    check_forward_ad: bool | None = None,
    fast_mode: bool | None = None,
    seed: int = 0,
) -> bool:
    """True when the derivatives of a function at these arguments agree with differences, in reverse and forward mode.

    `function` takes floats, arrays, Values, Tensors or containers of them: a function, a primitive, a custom function,
    a module. It is checked by the arguments that `argnums` chooses; else by its Values and Tensors that require grad;
    else, where there are none, by all its floats and arrays of floats; and, if it is a module, by its parameters, too.

    | argument | |
    |---|---|
    | `eps` | the step of the differences; by default it is found for each element, and the tolerances are tight |
    | `rtol`, `atol` | what may be off; by default 1e-6 relative, with a step of your own PyTorch's 1e-3 and 1e-5 |
    | `raise_exception` | False: return False in place of raising |
    | `nondet_tol` | by how much two runs may differ |
    | `check_backward_ad`, `check_forward_ad` | which modes; None: forward mode where every rule has it |
    | `fast_mode` | random directions in place of every element; None: when there are more than 512 |
    | `seed` | of the random cotangents and directions |

    Everything is computed in float64, whatever the arguments are; gradients of float32 are then compared with those.

    Errors: GradcheckError when a derivative is wrong, with the reason; OperandError for arguments, and GradientError
    for results, that no derivative can belong to. Cost: six calls of the function for each element, six for each
    argument in fast mode; when it fails, some thousand more.

    >>> import autograd, numpy as np
    >>> autograd.gradcheck(lambda x, w: autograd.tanh(x @ w), np.ones((2, 3)), np.ones((3, 2)))
    True
    """
    settings = _settings(eps, rtol, atol, nondet_tol, check_backward_ad, check_forward_ad, fast_mode, seed)
    subject = of_function(function, _unpacked(function, args), _numbers(argnums))
    with subject.kept():
        failure = Examination(subject, [given.value for given in subject.inputs], settings).failure()
        failure = failure or narrow(subject)
    if failure is not None and raise_exception:
        raise GradcheckError(failure)
    return failure is None


def gradgradcheck(
    function: Callable[..., Any],
    *args: Any,
    eps: float | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    argnums: Argnums = None,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_forward_ad: bool | None = None,
    fast_mode: bool | None = None,
    seed: int = 0,
) -> bool:
    """True when the second derivatives of a function agree with differences of its gradient; see `gradcheck`.

    They are found by reverse mode over reverse mode and, where every rule has it, by forward mode over reverse mode.
    The gradient itself is taken to be right: run `gradcheck` first.

    >>> import autograd, numpy as np
    >>> autograd.gradgradcheck(lambda x: autograd.exp(x) * x, np.array([0.5, -1.0]))
    True
    """
    settings = _settings(eps, rtol, atol, nondet_tol, True, check_forward_ad, fast_mode, seed)
    subject = of_function(function, _unpacked(function, args), _numbers(argnums))
    rng = np.random.default_rng(seed)
    with subject.kept():
        point = [given.value for given in subject.inputs]
        require_finite(subject, point)
        outputs = subject.record(point).outputs
        gradient = Gradient(subject, [drawn(rng, np.shape(y.data)) for y in outputs])
        failure = Examination(gradient, [given.value for given in gradient.inputs], settings).failure()
    if failure is not None and raise_exception:
        raise GradcheckError(failure)
    return failure is None


def _settings(eps: float | None, rtol: float | None, atol: float | None, *others: Any) -> Settings:
    """With a step of one's own PyTorch's tolerances, else tight ones."""
    own = eps is not None
    return Settings(
        eps, (1e-3 if own else 1e-6) if rtol is None else rtol, 1e-5 if own and atol is None else atol, *others
    )


def _numbers(argnums: Argnums) -> Sequence[int] | None:
    return [argnums] if isinstance(argnums, int) else argnums


def _unpacked(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments; those given in one tuple, as PyTorch has them, where the function takes them one by one."""
    if len(args) == 1 and isinstance(args[0], tuple):
        try:
            signature = inspect.signature(getattr(function, "forward", function))
            signature.bind(*args)
        except ValueError:
            return args
        except TypeError:
            return args[0]
    return args
