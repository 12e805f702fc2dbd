"""detect_anomaly: the mode in which every operation is watched."""

from __future__ import annotations

from types import TracebackType

from autograd.anomaly.number import is_finite
from autograd.anomaly.witness import Witness
from autograd.errors import AnomalyError
from autograd.node import Node
from autograd.origin import annotate, watch_here
from autograd.sweep import guarded, witnesses

MOST = 100  # bad results that are kept until the end of the block


class Watch:
    """What is known in one `detect_anomaly` block while it is open. Recorders call it with each node they make.

    `ends` are bad results that nothing has been computed from yet: what is masked away later does no harm.
    """

    def __init__(self, check_nan: bool) -> None:
        from autograd.anomaly.guard import guarded_pull, guarded_push

        guarded.update(pull=guarded_pull, push=guarded_push)
        witnesses.append(None)  # so that sweeps look
        self.check_nan = check_nan
        self.sweeps = 0  # that are under way: what they make, they judge themselves
        self.recorded = 0  # those among them that are recorded
        self.ends: dict[Node, None] = {}

    def __del__(self) -> None:
        witnesses.pop()

    def __call__(self, node: Node) -> None:
        node.witness = Witness(node, self.check_nan, self.recorded > 0)
        if not self.check_nan or self.sweeps:
            return
        if self.ends:
            for parent in node.parents:
                self.ends.pop(parent, None)
        if not is_finite(node.data) and len(self.ends) < MOST:
            self.ends[node] = None

    def judge(self, error: BaseException | None) -> None:
        """At the end of the block: bad results that are left over are an error, and explain another one."""
        ends = [node for node in self.ends if node.parents and node.witness is not None]
        self.ends.clear()
        if not ends or isinstance(error, AnomalyError) or not (error is None or isinstance(error, Exception)):
            return
        from autograd.anomaly.forward import first_bad_result
        from autograd.anomaly.report import Report

        finding = first_bad_result(ends)
        if finding is None:
            return
        report = Report(finding)
        if error is None:
            raise AnomalyError(str(report), report)
        error.add_note(f"Before that, {report.headline}")
        error.report = report  # type: ignore[attr-defined]


class detect_anomaly(annotate):
    """Inside, the first NaN, infinity or array changed too late is an error that says who made it, and why.

    Every operation remembers where it was made, as in `annotate`, and fingerprints of its operands. When a result from
    which `backward()`, `grad` or their kin start, or a gradient that they arrive at, is not finite, the whole graph is
    gone through, and AnomalyError names the operation that made the first bad number: its line, its module, its
    operands with their statistics, the likely cause, and what people do about it. `error.picture()` draws the way of
    the poison, and `error.script()` is a program that shows the same. What is masked away on the way does no harm and
    is no error; an infinity that was put in on purpose, such as a mask of -inf, neither. Results that are left over
    without any backward pass are looked at when the block ends.

    An operand that was written into after it was used, and whose old value the gradient needs, raises MutationError.

    With `check_nan=False` only that is looked for. Both passes belong inside the block; of a graph that was made
    outside, lines are not known. What is not under differentiation is not watched.

    A step under watch takes some times as long, six times where arrays are small; outside nothing. `autograd.blame`
    runs a step in here and returns what was found instead of raising it.

    >>> import autograd
    >>> x = autograd.Tensor([0.0, 4.0], label="x")
    >>> with autograd.detect_anomaly():
    ...     autograd.sqrt(x).sum().backward()
    Traceback (most recent call last):
        ...
    autograd.errors.AnomalyError: the gradient through sqrt became inf in the backward pass: sqrt at 0, where ...
    """

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan

    def _watch(self) -> Watch:
        return Watch(self.check_nan)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        watch = watch_here()
        try:
            if watch is not None:
                watch.judge(error)
        finally:
            super().__exit__(kind, error, at)
