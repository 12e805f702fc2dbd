"""One vector of all parameters, and back."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from nn.utils import parameters_to_vector, vector_to_parameters


def test_there_and_back():
    ps = [Tensor(np.arange(6.0).reshape(2, 3)), Value(6.0), Tensor(7.0), Tensor(np.zeros((0, 2)))]
    vector = parameters_to_vector(ps)
    assert vector.data.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    (vector * vector).sum().backward()
    assert ps[0].grad.tolist() == [[0, 2, 4], [6, 8, 10]]
    assert (ps[1].grad, ps[2].grad.item()) == (12.0, 14.0)
    array = ps[0].data
    vector_to_parameters(vector * 2, ps)
    assert ps[0].data is array
    assert parameters_to_vector(ps).data.tolist() == [0, 2, 4, 6, 8, 10, 12, 14]
    assert type(ps[1].data) is float


def test_a_transposed_weight_goes_by_rows():
    w = Tensor(np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]))
    assert parameters_to_vector([w]).data.tolist() == [1, 2, 3, 4]
    vector_to_parameters(np.array([5.0, 6.0, 7.0, 8.0]), [w])
    assert w.data.tolist() == [[5, 6], [7, 8]]


def test_a_model():
    model = nn.Linear(3, 2)
    before = model(np.ones(3, np.float32)).data
    vector = parameters_to_vector(model.parameters())
    vector_to_parameters(np.zeros(8), model.parameters())
    assert (model(np.ones(3, np.float32)).data == 0).all()
    vector_to_parameters(vector, model.parameters())
    np.testing.assert_array_equal(model(np.ones(3, np.float32)).data, before)


def test_a_vector_of_another_length_changes_nothing():
    w = Tensor([1.0, 2.0])
    for wrong in (np.zeros(3), np.zeros((2, 1)), np.zeros(1)):
        with pytest.raises(autograd.ShapeError, match="have 2 elements, and the vector has the shape"):
            vector_to_parameters(wrong, [w])
    assert w.data.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="no parameters"):
        parameters_to_vector([])
