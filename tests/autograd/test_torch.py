"""Programs written for PyTorch, run with one line changed: the import. PyTorch itself says what must come out."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
import autograd.torch as ours
from autograd import Tensor

# Each program is run as it is by PyTorch, and here with `import autograd.torch as torch`. What it leaves in `found` is
# compared. They use what PyTorch's notes on extending it and its tutorials on custom functions use.
PROGRAMS = {
    "two parts and an optional operand": """
import torch

class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(input, weight, bias):
        output = input.mm(weight.t())
        if bias is not None:
            output += bias.unsqueeze(0).expand_as(output)
        return output

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, grad_output):
        input, weight, bias = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_input = grad_output.mm(weight)
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t().mm(input)
        if bias is not None and ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        return grad_input, grad_weight, grad_bias

x = torch.tensor([[0.1, -0.4, 1.0], [2.0, 0.3, -0.7]], dtype=torch.double, requires_grad=True)
w = torch.tensor([[0.5, 0.4, -1.0], [1.0, 0.2, 0.8]], dtype=torch.double, requires_grad=True)
b = torch.tensor([0.5, -0.5], dtype=torch.double, requires_grad=True)
(LinearFunction.apply(x, w, b) ** 2).sum().backward()
y = LinearFunction.apply(x.detach(), w, None)
(second,) = torch.autograd.grad(y.pow(3).sum(), w, create_graph=True)
(third,) = torch.autograd.grad(second.sum(), w)
found = [x.grad, w.grad, b.grad, y, second, third]
""",
    "a constant, and gradients that are not there": """
import torch

class MulConstant(torch.autograd.Function):
    @staticmethod
    def forward(ctx, tensor, constant):
        ctx.set_materialize_grads(False)
        ctx.constant = constant
        return tensor * constant, tensor + constant

    @staticmethod
    def backward(ctx, g, h):
        assert h is None
        return g * ctx.constant, None

x = torch.ones(3, dtype=torch.double, requires_grad=True)
y, _ = MulConstant.apply(x, 5.5)
y.sum().backward()
found = [y, x.grad]
""",
    "saving inputs, results, and intermediates as results": """
import torch

class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, grad_out):
        (x,) = ctx.saved_tensors
        return grad_out * 2 * x

class Exp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        result = torch.exp(x)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, grad_out):
        (result,) = ctx.saved_tensors
        return result * grad_out

