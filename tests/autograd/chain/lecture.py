"""What is drawn on boards: small expressions, each with the variable to differentiate by."""

import numpy as np

import autograd
import nn
from autograd import Tensor, Value


def values(**numbers):
    return [Value(number, label=name) for name, number in numbers.items()]


def micrograd_lecture():
    a, b, c, f = values(a=2.0, b=-3.0, c=10.0, f=-2.0)
    return (a * b + c) * f, a


def micrograd_readme():
    a, b = values(a=-4.0, b=2.0)
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + autograd.relu(b + a)
    d = d + 3 * d + autograd.relu(b - a)
    f = (c - d) ** 2
    return f / 2.0 + 10.0 / f, a


def neuron(activation):
    x1, x2, w1, w2, b = values(x1=2.0, x2=0.5, w1=-3.0, w2=1.0, b=6.88)
    return activation(x1 * w1 + x2 * w2 + b), w1


def softmax_cross_entropy():
    z = values(z1=1.0, z2=2.0, z3=0.5)
    e = [autograd.exp(x) for x in z]
    return -autograd.log(e[1] / (e[0] + e[1] + e[2])), z[1]


def norm():
    x, y = values(x=3.0, y=-4.0)
    return autograd.sqrt(x**2 + y**2), y


def of_two(f, slot, a=3.0, b=1.5):
    pair = values(a=a, b=b)
    return f(*pair), pair[slot]


def two_layers():
    rng = np.random.default_rng(1)
    x = values(x1=0.5, x2=-1.25)
    w = [values(**{f"w{i}{j}": rng.normal() for j in (1, 2)}) for i in (1, 2)]
    v = values(v1=0.75, v2=-0.5)
    hidden = [autograd.tanh(row[0] * x[0] + row[1] * x[1]) for row in w]
    return (v[0] * hidden[0] + v[1] * hidden[1] - 1) ** 2, w[0][1]


def many_paths():
    (x,) = values(x=0.3)
    y = x
    for _ in range(7):
        y = autograd.sin(y) * y + y
    return y, x


def dot_product():
    w, x = values(w1=0.5, w2=-1.0, w3=2.0), values(x1=1.0, x2=3.0, x3=1.0)
    return autograd.tanh(autograd.dot(w, x)), w[1]


def batch():
    rng = np.random.default_rng(0)
    x, w, b = (Tensor(rng.normal(size=s), label=n) for s, n in (((2, 3), "X"), ((3, 2), "W"), (2, "b")))
    return x, w, b, Tensor(rng.normal(size=(2, 2)), label="T", requires_grad=False)


def matmul(which):
    x, w, b, t = batch()
    return ((autograd.tanh(x @ w + b) - t) ** 2).mean(), (x, w, b)[which]


def quadratic_form():
    rng = np.random.default_rng(2)
    x, a = Tensor(rng.normal(size=(3, 1)), label="x"), Tensor(rng.normal(size=(3, 3)), label="A")
    return (x.T @ a @ x).sum(), x


def norm_of_array():
    z = Tensor([[1.0, -2.0], [3.0, 0.5]], label="z")
    return autograd.sqrt((z * z).sum()), z


def layers(which):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    for i, parameter in enumerate(model.parameters()):
        parameter.data = np.random.default_rng(i).normal(size=parameter.shape)
        parameter.label = ("W1", "b1", "W2", "b2")[i]
    return (model(batch()[0]) ** 2).mean(), dict(model.named_parameters())[which]


LECTURE = {
    "micrograd's lecture": micrograd_lecture,
    "micrograd's front page": micrograd_readme,
    "tanh neuron": lambda: neuron(autograd.tanh),
    "sigmoid neuron": lambda: neuron(lambda n: 1 / (1 + autograd.exp(-n))),
    "sigmoid as one operation": lambda: neuron(autograd.sigmoid),
    "relu neuron": lambda: neuron(autograd.relu),
    "softmax cross-entropy": softmax_cross_entropy,
    "norm": norm,
    "product": lambda: of_two(lambda a, b: a * b, 0),
    "square": lambda: of_two(lambda a, b: a * a, 0),
    "quotient": lambda: of_two(lambda a, b: a / b, 1),
    "power": lambda: of_two(lambda a, b: a**b, 1),
    "log of a sum": lambda: of_two(lambda a, b: autograd.log(a + autograd.exp(b)), 1),
    "two layers": two_layers,
    "many paths": many_paths,
    "dot product": dot_product,
    "matmul, left": lambda: matmul(0),
    "matmul, right": lambda: matmul(1),
    "bias of a batch": lambda: matmul(2),
    "quadratic form": quadratic_form,
    "norm of an array": norm_of_array,
    "two layers of arrays": lambda: layers("0.weight"),
    "bias of two layers": lambda: layers("0.bias"),
}
