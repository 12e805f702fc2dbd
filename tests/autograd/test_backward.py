"""backward(): where gradients go, what stays, what is let go, and what happens when something fails half way."""

from __future__ import annotations

import asyncio
import itertools
import threading

import numpy as np
import pytest

import autograd
from autograd import REGISTRY, GradientError, MutationError, Tensor, Value, detect_anomaly, enable_grad, no_grad
from autograd.domain import REAL, case
from autograd.node import Node

KINDS = {"Value": lambda x: Value(x), "Tensor": lambda x: Tensor(x), "matrix": lambda x: Tensor(np.full((2, 3), x))}
each_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


def one(y):
    return y if isinstance(y, Value) else y.sum()


def number(g):
    g = np.asarray(g.data if isinstance(g, Node) else g)
    assert (g == g.flat[0]).all()
    return float(g.flat[0])


@pytest.fixture
def primitive():
    """Makes a primitive of one's own, forgotten after the test."""
    before = set(REGISTRY)

    def make(constructor, name, *rules, **settings):
        return constructor(name, *rules, **{"domain": [case(REAL(2))], **settings})

    yield make
    for name in set(REGISTRY) - before:
        del REGISTRY[name]


# Accumulation


@each_kind
def test_twice_adds_up_in_leaves_and_sets_results_afresh(make):
    x = make(3.0)
    y = x * x
    z = one(y * 2)
    z.backward()
    assert (number(x.grad), number(y.grad), number(z.grad)) == (12, 2, 1)
    z.backward()
    assert (number(x.grad), number(y.grad), number(z.grad)) == (24, 2, 1)


@each_kind
def test_before_any_sweep_and_where_nothing_arrives(make):
    x, unused = make(3.0), make(4.0)
    y = one(x * 2)
    assert (x.grad, y.grad) == ((0.0, 0.0) if isinstance(x, Value) else (None, None))
    y.backward()
    assert unused.grad == (0.0 if isinstance(unused, Value) else None)
    beside = x * 5
    y.backward()
    assert beside.grad == (0.0 if isinstance(x, Value) else None)


@each_kind
def test_a_leaf_in_two_graphs_and_a_shared_subgraph(make):
    x = make(3.0)
    shared = x * x
    first, second = one(shared * 2), one(shared * 5)
    first.backward()
    second.backward()
    assert number(x.grad) == 12 + 30
    assert number(shared.grad) == 5
    x.grad = 0.0 if isinstance(x, Value) else None
    (first + second).backward()
    assert number(x.grad) == 42
    assert number(shared.grad) == 7


@each_kind
def test_diamonds_are_swept_once_per_node(make):
    x = make(1.0)
    y = x * 1
    for _ in range(60):  # 2^60 paths
        y = (y + y) * 0.5
    one(y).backward()
    assert number(x.grad) == 1


@each_kind
def test_backward_of_a_leaf_and_of_a_result_that_was_a_root_before(make):
    x = one(make(3.0)) * 1 if make is KINDS["matrix"] else make(3.0)
    x.backward()
    assert number(x.grad) == 1
    leaf = Value(2.0)
    leaf.backward()
    leaf.backward(2.5)
    assert leaf.grad == 3.5


def test_a_cotangent_of_ones_own():
    x = Tensor([1.0, 2.0, 3.0])
    y = x * x
    y.backward(np.array([1.0, 0.0, 2.0]))
    np.testing.assert_array_equal(x.grad, [2.0, 0.0, 12.0])
    y.backward(Tensor([1.0, 1.0, 1.0]))
    np.testing.assert_array_equal(x.grad, [4.0, 4.0, 18.0])
    y.backward(2.0)
    np.testing.assert_array_equal(x.grad, [8.0, 12.0, 30.0])
    y.backward([0, 0, 1])
    assert x.grad[2] == 36
    v = Value(3.0)
    (v * v).backward(0.5)
    (v * v).backward(np.float32(0.5))
    (v * v).backward(Value(0.5))
    assert v.grad == 9.0
    (v * v).backward(0.0)
    assert v.grad == 9.0


def test_single_elements_of_any_shape_need_no_cotangent():
    for shape in [(), (1,), (1, 1)]:
        x = Tensor(np.full(shape, 3.0))
        (x * x).backward()
        np.testing.assert_array_equal(x.grad, np.full(shape, 6.0))


# Errors


def test_nothing_requires_grad():
    for y in (
        Value(1.0, requires_grad=False) * 2,
        Tensor([1.0], requires_grad=False) * 2,
        Tensor([1, 2]).sum(),
        Value(1.0).detach(),
    ):
        with pytest.raises(GradientError, match="nothing it was made from requires grad"):
            y.backward()
    x = Tensor([1.0])
    with no_grad():
        y = x * 2
    with pytest.raises(RuntimeError, match="no_grad"):
        y.backward()