class Sinh(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        up, down = torch.exp(x), torch.exp(-x)
        ctx.save_for_backward(up, down)
        return (up - down) / 2, up, down

    @staticmethod
    def backward(ctx, grad_out, grad_up, grad_down):
        up, down = ctx.saved_tensors
        grad_input = grad_out * (up + down) / 2
        grad_input += grad_up * up
        grad_input -= grad_down * down
        return grad_input

class MyCube(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x**3, 3 * x**2

    @staticmethod
    def setup_context(ctx, inputs, output):
        (x,) = inputs
        _, dx = output
        ctx.save_for_backward(x, dx)

    @staticmethod
    def backward(ctx, grad_output, grad_dx):
        x, dx = ctx.saved_tensors
        return grad_output * dx + grad_dx * 6 * x

found = []
for f in (Square.apply, Exp.apply, lambda x: Sinh.apply(x)[0], lambda x: MyCube.apply(x)[0]):
    x = torch.tensor([0.5, -1.0, 2.0], dtype=torch.double, requires_grad=True).clone()
    y = f(x)
    (first,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = torch.autograd.grad((first * first).sum(), x)
    found += [y, first, second]
""",
    "a backward that is a function of its own": """
import torch

class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, grad_out):
        (x,) = ctx.saved_tensors
        return CubeBackward.apply(grad_out, x)

class CubeBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, grad_out, x):
        ctx.save_for_backward(x, grad_out)
        return grad_out * 3 * x**2

    @staticmethod
    def backward(ctx, grad_out):
        x, saved = ctx.saved_tensors
        return grad_out * 3 * x**2, grad_out * saved * 6 * x

x = torch.tensor(2.0, requires_grad=True, dtype=torch.double)
out = Cube.apply(x)
(first,) = torch.autograd.grad(out, x, create_graph=True)
(second,) = torch.autograd.grad(first, x)
found = [out, first, second]
""",
    "NumPy inside, and results that are indices": """
import numpy as np
import torch

class NumpySort(torch.autograd.Function):
    @staticmethod
    def forward(x, dim):
        device = x.device
        x = x.cpu().numpy()
        ind = np.argsort(x, axis=dim)
        ind_inv = np.argsort(ind, axis=dim)
        result = np.take_along_axis(x, ind, axis=dim)
        return tuple(torch.tensor(z, device=device) for z in (result, ind, ind_inv))

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, ind, ind_inv = output
        ctx.mark_non_differentiable(ind, ind_inv)
        ctx.save_for_backward(ind, ind_inv)
        ctx.dim = inputs[1]

    @staticmethod
    def backward(ctx, grad_output, _0, _1):
        ind, ind_inv = ctx.saved_tensors
        return NumpyTake.apply(grad_output, ind_inv, ind, ctx.dim), None

class NumpyTake(torch.autograd.Function):
    @staticmethod
    def forward(x, ind, ind_inv, dim):
        return torch.tensor(np.take_along_axis(x.cpu().numpy(), ind.cpu().numpy(), dim))

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, ind, ind_inv, ctx.dim = inputs
        ctx.save_for_backward(ind, ind_inv)

    @staticmethod
    def backward(ctx, grad_output):
        ind, ind_inv = ctx.saved_tensors
        return NumpyTake.apply(grad_output, ind_inv, ind, ctx.dim), None, None, None

x = torch.tensor([[3.0, 1.0, 2.0], [0.5, 9.0, -1.0]], dtype=torch.double, requires_grad=True)
y, ind, _ = NumpySort.apply(x, -1)
weights = torch.arange(6).view(2, 3)
(first,) = torch.autograd.grad((y**3 * weights).sum(), x, create_graph=True)
(second,) = torch.autograd.grad(first.sum(), x)
assert not ind.requires_grad
found = [y, first, second, torch.func.grad(lambda x: (NumpySort.apply(x, -1)[0] ** 2 * weights).sum())(x.detach())]
""",
    "masked assignment, and a network trained by hand": """
import torch

class MyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[input < 0] = 0
        return grad_input

dtype, device = torch.float, torch.device("cpu")
x = torch.sin(torch.linspace(0, 50, 80, device=device, dtype=dtype)).view(8, 10)
y = torch.cos(torch.linspace(0, 9, 16, dtype=dtype)).view(8, 2)
w1 = torch.full((10, 6), 0.1, dtype=dtype, requires_grad=True)
w2 = torch.tensor([[0.1 * i - 0.2, 0.3 - 0.1 * i] for i in range(6)], dtype=dtype, requires_grad=True)
losses = []
for t in range(20):
    relu = MyReLU.apply
    y_pred = relu(x.mm(w1)).mm(w2)
    loss = (y_pred - y).pow(2).sum()
    losses.append(loss.item())
    loss.backward()
    with torch.no_grad():
        w1 -= 1e-2 * w1.grad
        w2 -= 1e-2 * w2.grad
        w1.grad.zero_()
        w2.grad.zero_()
found = [torch.tensor(losses), w1, w2]
""",
    "a polynomial, fitted": """
import math
import torch

class LegendrePolynomial3(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input ** 3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input ** 2 - 1)

dtype, device = torch.float64, torch.device("cpu")
x = torch.linspace(-math.pi, math.pi, 200, device=device, dtype=dtype)
y = torch.sin(x)
a, b, c, d = (
    torch.full((), start, device=device, dtype=dtype, requires_grad=True) for start in (0.0, -1.0, 0.0, 0.3)
)
for t in range(200):
    P3 = LegendrePolynomial3.apply
    y_pred = a + b * P3(c + d * x)
    loss = (y_pred - y).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        a -= 5e-5 * a.grad
        b -= 5e-5 * b.grad
        c -= 5e-5 * c.grad
        d -= 5e-5 * d.grad
        a.grad = b.grad = c.grad = d.grad = None
found = [a, b, c, d, loss]
""",
    "SciPy inside": """
import numpy as np
import torch
from scipy.signal import convolve2d, correlate2d

class ScipyConv2dFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, filter, bias):
        input, filter, bias = input.detach(), filter.detach(), bias.detach()
        result = correlate2d(input.numpy(), filter.numpy(), mode="valid")
        result += bias.numpy()
        ctx.save_for_backward(input, filter, bias)
        return torch.as_tensor(result, dtype=input.dtype)

    @staticmethod
    def backward(ctx, grad_output):
        grad_output = grad_output.detach()
        input, filter, bias = ctx.saved_tensors
        grad_output = grad_output.numpy()
        grad_bias = np.sum(grad_output, keepdims=True)
        grad_input = convolve2d(grad_output, filter.numpy(), mode="full")
        grad_filter = correlate2d(input.numpy(), grad_output, mode="valid")
        return (
            torch.as_tensor(grad_input, dtype=input.dtype),
            torch.as_tensor(grad_filter, dtype=torch.float),
            torch.as_tensor(grad_bias, dtype=torch.float),
        )

