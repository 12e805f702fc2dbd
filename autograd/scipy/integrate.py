"""scipy.integrate, with an `odeint` that is differentiated by the adjoint method.

The gradient is found by an equation of its own, solved backwards in time (Pontryagin; Chen et al., 2018): no step of
the solver is kept. It is as exact as the solver is told to be by `rtol` and `atol`.
"""

from collections.abc import Callable
from typing import Any

import autograd.numpy as _np
from autograd.differential_operators import make_vjp as _make_vjp
from autograd.extend import defvjp_argnums as _defvjp_argnums
from autograd.extend import primitive as _primitive
from autograd.misc.flatten import flatten as _flatten
from autograd.numpy.offer import lazily as _lazily


@_primitive
def _odeint(func: Any, y0: Any, t: Any, args: Any, **settings: Any) -> Any:
    from scipy.integrate import odeint

    return odeint(func, y0, t, args=args, **settings)


def odeint(func: Callable[..., Any], y0: Any, t: Any, args: Any = (), **settings: Any) -> Any:
    """The solution of y' = func(y, t, *args) at the times t, from y0 at t[0]: shape (t.size, y0.size).

    Differentiated by y0, t, and args, which may hold containers. `settings` are SciPy's, such as rtol.
    """
    return _odeint(func, y0, t, tuple(args), **settings)


def _adjoint(argnums: Any, yt: Any, call: Any, settings: Any) -> Any:
    func, _, t, args = call
    steps, size = _np.shape(yt)
    flat_args, unflatten = _flatten(args)

    def flat_func(y: Any, t: Any, flat_args: Any) -> Any:
        return _np.array(func(y, t, *unflatten(flat_args)))

    def backwards(state: Any, t: Any, flat_args: Any) -> Any:
        """The rates of y, of its cotangent, and of those of t and the arguments, which add up on the way."""
        y, g = state[:size], state[size : 2 * size]
        pull, rate = _make_vjp(flat_func, (0, 1, 2))(y, t, flat_args)
        ((by_y, by_t, by_args),) = (pull(-g),)
        return _np.concatenate([rate, by_y, _np.reshape(by_t, (1,)), by_args])

    def pull(g: Any) -> Any:
        by_y, by_first, by_args = g[-1], 0.0, _np.zeros(_np.size(flat_args))
        by_times = []
        for i in range(steps - 1, 0, -1):
            by_times.append(_np.dot(flat_func(yt[i], t[i], flat_args), g[i]))
            by_first = by_first - by_times[-1]
            state = _np.concatenate([yt[i], by_y, _np.reshape(by_first, (1,)), by_args])
            times = _np.array([t[i], t[i - 1]])
            state = _odeint(backwards, state, times, (flat_args,), **settings)[1]
            by_y, by_first, by_args = state[size : 2 * size], state[2 * size], state[2 * size + 1 :]
            by_y = by_y + g[i - 1]
        found = {1: by_y, 2: _np.array([by_first, *by_times[::-1]]), 3: unflatten(by_args)}
        return [found.get(i) for i in argnums]

    return pull


_defvjp_argnums(_odeint, _adjoint)
__getattr__ = _lazily("scipy.integrate")