def test_more_than_one_number():
    with pytest.raises(GradientError, match=r"not a single number(.|\n)*sum\(\)"):
        (Tensor([1.0, 2.0]) * 2).backward()
    for wrong in (np.ones(3), np.ones((2, 2)), [1.0, 2.0, 3.0], Tensor(np.ones((1, 2)))):
        with pytest.raises(autograd.ShapeError, match=r"cotangent of shape .* must be \(2,\)"):
            (Tensor([1.0, 2.0]) * 2).backward(wrong)


@pytest.mark.parametrize("make", [KINDS["Tensor"], KINDS["matrix"]], ids=["Tensor", "matrix"])
def test_an_error_half_way_leaves_the_gradients_of_leaves_as_they_were(make, primitive):
    # Of Values this is not promised (Value.backward says so): noting what to undo would cost a tenth of every sweep.
    def broken(y, x):
        raise RuntimeError("a rule of the user's that fails")

    failing = primitive(autograd.elementwise, "failing", lambda x: x, lambda x: x + 0.0, broken, domain=(REAL,))
    x, w, first = make(3.0), make(2.0), make(1.0)
    one(x * w * first).backward()
    before = [number(v.grad) for v in (x, w, first)]
    y = one((failing(x * w) * w + x * w) * first)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="fails"):
            y.backward()
    assert [number(v.grad) for v in (x, w, first)] == before
    fine = one(x * w * first)
    fine.backward()
    assert [number(v.grad) for v in (x, w, first)] == [2 * g for g in before]


# Letting go


def large():
    x = Tensor(np.ones(100_000))
    y = x * 2
    return x, y, ((y * y) * y).sum()


@pytest.mark.parametrize("retain", [False, None])
def test_a_large_graph_is_let_go(retain):
    x, y, z = large()
    z.backward(retain_graph=retain)
    np.testing.assert_array_equal(x.grad, 24.0)
    for root in (z, y.sum(), (y * 3).sum()):
        with pytest.raises(GradientError, match=r"let go by an earlier backward(.|\n)*retain_graph=True"):
            root.backward()
    np.testing.assert_array_equal(x.grad, 24.0)
    np.testing.assert_array_equal(y.data, 2.0)
    assert y.grad is None
    with pytest.raises(GradientError, match="let go"):
        autograd.grad(lambda x: (x * y).sum())(Tensor(np.ones(100_000))).sum().backward()


def test_a_large_graph_is_kept_when_asked_for():
    x, y, z = large()
    z.backward(retain_graph=True)
    np.testing.assert_array_equal(y.grad, 12.0)
    z.backward(retain_graph=True)
    np.testing.assert_array_equal(x.grad, 48.0)


def test_a_small_graph_is_kept_unless_told_otherwise():
    x = Tensor([1.0, 2.0])
    y = x * x
    z = y.sum()
    z.backward()
    z.backward()
    np.testing.assert_array_equal(x.grad, [4.0, 8.0])
    z.backward(retain_graph=False)
    with pytest.raises(GradientError, match="let go"):
        z.backward()
    np.testing.assert_array_equal(x.grad, [6.0, 12.0])


def test_values_let_go_when_told_to():
    x = Value(3.0)
    y = x * x
    z = y * 2
    z.backward(retain_graph=False)
    assert x.grad == 12
    for root in (z, y, y + 1):
        with pytest.raises(GradientError, match="let go"):
            root.backward()
    assert x.grad == 12


# create_graph


@each_kind
def test_create_graph_gives_gradients_that_can_be_differentiated(make):
    x = make(3.0)
    one(x**3).backward(create_graph=True)
    first = x.grad
    assert type(first) is type(x)
    assert number(first) == 27
    x.grad = None if isinstance(x, Tensor) else 0.0
    one(first).backward()
    assert number(x.grad) == 18


@each_kind
def test_create_graph_of_a_function_with_a_constant_slope(make):
    x = make(3.0)
    one(x + x).backward(create_graph=True)
    assert type(x.grad) is type(x)
    assert number(x.grad) == 2
    assert not x.grad.requires_grad


