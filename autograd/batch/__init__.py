"""Batches: a kind of number that stands for many examples at once, and `vmap`, which feeds it to a function."""
