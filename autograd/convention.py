"""What is computed where mathematics has no answer, or several: a document, held to by the tests.

At ties, kinks and poles a derivative has to be chosen. The choice is PyTorch's (2.13) but for the rows that say
otherwise: there PyTorch gives nan, or loses digits, where a number is as good and more useful. The slope is that of
the sum of the result. Read it with `help("autograd.convention")`.

Ties
====

Equal winners of a reduction, and of `maximum` and `minimum`, share the slope. Where one element is picked
(sorting, running extremes, `fmax`), it has all of it: the first of equal ones in a sorted order, the last in a running
extreme and of a mode. Which of equal ones PyTorch picks is settled for short rows only. What belongs to equal
eigenvalues or singular values has a slope where it is the same for all of them.

| function | x | value | slope | PyTorch |
|---|---|---|---|---|
| `maximum(x[0], x[1])` | [1, 1] | 1 | [0.5, 0.5] | the same |
| `fmax(x[0], x[1])` | [1, 1] | 1 | [1, 0] | the same |
| `max(x)` | [3, 3, 1] | 3 | [0.5, 0.5, 0] | the same |
| `min(x)` | [2, 1, 1, 1] | 1 | [0, 0.333333, 0.333333, 0.333333] | the same |
| `ptp(x)` | [2, 2] | 0 | [0, 0] | the same |
| `cummax(x).values` | [3, 3, 1] | [3, 3, 3] | [1, 2, 0] | the same |
| `sort(x)[0]` | [2, 1, 1] | 1 | [0, 1, 0] | the same |
| `median(x)` | [3, 3, 3, 1] | 3 | [0.5, 0.5, 0, 0] | the same |
| `quantile(x, 0.25)` | [1, 1, 2, 2, 2] | 1 | [0, 1, 0, 0, 0] | the same |
| `mode(x).values` | [3, 1, 3, 1] | 1 | [0, 0, 0, 1] | the same |
| `topk(x, 1).values` | [3, 3, 1] | [3] | [1, 0, 0] | the same |
| `linalg.norm(x, inf)` | [2, -2, 1] | 2 | [0.5, -0.5, 0] | the same |
| `linalg.norm(x, 2)` | [[2, 0], [0, 2]] | 2 | [[0.5, 0], [0, 0.5]] | the same |
| `linalg.eigvalsh(x)` | [[2, 0], [0, 2]] | [2, 2] | [[1, 0], [0, 1]] | the same |
| `nextafter(x[0], x[1])` | [1, 1] | 1 | [0, 0] | the same |

Kinks and steps
===============

A kink takes the slope of one of its sides, or 0 in the middle of two that are each other's mirror; steps have slope 0
everywhere.

| function | x | value | slope | PyTorch |
|---|---|---|---|---|
| `relu(x)` | 0 | 0 | 0 | the same |
| `absolute(x)` | 0 | 0 | 0 | the same |
| `sign(x)` | 0 | 0 | 0 | the same |
| `leaky_relu(x)` | 0 | 0 | 0.01 | the same |
| `elu(x, 0.5)` | 0 | 0 | 0.5 | the same |
| `clip(x, -1, 1)` | [-1, 1, 2] | [-1, 1, 1] | [1, 1, 0] | the same |
| `hardtanh(x)` | [-1, 1, 2] | [-1, 1, 1] | [0, 0, 0] | the same |
| `relu6(x)` | [0, 6] | [0, 6] | [0, 0] | the same |
| `hardswish(x)` | [-3, 3] | [0, 3] | [0, 1] | the same |
| `hardshrink(x)` | [-0.5, 0.5] | [0, 0] | [0, 0] | the same |
| `softshrink(x)` | [-0.5, 0.5] | [0, 0] | [0, 0] | the same |
| `hardsigmoid(x)` | [-3, 3] | [0, 1] | [0, 0] | the same |
| `threshold(x, 1, 7)` | 1 | 7 | 0 | the same |
| `selu(x)` | 0 | 0 | 1.7581 | the same |
| `floor(x)` | 2 | 2 | 0 | the same |
| `round(x)` | 0.5 | 0 | 0 | the same |
| `x % 2` | 4 | 0 | 1 | the same |
| `copysign(x, -1)` | 0 | 0 | 0 | the same |
| `i0e(x)` | 0 | 1 | 0 | the same |

Zeros
=====

Where the true slope is infinite, it is inf. Where there is none, a distance from the origin has slope 0.

| function | x | value | slope | PyTorch |
|---|---|---|---|---|
| `sqrt(x)` | 0 | 0 | inf | the same |
| `cbrt(x)` | 0 | 0 | inf | – |
| `reciprocal(x)` | 0 | inf | -inf | the same |
| `log(x)` | 0 | -inf | inf | the same |
| `log(x)` | -1 | nan | -1 | the same |
| `x**2` | 0 | 0 | 0 | the same |
| `x**1` | 0 | 0 | 1 | the same |
| `x**0` | 0 | 1 | 0 | the same |
| `x**0.5` | 0 | 0 | inf | the same |
| `x**-1` | 0 | inf | -inf | the same |
| `0**x` | [0, 1] | [1, 0] | [0, 0] | the same |
| `power(x[0], x[1])` | [0, 0] | 1 | [0, 0] | the same |
| `power(x[0], x[1])` | [0, 2] | 0 | [0, 0] | the same |
| `power(x[0], x[1])` | [0, -1] | inf | [-inf, -inf] | the same |
| `power(x[0], x[1])` | [-2, 3] | -8 | [12, nan] | the same |
| `hypot(x[0], x[1])` | [0, 0] | 0 | [0, 0] | [nan, nan] |
| `arctan2(x[0], x[1])` | [0, 0] | 0 | [0, 0] | the same |
| `linalg.norm(x)` | [0, 0] | 0 | [0, 0] | the same |
| `linalg.norm(x, 1)` | [0, 2] | 2 | [0, 1] | the same |
| `linalg.norm(x, 3)` | [0, 0] | 0 | [0, 0] | the same |
| `linalg.norm(x, "nuc")` | [[0, 0], [0, 0]] | 0 | [[1, 0], [0, 1]] | the same |
| `cdist(x, x)` | [[0, 0], [0, 0]] | [[0, 0], [0, 0]] | [[0, 0], [0, 0]] | the same |
| `normalize(x, axis=0)` | [0, 0] | [0, 0] | [1e+12, 1e+12] | the same |
| `cosine_similarity(x, x, axis=0)` | [0, 0] | 0 | [0, 0] | the same |
| `linalg.det(x)` | [[1, 2], [2, 4]] | 0 | [[4, -2], [-2, 1]] | [[0, 0], [0, 0]] |
| `std(x)` | [2, 2, 2] | 0 | [0, 0, 0] | the same |
| `prod(x)` | [2, 0, 3] | 0 | [0, 6, 0] | the same |
| `prod(x)` | [0, 0, 3] | 0 | [0, 0, 0] | the same |
| `cumprod(x)` | [2, 0, 3] | [2, 0, 0] | [1, 8, 0] | the same |
| `sinc(x)` | 0 | 1 | 0 | the same |
| `xlogy(x[0], x[1])` | [0, 0] | 0 | [0, nan] | the same |
| `entr(x)` | 0 | 0 | inf | the same |
| `arcsin(x)` | 1 | 1.5708 | inf | the same |
| `arctanh(x)` | [-1, 1] | [-inf, inf] | [inf, inf] | the same |
| `arccosh(x)` | 1 | 0 | inf | the same |
| `log1p(x)` | -1 | -inf | inf | the same |
| `erfinv(x)` | [-1, 1, 2] | [-inf, inf, nan] | [inf, inf, nan] | the same |
| `logit(x)` | [0, 1.5] | [-inf, nan] | [inf, nan] | the same |
| `gammaln(x)` | 0 | inf | -inf | the same |
| `digamma(x)` | 0 | -inf | inf | the same |

A branch not taken
==================

`where` sends exactly 0 to the branch not taken; 0 times the infinite slope of that branch is nan. Mend x inside, too.

| function | x | value | slope | PyTorch |
|---|---|---|---|---|
| `where(x > 0, log(x), 0.0)` | [0, 1] | [0, 0] | [nan, 1] | the same |
| `where(x > 0, log(where(x > 0, x, 1.0)), 0.0)` | [0, 1] | [0, 0] | [0, 1] | the same |

Large, small and infinite
=========================

No intermediate overflows or vanishes that the result does not. Equal infinities share the slope.

| function | x | value | slope | PyTorch |
|---|---|---|---|---|
| `softmax(x)[0]` | [1000, -1000] | 1 | [0, 0] | the same |
| `log_softmax(x)[1]` | [1000, -1000] | -2000 | [-1, 1] | the same |
| `softmax(x)` | [-inf, 0] | [0, 1] | [0, 0] | the same |
| `softmax(x)` | [-inf, -inf] | [nan, nan] | [nan, nan] | the same |
| `log_softmax(x)` | [-inf, 0] | [-inf, 0] | [1, -1] | the same |
| `logsumexp(x)` | [1000, 1000] | 1000.69 | [0.5, 0.5] | the same |
| `logsumexp(x)` | [-inf, 0] | 0 | [0, 1] | the same |
| `logsumexp(x)` | [-inf, -inf] | -inf | [0, 0] | [nan, nan] |
| `logsumexp(x)` | [inf, 0] | inf | [nan, 0] | the same |
| `logcumsumexp(x)` | [-inf, 1000, 1000] | [-inf, 1000, 1000.69] | [0, 1.5, 0.5] | [nan, 1.5, 0.5] |
| `logaddexp(x[0], x[1])` | [inf, inf] | inf | [0.5, 0.5] | [nan, nan] |
| `logaddexp(x[0], x[1])` | [-inf, -inf] | -inf | [0.5, 0.5] | [nan, nan] |
| `sigmoid(x)` | [-2000, 2000] | [0, 1] | [0, 0] | the same |
| `softplus(x)` | [-2000, 2000] | [0, 2000] | [0, 1] | the same |
| `log_sigmoid(x)` | [-2000, 2000] | [-2000, 0] | [1, 0] | the same |
| `silu(x)` | [-2000, 2000] | [0, 2000] | [0, 1] | the same |
| `mish(x)` | [-2000, 2000] | [0, 2000] | [0, 1] | the same |
| `tanh(x)` | [-2000, 2000] | [-1, 1] | [0, 0] | the same |
| `elu(x)` | [-2000, 2000] | [-1, 2000] | [0, 1] | the same |
| `gelu(x, "tanh")` | [-1e+170, 1e+170] | [0, 1e+170] | [0, 1] | [nan, nan] |
| `exp(x)` | [-2000, 2000] | [0, inf] | [0, inf] | the same |
| `log_ndtr(x)` | -1e+06 | -5e+11 | 1e+06 | 1.00011e+06 |
| `sinc(x)` | 1e-08 | 1 | -3.28987e-08 | -2.1064e-08 |
| `hypot(x[0], x[1])` | [3e-170, 4e-170] | 5e-170 | [0.6, 0.8] | the same |
| `linalg.norm(x)` | [3e-170, 4e-170] | 5e-170 | [0.6, 0.8] | [0, 0], value 0 |
| `linalg.norm(x)` | [3e+170, 4e+170] | 5e+170 | [0.6, 0.8] | [0, 0], value inf |
| `std(x)` | [1e-170, -1e-170] | 1e-170 | [0.5, -0.5] | [0, 0], value 0 |
| `prod(x)` | [1e-170, 1e-170, 1e+170] | 0 | [1, 1, 0] | [0, 0, 0] |
| `cumprod(x)` | [1e-170, 1e-170] | [1e-170, 0] | [1, 1e-170] | [1, 0] |
| `log1p(x)` | 1e-170 | 1e-170 | 1 | the same |
| `arctan2(x[0], x[1])` | [1e-170, 1e-170] | 0.785398 | [5e+169, -5e+169] | [0, 0] |
| `x**2` | 1e-170 | 0 | 2e-170 | the same |
| `x**2` | 1e+170 | inf | 2e+170 | the same |

nan
===

A nan comes out where one goes in, unless the function is there to leave it out. Its slope means nothing.

| function | x | value | slope | PyTorch |
|---|---|---|---|---|
| `relu(x)` | nan | nan | 0 | 1 |
| `maximum(x[0], x[1])` | [nan, 1] | nan | [nan, nan] | [1, 1] |
| `fmax(x[0], x[1])` | [nan, 1] | 1 | [0, 1] | the same |
| `max(x)` | [nan, 1] | nan | [nan, nan] | the same |
| `median(x)` | [nan, 1, 2] | nan | [1, 0, 0] | the same |
| `nansum(x)` | [nan, 1] | 1 | [0, 1] | the same |
| `nanmean(x)` | [nan, 1, 3] | 2 | [0, 0.5, 0.5] | the same |
| `nanmean(x)` | [nan, nan] | nan | [0, 0] | [nan, nan] |
| `nanmedian(x)` | [nan, 1, 3] | 2 | [0, 0.5, 0.5] | the same |
| `nan_to_num(x)` | [nan, 1] | [0, 1] | [0, 1] | the same |
| `sign(x)` | nan | nan | 0 | the same, value 0 |

Nothing
=======

An empty sum is 0, an empty product 1, and the gradient of an empty array is empty.

| function | x | value | slope | PyTorch |
|---|---|---|---|---|
| `sum(x)` | [] | 0 | [] | the same |
| `prod(x)` | [] | 1 | [] | the same |
| `logsumexp(x)` | [] | -inf | [] | the same |
| `cumsum(x)` | [] | [] | [] | the same |
| `sort(x)` | [] | [] | [] | the same |
| `linalg.norm(x)` | [] | 0 | [] | the same |
| `sum(x[:0])` | [1, 2] | 0 | [0, 0] | the same |
| `diff(x)` | [1] | [] | [0] | the same |

One number
==========

An array without axes is one number, and is reduced, sorted and divided by its norm as one.

| function | x | value | slope | PyTorch |
|---|---|---|---|---|
| `sum(x)` | 3 | 3 | 1 | the same |
| `max(x)` | 3 | 3 | 1 | the same |
| `std(x)` | 3 | 0 | 0 | the same |
| `logsumexp(x)` | 3 | 3 | 1 | the same |
| `sort(x)` | 3 | 3 | 1 | the same |
| `cumsum(x)` | 3 | [3] | 1 | the same, value 3 |

Parts, twice and turned
=======================

An index that names an element twice reads it twice: it receives both cotangents. Of an element that is written twice
the last value stays, and has the slope. Views, negative strides and Fortran's order give what a plain copy would.

| function | x | value | slope | PyTorch |
|---|---|---|---|---|
| `x[[0, 0, 1]]` | [2, 3] | [2, 2, 3] | [2, 1] | the same |
| `take(x, [0, 0, 1])` | [2, 3] | [2, 2, 3] | [2, 1] | the same |
| `scatter_add(x, 0, [0, 0], x[1:])` | [1, 2, 3] | [6, 2, 3] | [1, 2, 2] | the same |
| `scatter(x, 0, [0, 0], x[1:])` | [1, 2, 3] | [3, 2, 3] | [0, 1, 2] | [0, 2, 2] |
| `max_unpool1d(x, [[[1, 1]]], 2, 1)` | [[[3, 3]]] | [[[0, 3, 0]]] | [[[1, 1]]] | the same |
| `x[::-1][0]` | [1, 2, 3] | 3 | [0, 0, 1] | – |
| `x.T[0]` | [[1, 2], [3, 4]] | [1, 3] | [[1, 0], [1, 0]] | the same |
| `(x[:, ::-1] * x.T).T[1]` | [[1, 2], [3, 4]] | [3, 12] | [[3, 0], [5, 3]] | – |

Kinds of number
===============

- Integers and booleans have no derivative: a Tensor of them is a constant, and an array of them that meets a Tensor of
  floats is read in that Tensor's precision. Python's numbers have no precision of their own, so float32 stays float32.
- Comparisons, and questions such as `isnan` and `argmax`, give plain booleans and integers.
- An order, a count, and other arguments without a derivative here raise an error when they are under differentiation.
- Complex numbers are out of scope, and an error.
"""
