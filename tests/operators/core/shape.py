"""Elements arranged anew."""

import autograd

ADAPTERS = {
    "reshape": lambda x, shape: autograd.reshape(x, shape),
    "roll": lambda x, shifts, dims=None: autograd.roll(x, shifts, dims),
}
