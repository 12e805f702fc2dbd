"""Our operators held to PyTorch's own database of sample inputs: values, gradients, second order and forward mode.

`names.toml` lists the operators, under PyTorch's names, core and extended, by family. For each there is an *adapter*:
what of ours is called with the arguments of torch's operator. To add one, open the file of its family under `core/` or
`extended/` and give `ADAPTERS` a line:

    "roll": lambda x, shifts, dims=None: autograd.roll(x, shifts, dims),

- The key is PyTorch's name in the database (`F.gelu` for `nn.functional.gelu`); all variants of the name use it.
- The parameters are named as PyTorch's, because samples give some by name. Every torch tensor arrives as a Tensor
  (those that require grad under differentiation, integers and booleans as constants), a torch dtype as NumPy's. What
  is about memory only (`device`, `layout`, `memory_format`, `pin_memory`, `out`, `generator`) is left out before.
- It returns what torch returns: a Tensor, an array, a number, or a tuple of them in torch's order.
- Where a result is only determined up to a sign or an order (eigenvectors), wrap two functions, `Pair(ours, theirs)`,
  each of which brings its side's result to what is determined.

Samples are compared as they are given, in float64 and float32, and moved (`MOVES` in `peer.py`): rounded to ties, with
zeros, to ±2000, to 1e-170. Where the two answers differ, PyTorch's own other answers may settle who is right
(`settlement.py`); `exceptions.toml` is the one list of where we differ on purpose, each entry with its reason.

`python tests/operators roll gather --show 5` compares these and shows what differs; without names it compares all and
prints the table; `--move all --seed 0 1 2` goes wherever samples can be moved.
"""
