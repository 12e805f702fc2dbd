"""Networks of Values compute what those of Tensors do, and both have the same gradients."""

from __future__ import annotations

import random

import numpy as np
import pytest

import nn
from autograd import ShapeError


def numbers(x):
    return np.array([[v.data for v in row] for row in x]) if isinstance(x[0], list) else np.array([v.data for v in x])


def grads(neurons):
    return np.array([[w.grad for w in neuron.w] for neuron in neurons]), np.array([n.b.grad for n in neurons])


@pytest.mark.parametrize("fused", [True, False])
def test_the_lstm_cell_is_that_of_tensors(fused):
    random.seed(0)
    cell = nn.scalar.LSTMCell(2, 3, fused=fused)
    gates = [cell.input, cell.forget, cell.cell, cell.output]
    both = np.array([[[w.data for w in neuron.w] for neuron in gate] for gate in gates]).reshape(12, 5)
    tensors = nn.LSTMCell(2, 3, dtype=np.float64)
    bias = np.array([[neuron.b.data for neuron in gate] for gate in gates]).reshape(12)
    state = {"weight_ih": both[:, :2], "weight_hh": both[:, 2:], "bias_ih": bias, "bias_hh": np.zeros(12)}
    tensors.load_state_dict(state)
    ours, theirs = None, None
    for x in [[0.5, -1.0], [2.0, 0.25], [-0.5, 0.0]]:
        ours, theirs = cell(x, ours), tensors(np.array(x), theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(numbers(a), b.data, rtol=1e-12)
    sum(v * v for v in ours[0]).backward()
    (theirs[0] * theirs[0]).sum().backward()
    found = np.concatenate([grads(gate)[0] for gate in gates])
    np.testing.assert_allclose(found[:, :2], tensors.weight_ih.grad, rtol=1e-10)
    np.testing.assert_allclose(found[:, 2:], tensors.weight_hh.grad, rtol=1e-10)


@pytest.mark.parametrize("causal", [True, False])
def test_the_head_is_that_of_tensors(causal):
    random.seed(0)
    head = nn.scalar.AttentionHead(4, 4, causal)
    layer = nn.MultiheadAttention(4, 1, dtype=np.float64)
    gates = [head.query, head.key, head.value]
    w = np.array([[[w.data for w in neuron.w] for neuron in part] for part in gates]).reshape(12, 4)
    state = {
        "in_proj_weight": w,
        "in_proj_bias": np.zeros(12),
        "out_proj.weight": np.eye(4),
        "out_proj.bias": np.zeros(4),
    }
    layer.load_state_dict(state)
    x = np.random.default_rng(0).normal(size=(5, 4))
    y = head(x.tolist())
    mask = nn.Transformer.generate_square_subsequent_mask(5) if causal else None
    z, weights = layer(x, x, x, attn_mask=mask)
    np.testing.assert_allclose(numbers(y), z.data, rtol=1e-10)
    np.testing.assert_allclose([v.data for v in head.weights[2]], weights.data[2, : 3 if causal else 5], rtol=1e-10)
    sum(v * v for row in y for v in row).backward()
    (z * z).sum().backward()
    found = np.concatenate([grads(part)[0] for part in gates])
    np.testing.assert_allclose(found, layer.in_proj_weight.grad, rtol=1e-9, atol=1e-12)


def test_the_parameters_are_those_of_the_neurons():
    cell, head = nn.scalar.LSTMCell(2, 3), nn.scalar.AttentionHead(2, 3)
    assert (cell.num_parameters, head.num_parameters) == (4 * 3 * 6, 3 * 3 * 3)
    head([[1.0, 2.0]])
    assert head.num_parameters == 3 * 3 * 3
    assert (repr(cell), repr(head)) == ("LSTMCell(2, 3)", "AttentionHead(2, 3)")


def test_what_does_not_fit_is_told():
    with pytest.raises(ShapeError, match=r"LSTMCell\(2, 3\) got 1 inputs"):
        nn.scalar.LSTMCell(2, 3)([1.0])
    with pytest.raises(ShapeError, match="2 weights got 3 inputs"):
        nn.scalar.AttentionHead(2, 3)([[1.0, 2.0, 3.0]])
