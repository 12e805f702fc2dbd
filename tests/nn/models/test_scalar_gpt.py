"""The GPT of Values is the GPT of arrays, number by number."""

from __future__ import annotations

import math

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError, Value
from nn.models import GPT, ScalarGPT, token_loss

TOKENS = [3, 1, 4, 1, 5, 2]


def numbers(thing):
    return [numbers(part) for part in thing] if isinstance(thing, list) else float(thing)


def slopes(thing):
    return [slopes(part) for part in thing] if isinstance(thing, list) else thing.grad


@pytest.mark.parametrize("bias", [True, False])
def test_scores_loss_and_every_gradient_are_those_of_the_arrays(bias):
    nn.manual_seed(0)
    tensors = GPT(6, 8, n_layer=2, n_head=2, n_embd=8, bias=bias, dtype=np.float64)
    for p in tensors.parameters():
        p.data += np.random.default_rng(p.size).normal(0, 0.2, p.shape)
    scalars = ScalarGPT.of(tensors)
    np.testing.assert_allclose(numbers(scalars(TOKENS)), tensors(np.array([TOKENS])).data[0], rtol=1e-10)
    ours, theirs = scalars.loss(TOKENS), token_loss(tensors(np.array([TOKENS[:-1]])), [TOKENS[1:]])
    ours.backward()
    theirs.backward()
    assert ours.data == pytest.approx(float(theirs), rel=1e-12)
    for name, p in tensors.named_parameters():
        module, _, part = name.rpartition(".")
        matrix = slopes(getattr(scalars, module)) if module in ("wte", "wpe") else None
        if matrix is None:
            matrix = np.transpose(slopes(getattr(scalars.get_submodule(module), part)))
        np.testing.assert_allclose(matrix, p.grad, rtol=1e-9, atol=1e-13, err_msg=name)


def test_every_weight_is_a_value_of_its_own():
    model = ScalarGPT(7, 5, n_layer=2, n_head=2, n_embd=4)
    parameters = model.parameters()
    assert all(isinstance(p, Value) for p in parameters)
    assert len({id(p) for p in parameters}) == 7 * 4 + 5 * 4 + 2 * (12 * 16 + 13 * 4) + 2 * 4
    assert [*dict(model.named_parameters())][-1] == "ln_f.bias.3"


def test_it_begins_by_guessing_and_learns_a_word():
    letters = nn.models.Vocabulary("abc", special=["\n"])
    tokens = letters.encode("\nabcab\n").tolist()
    nn.manual_seed(0)
    model = ScalarGPT(len(letters), 8, n_layer=1, n_head=2, n_embd=4)
    assert model.loss(tokens).data == pytest.approx(math.log(4), abs=0.1)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(60):
        loss = model.loss(tokens)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.data < 0.1
    assert letters.decode(model.generate([0], 10, stop=0, temperature=0)) == "\nabcab\n"


def test_it_writes_no_further_than_it_can_look():
    nn.manual_seed(0)
    model = ScalarGPT(4, 3, n_head=1, n_embd=2)
    assert len(model.generate([0, 1], 10)) == 4
    with pytest.raises(ShapeError, match="looks at 3 tokens at most"):
        model([0, 1, 2, 3])
    for token in (4, -1, "a"):
        with pytest.raises(OperandError, match="whole number from 0 to 3"):
            model([token])
    with pytest.raises(OperandError, match=r"a token, and one that follows it; got \[1\]"):
        model.loss([1])
    with pytest.raises(ShapeError, match="3 heads share a width of n_embd=4"):
        ScalarGPT(4, 3, n_head=3, n_embd=4)