def test_create_graph_through_indexing():
    x = Tensor([1.0, 2.0, 3.0])
    y = x[0] * x[1] + (x * x).sum() + x[1:].sum() + x[np.array([0, 0])].sum()
    y.backward(create_graph=True)
    np.testing.assert_array_equal(x.grad.data, [6.0, 6.0, 7.0])
    g, x.grad = x.grad, None
    (g * g).sum().backward()
    np.testing.assert_array_equal(x.grad, 2 * (np.array([[2, 1, 0], [1, 2, 0], [0, 0, 2]]) @ [6, 6, 7]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_create_graph_gives_a_tensor_of_no_axes_a_tensor(dtype):
    t = Tensor(np.array(2.0, dtype))
    y = autograd.broadcast_to(0.5 * t, (2,))  # its cotangent is summed to a single number, which NumPy makes a scalar
    y.backward(np.ones(2, dtype), create_graph=True)
    assert type(t.grad) is Tensor
    assert t.grad.dtype == dtype
    assert t.grad.item() == 1.0


def test_create_graph_adds_to_a_gradient_that_is_there():
    x = Tensor([2.0])
    (x**2).backward()
    (x**2).backward(create_graph=True)
    assert number(x.grad) == 8
    v = Value(2.0)
    (v**2).backward()
    (v**2).backward(create_graph=True)
    assert number(v.grad) == 8


# Aliasing


def test_gradients_share_memory_with_nothing():
    a, b, c = (Tensor(np.ones((2, 3))) for _ in range(3))
    s = a + b
    seed = np.ones((2, 3))
    graphs = {
        "added": (s + c, [a, b, c], [s]),
        "leaf alone": (a, [a], []),
        "reshaped": (a.reshape(6).reshape(2, 3) + b.T.T, [a, b], []),
        "stacked": (autograd.stack([a[0], b[0]]) + autograd.concatenate([a[:1], b[1:]]), [a, b], []),
        "scattered": (a.at[0].add(b[0]) + c.at[1].set(b[1]), [a, b, c], []),
        "broadcast": (a.sum() + b.sum(0) + c.mean(1, keepdims=True), [a, b, c], []),
        "where": (autograd.where(seed > 0, a, b) + c, [a, b, c], []),
        "astype": (a.astype(float) + +b, [a, b], []),
    }
    for name, (y, leaves, inside) in graphs.items():
        for leaf in (a, b, c):
            leaf.grad = None
        y.backward(seed)
        arrays = {f"leaf {i}": leaf.grad for i, leaf in enumerate(leaves)}
        others = {"seed": seed, **{f"inside {i}": n.grad for i, n in enumerate((*inside, y)) if not n.is_leaf}}
        others |= {f"data {i}": n.data for i, n in enumerate((*leaves, *inside, y))}
        for (p, x), (q, z) in itertools.combinations({**arrays, **others}.items(), 2):
            if p in arrays:
                assert not np.shares_memory(x, z), (name, p, q)
        before = [x.copy() for x in others.values()]
        for x in arrays.values():
            assert x.flags.writeable, name
            x += 1.0
        for x, old in zip(others.values(), before, strict=True):
            np.testing.assert_array_equal(x, old, err_msg=name)
    np.testing.assert_array_equal(seed, 1.0)


def test_a_rule_may_return_one_array_for_two_arguments_or_an_operand_itself(primitive):
    twice = primitive(
        autograd.general,
        "twice_the_same",
        lambda a, b: a + b,
        lambda g, y, a, b, wanted: [g * 1.0] * 2,
        lambda ts, y, a, b: ts[0] + ts[1],
    )
    a, b = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    twice(a, b).sum().backward()
    assert not np.shares_memory(a.grad, b.grad)
    halved = primitive(
        autograd.general, "half_the_square", lambda x: x * x / 2, [lambda g, y, x: x], [lambda t, y, x: x * t]
    )
    halved(a).sum().backward()
    assert not np.shares_memory(a.grad, a.data)


def test_a_cotangent_is_neither_copied_nor_handed_on():
    x, g = Tensor(np.ones(3)), np.array([1.0, 2.0, 3.0])
    y = x + 1.0
    y.backward(g)
    assert np.shares_memory(y.grad, g)
    assert not y.grad.flags.writeable
    assert g.flags.writeable
    assert not np.shares_memory(x.grad, g)
    leaf = Tensor(np.ones(3))
    autograd.reshape(leaf, (3, 1)).backward(g[:, None])
    assert not np.shares_memory(leaf.grad, g)
    leaf.grad += 1.0


def test_the_gradient_of_a_broadcast_view_can_be_written_into():
    for f in (lambda x: x.sum(), lambda x: x.mean(), lambda x: x.sum(0).sum(), lambda x: x.reshape(6).sum()):
        x = Tensor(np.ones((2, 3)))
        f(x).backward()
        x.grad[0, 0] = 7.0
        assert np.sum(x.grad == 7.0) == 1


def test_adding_up_keeps_the_array_that_is_there():
    """An optimizer may hold the gradients of all parameters in one buffer."""
    x = Tensor([1.0, 2.0])
    x.grad = buffer = np.zeros(2)
    (x * 3).sum().backward()
    assert x.grad is buffer
    np.testing.assert_array_equal(buffer, 3.0)


# Mutation


def test_a_changed_array_is_named_under_detect_anomaly():
    with detect_anomaly():
        x, w = Tensor([1.0, 2.0], label="x"), Tensor([3.0, 4.0], label="w")
        y = (x * w).sum()  # the line of the error
        w.data[0] = 9.0
        with pytest.raises(MutationError) as error:
            y.backward()
    assert x.grad is None
    for part in ("operand 1 of multiply", "Tensor(2,) float64 'w'", "test_backward.py", "y = (x * w).sum()", "at[i]"):
        assert part in str(error.value)
    w.data[0] = 3.0
    y.backward()
    np.testing.assert_array_equal(x.grad, [3.0, 4.0])


def test_a_changed_array_of_a_constant_operand_is_noticed_too():
    mask = np.array([1.0, 0.0])
    with detect_anomaly():
        x = Tensor([1.0, 2.0])
        y = (x * mask).sum()
        mask[:] = 5.0
        with pytest.raises(MutationError, match="multiply"):
            y.backward()


def test_a_changed_value_is_named_under_detect_anomaly():
    with detect_anomaly():
        a, b = Value(2.0), Value(3.0, label="b")
        y = a * b + a
        b.data = 7.0
        with pytest.raises(MutationError, match=r"operand 1 of multiply(.|\n)*a \* b \+ a"):
            y.backward()
    assert a.grad == 0.0


def test_without_change_anomaly_detection_changes_nothing():
    with detect_anomaly():
        x, v = Tensor([[1.0, 2.0]]), Value(2.0)
        (x.T @ x).sum().backward()
        (v * v + v).backward()
    np.testing.assert_array_equal(x.grad, [[6.0, 6.0]])
    assert v.grad == 5.0


# Modes


@each_kind
def test_no_grad_and_enable_grad(make):
    x = make(2.0)
    with no_grad():
        y = x * x
        assert not autograd.is_grad_enabled()
        with enable_grad():
            assert autograd.is_grad_enabled()
            z = x * x
        assert not (x + 1).requires_grad
    assert autograd.is_grad_enabled()
    assert not y.requires_grad
    assert y.parents == ()
    assert z.requires_grad
    assert (x * y).requires_grad


def test_no_grad_as_a_decorator_and_reused():
    @no_grad()
    def evaluate(x):
        """What it does."""
        return x * x

    assert not evaluate(Value(2.0)).requires_grad
    assert (evaluate.__name__, evaluate.__doc__) == ("evaluate", "What it does.")
    assert (Value(2.0) * 2).requires_grad
    mode = no_grad()
    for _ in range(2):
        with mode, mode:
            assert not autograd.is_grad_enabled()
        assert autograd.is_grad_enabled()


def test_modes_end_with_an_exception():
    for mode in (no_grad, enable_grad, detect_anomaly):
        with pytest.raises(KeyError), mode():
            raise KeyError
    assert autograd.is_grad_enabled()
    assert (Tensor([1.0]) * 2).witness is None


@no_grad()
def test_backward_inside_no_grad():
    x = Tensor([3.0])
    with enable_grad():
        y = x * x
    y.backward()
    np.testing.assert_array_equal(x.grad, [6.0])


def test_a_thread_has_its_own_mode():
    inside, go = threading.Event(), threading.Event()
    found = {}

    def other():
        with no_grad():
            inside.set()
            go.wait(5)
            found["other"] = (Value(2.0) * 2).requires_grad

    thread = threading.Thread(target=other)
    thread.start()
    assert inside.wait(5)
    found["main"] = (Value(2.0) * 2).requires_grad, (Tensor([2.0]) * 2).requires_grad
    go.set()
    thread.join()
    assert found == {"main": (True, True), "other": False}


def test_a_task_has_its_own_mode():
    async def constant():
        with no_grad():
            await asyncio.sleep(0)
            return (Value(2.0) * 2).requires_grad

    async def recorded():
        found = []
        for _ in range(3):
            await asyncio.sleep(0)
            found.append((Value(2.0) * 2).requires_grad)
        return found

    async def both():
        return await asyncio.gather(constant(), recorded(), constant())

    assert asyncio.run(both()) == [False, [True] * 3, False]


def test_one_mode_shared_by_threads():
    mode, barrier, errors = no_grad(), threading.Barrier(2, timeout=5), []

    def work():
        try:
            for _ in range(20):
                with mode:
                    barrier.wait()
                    assert not (Value(1.0) * 2).requires_grad
                    barrier.wait()
                assert (Value(1.0) * 2).requires_grad
        except BaseException as error:
            errors.append(error)
            barrier.abort()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_threads_that_build_and_sweep_at_once():
    results = []

    def work(k):
        w = Tensor(np.full(50, float(k)))
        for _ in range(50):
            (w * w).sum().backward()
        v = Value(float(k))
        for _ in range(50):
            (v * v).backward()
        results.append((k, float(w.grad[0]), v.grad))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [(k, 100.0 * k, 100.0 * k) for k in range(8)]