image = torch.tensor([[i * j % 7 / 7 for i in range(10)] for j in range(10)], requires_grad=True)
kernel = torch.tensor([[0.5, -0.3, 1.0], [0.0, 0.2, 0.9], [-1.0, 0.1, 0.4]], requires_grad=True)
bias = torch.full((1, 1), 0.5, requires_grad=True)
out = ScipyConv2dFunction.apply(image, kernel, bias)
out.backward(torch.ones(out.size()))
found = [out, image.grad, kernel.grad, bias.grad]
""",
    "forward mode, written and used": """
import torch

class Sine(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x, factor):
        return torch.sin(x) * factor

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, ctx.factor = inputs
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.cos(x) * ctx.factor, None

    @staticmethod
    def jvp(ctx, t, _):
        (x,) = ctx.saved_tensors
        return t * torch.cos(x) * ctx.factor

x = torch.tensor([0.5, -1.0], dtype=torch.double)
t = torch.tensor([2.0, 3.0], dtype=torch.double)
y, tangent = torch.func.jvp(lambda x: Sine.apply(x, 3.0), (x,), (t,))
matrices = [jacobian(lambda x: Sine.apply(x, 2.0))(x) for jacobian in (torch.func.jacfwd, torch.func.jacrev)]
found = [y, tangent, *matrices]
""",
    "once differentiable, reversed, and let straight through": """
import torch

class Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, alpha):
        ctx.alpha = alpha
        return x.view_as(x)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g):
        return g.neg() * ctx.alpha, None

