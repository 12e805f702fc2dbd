"""numpy.fft for plain arrays. Complex numbers, which it gives, are out of scope for derivatives: an error says so."""

from typing import TYPE_CHECKING

from autograd.numpy.offer import namespace as _namespace

if TYPE_CHECKING:
    from numpy.fft import *  # noqa: F403

_namespace("numpy.fft", globals())
