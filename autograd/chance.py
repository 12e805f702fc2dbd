"""Random numbers drawn inside a function that is run for many examples at once, or run again in the backward pass.

Such a function must not simply ask a generator. Mapped by `vmap` it has to draw for every example; run again by
`checkpoint`, to draw what it drew before. `sample` does both, and else simply asks the generator.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd.batch.level import active
from autograd.errors import GradientError, place
from autograd.modes import Mode, Setting

States = dict[np.random.Generator, Any]

_passages: ContextVar[Setting] = ContextVar("passages", default=((), None))


class Passage(Mode):
    """A stretch of a program that may run twice: what it draws the second time is what it drew the first time.

    `states` are those of all generators before the first number was drawn from them inside.
    """

    _variable = _passages

    def __init__(self, states: States | None = None) -> None:
        self.again = states is not None
        self.states: States = {} if states is None else states
        self.moved: States = {}  # where generators stood before they were set back

    def _value(self) -> Any:
        return (*_passages.get()[0], self)

    def meet(self, generator: np.random.Generator) -> None:
        """Called before numbers are drawn."""
        if not self.again:
            self.states.setdefault(generator, generator.bit_generator.state)
        elif generator in self.states and generator not in self.moved:
            self.moved[generator] = generator.bit_generator.state
            generator.bit_generator.state = self.states[generator]

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        for generator, state in self.moved.items():
            generator.bit_generator.state = state
        self.moved = {}


def sample(draw: Callable[..., Any], shape: tuple[int, ...], **settings: Any) -> Any:
    """`draw(size=shape, **settings)`, where draw is a method of a NumPy generator, such as `rng.normal`.

    Inside `vmap` it is drawn for each example ("different"), or once for all ("same"), or is an error, as
    `randomness` says. Inside `checkpoint` the second run draws what the first one did.

    Errors: GradientError inside a `vmap` whose randomness is "error".

    >>> import numpy as np
    >>> from autograd import vmap
    >>> rng = np.random.default_rng(0)
    >>> vmap(lambda x: x + sample(rng.normal, x.shape))(np.zeros((3, 2))).round(1)
    array([[ 0.1, -0.1],
           [ 0.6,  0.1],
           [-0.5,  0.4]])
    """
    generator = getattr(draw, "__self__", None)
    if isinstance(generator, np.random.Generator):
        for passage in _passages.get()[0]:
            passage.meet(generator)
    levels = [level for level in active() if level.randomness != "same"]
    if not levels:
        return draw(size=shape, **settings)
    if any(level.randomness == "error" for level in levels):
        raise GradientError(
            f'random numbers are drawn inside a vmap with randomness="error".{place()}\n'
            '  Say how: randomness="different" draws for each example, "same" once for all.'
        )
    from autograd.batch.number import Batch  # the floor above, met only inside vmap

    found = draw(size=(*(level.size for level in levels), *shape), **settings)
    for level in levels:
        found = Batch(level, found)
    return found