class Straight(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clamp(min=0.0, max=0.0) + 1.0

    @staticmethod
    def backward(ctx, g):
        return g.clamp(min=-0.5, max=0.5)

x = torch.tensor([0.5, -1.0], dtype=torch.double, requires_grad=True)
(Reversal.apply(x, 0.3) ** 2).sum().backward()
reversed_grad = x.grad.clone()
x.grad = None
(3 * Straight.apply(x)).sum().backward()
found = [reversed_grad, x.grad]
""",
}


def run(source):
    space = {"__name__": "program"}
    exec(compile(source, "program.py", "exec"), space)
    return [np.asarray(x.detach().numpy()) for x in space["found"]]


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # PyTorch warns of itself
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_gives_the_same_with_its_import_line_changed(name):
    pytest.importorskip("torch", reason="PyTorch is what these programs are compared with; it is installed by hand")
    source = PROGRAMS[name]
    assert source.count("import torch\n") == 1
    found = run(source.replace("import torch\n", "import autograd.torch as torch\n"))
    expected = run(source)
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=1e-4 if a.dtype == np.float32 else 1e-11, atol=1e-6)


# The phrase book by itself


def test_tensors_made_here_have_pytorchs_manners():
    x = ours.tensor([1.0, 2.0])
    assert (x.dtype, x.requires_grad) == (np.float32, False)
    assert ours.tensor(np.ones(2)).dtype == ours.tensor(Tensor([1.0])).dtype == np.float64
    assert ours.tensor([1, 2]).dtype == np.int64
    assert ours.zeros(2, 3).shape == ours.zeros((2, 3)).shape == (2, 3)
    assert ours.full((2,), 3.0, dtype=ours.double).dtype == ours.double
    assert ours.eye(2).data.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert ours.arange(3).data.tolist() == [0, 1, 2]
    assert ours.zeros_like(ours.tensor([1, 2])).dtype == np.int64
    array = np.ones(2)
    assert ours.from_numpy(array).data is array
    ours.manual_seed(3)
    first = ours.randn(2, 2)
    ours.manual_seed(3)
    assert ours.allclose(first, ours.randn(2, 2))
    assert not ours.allclose(first, ours.rand(2, 2))
    assert ours.is_tensor(first)
    assert ours.sigmoid is autograd.sigmoid
    with pytest.raises(AttributeError, match="no attribute 'conv9d'"):
        ours.conv9d


def test_gradients_are_tensors_that_add_up_and_can_be_cleared():
    w = ours.tensor([1.0, 2.0], requires_grad=True)
    assert w.grad is None
    for times in (1, 2):
        (w * w).sum().backward()
        assert isinstance(w.grad, Tensor)
        assert w.grad.data.tolist() == [2.0 * times, 4.0 * times]
    w.grad.zero_()
    assert w.grad.data.tolist() == [0.0, 0.0]
    w.grad = None
    (w**3).sum().backward(create_graph=True)
    (w.grad * w.grad).sum().backward()


def test_leaves_are_changed_in_place_where_nothing_is_recorded_and_nowhere_else():
    w = same = ours.tensor([1.0, 2.0], requires_grad=True)
    with ours.no_grad():
        w -= 0.5
        w *= 2.0
        w += ours.ones(2)
    assert w is same
    assert (w.data.tolist(), w.requires_grad) == ([2.0, 4.0], True)
    w -= 1.0
    assert w is not same
    assert (same.data.tolist(), w.data.tolist(), w.operation) == ([2.0, 4.0], [1.0, 3.0], "-")


def test_grad_of_outputs_by_inputs():
    x, unused = ours.tensor([1.0, 2.0], requires_grad=True), ours.tensor([3.0], requires_grad=True)
    y = x * x
    (g,) = ours.autograd.grad(y, x, ours.tensor([1.0, 10.0]))
    assert (g.data.tolist(), x.grad) == ([2.0, 40.0], None)
    (g,) = ours.autograd.grad([y.sum(), (3 * x).sum()], [x])
    assert g.data.tolist() == [5.0, 7.0]
    assert ours.autograd.grad(y.sum(), [x, unused], allow_unused=True)[1] is None
    with pytest.raises(autograd.GradientError, match=r"has no part in what was differentiated(.|\n)*allow_unused=True"):
        ours.autograd.grad(y.sum(), [x, unused])
    assert ours.func.grad_and_value(lambda x: (x * x).sum())(np.ones(2))[1] == 2.0
    mapped = ours.func.vmap(ours.func.grad(lambda x: (x * x).sum()), in_dims=1, out_dims=1)
    np.testing.assert_array_equal(mapped(np.eye(3)), 2 * np.eye(3))
    assert ours.func.linearize(lambda x: x * x, 3.0)[1](1.0) == 6.0


METHODS = {
    "mm": lambda x: x.mm(x.t()),
    "matmul": lambda x: x.matmul(x.t()),
    "t": lambda x: x.t(),
    "permute": lambda x: x.permute(1, 0),
    "view": lambda x: x.view(3, -1),
    "view_as": lambda x: x.view(6).view_as(x),
    "unsqueeze": lambda x: x.unsqueeze(1),
    "expand": lambda x: x.unsqueeze(0).expand(4, -1, 3),
    "expand_as": lambda x: x[:1].expand_as(x),
    "clamp": lambda x: x.clamp(min=0.5, max=2.5),
    "add": lambda x: x.add(x).sub(1.0).mul(x).div(x.neg()).pow(2),
    "clone": lambda x: x.clone(),
    "cpu": lambda x: x.cpu().contiguous(),
    "new": lambda x: x.new_zeros(2, 3) + x.new_ones((2, 3)) * x.new_full((2, 3), 4.0) + x.new_tensor([1.0, 2.0, 3.0]),
    "sizes": lambda x: x * x.numel() * x.dim() * x.size(0) * x.size()[1],
    "float": lambda x: x.float().double().type_as(x),
}


@pytest.mark.parametrize("name", METHODS)
def test_methods_of_pytorchs_tensors(name):
    torch = pytest.importorskip("torch", reason="PyTorch says what its methods do; it is installed by hand")
    x = np.array([[0.1, 1.0, 2.0], [3.0, -4.0, 5.0]])
    mine, theirs = Tensor(x), torch.tensor(x, requires_grad=True)
    y, z = METHODS[name](mine), METHODS[name](theirs)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-12)
    if z.requires_grad:
        (y * y).sum().backward()
        (z * z).sum().backward()
        np.testing.assert_allclose(mine.grad, theirs.grad.numpy(), rtol=1e-12)


# Drafts


def test_a_copy_may_be_written_into_until_it_is_used():
    x = Tensor([1.0, 2.0, 3.0])
    y = x.clone()
    y[0] = 0.0
    y[1:] = x[:2] * 10
    z = (y * y).sum()
    with pytest.raises(autograd.OperandError, match=r"t\.clone\(\)"):
        y[0] = 5.0
    z.backward()
    assert y.data.tolist() == [0.0, 10.0, 20.0]
    assert x.grad.tolist() == [200.0, 400.0, 0.0]
    assert type(y) is Tensor


def test_printing_a_draft_does_not_use_it():
    y = Tensor([1.0, 2.0]).clone()
    assert repr(y) == "Tensor([1., 2.], op=positive)"
    y[0] = 7.0
    assert repr(y) == "Tensor([7., 2.], op=index_set)"


def test_what_is_written_into_a_constant_draft_makes_it_part_of_the_graph():
    x = Tensor([1.0, 2.0])
    assert x.new_zeros(2, dtype=np.int64).dtype == x.new_tensor([1.5], dtype=np.int64).dtype == np.int64
    y = x.new_zeros(3)
    y[0] = 4.0
    assert not y.requires_grad
    y[1] = x[0] * 3
    assert y.requires_grad
    y.sum().backward()
    assert (y.data.tolist(), x.grad.tolist()) == ([4.0, 3.0, 0.0], [3.0, 0.0])


def test_inside_no_grad_drafts_stay_writable():
    with autograd.no_grad():
        y = Tensor([1.0, 2.0]).clone()
        for i in range(1, 2):
            y[i] = y[i - 1] + 5.0
        y[0] = 9.0
    assert y.data.tolist() == [9.0, 6.0]


def test_clones_are_differentiated_to_any_order():
    def f(x):
        y = (x * x * x).clone()
        y[0] = 0.0
        return y.sum()

    assert autograd.hessian(f)(np.array([1.0, 2.0])).tolist() == [[0.0, 0.0], [0.0, 12.0]]
    assert autograd.jvp(f, np.array([1.0, 2.0]), np.ones(2))[1] == 12.0
