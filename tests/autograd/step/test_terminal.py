"""The debugger: whole sessions, with commands from a pipe."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd import Stepper, Tensor, Value, softmax
from autograd.step.ink import Ink
from autograd.step.terminal import Debugger

ROOT = Path(__file__).parents[3]

NEURON = """\
import sys
from autograd import Value, tanh

x1, x2 = Value(2.0), Value(0.0)
w1, w2 = Value(-3.0), Value(1.0)
b = Value(6.88)

n = x1 * w1 + x2 * w2 + b
o = tanh(n)
print("o =", round(o.data, 4), sys.argv[1:], __name__)
o.backward()
"""

TRAINING = """\
import numpy as np
import nn

nn.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
X = np.linspace(-1, 1, 12).reshape(4, 3).astype(np.float32)
optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
for i in range(3):
    optimizer.zero_grad()
    loss = (model(X) ** 2).mean()
    loss.backward()
    optimizer.step()
print("trained")
"""


def session(stepper, *commands):
    """What is printed for each command, with the greeting first."""
    out = io.StringIO()
    Debugger(stepper, io.StringIO("".join(f"{command}\n" for command in commands)), out).cmdloop()
    return [part.strip("\n") for part in out.getvalue().split("(step) ")]


def answers(stepper, *commands):
    """The same without the greeting and the commands."""
    return [part.partition("\n")[2] for part in session(stepper, *commands)[1:-1]]


def run(path, *arguments, commands=(), environment=None):
    found = subprocess.run(
        [sys.executable, "-m", "autograd", "step", *arguments],
        input="".join(f"{command}\n" for command in commands),
        capture_output=True,
        text=True,
        cwd=path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **(environment or {})},
    )
    return found.returncode, found.stdout, found.stderr


def test_a_whole_session(tmp_path):
    (tmp_path / "neuron.py").write_text(NEURON)
    commands = ["s", "n", "w", "list", "who x1", "b x1", "c", "who x1", "print n", "p", "q"]
    status, out, err = run(tmp_path, "neuron.py", "--fast", "2", commands=commands)
    assert (status, err) == (0, "")
    assert (
        out
        == """\
o = 0.7064 ['--fast', '2'] __main__
o: 10 nodes, 20 events. s steps along an edge, n to the next node, p back; help lists the commands.
   10  ∂o/∂o = 1.0
       neuron.py:9  o = tanh(n)
(step) s
   11  ∂o/∂n += 1.0 × (1 − 0.7064²) = 0.501
       neuron.py:9  o = tanh(n)
(step) n
   12  ∂o/∂v3 += 0.501 × 1 = 0.501
       neuron.py:8  n = x1 * w1 + x2 * w2 + b
   13  ∂o/∂b += 0.501 × 1 = 0.501
(step) w
event 13 of 20, backward pass, at +, which made n
neuron.py:8  n = x1 * w1 + x2 * w2 + b
4 of 10 gradients have been reached
(step) list
    4  x1, x2 = Value(2.0), Value(0.0)
    5  w1, w2 = Value(-3.0), Value(1.0)
    6  b = Value(6.88)
    7
→   8  n = x1 * w1 + x2 * w2 + b
           ^^^^^^^^^^^^^^^^^^^^^
    9  o = tanh(n)
   10  print("o =", round(o.data, 4), sys.argv[1:], __name__)
   11  o.backward()
(step) who x1
·  16  ∂o/∂x1 += 0.501 × (−3.0) = −1.503
       neuron.py:8  n = x1 * w1 + x2 * w2 + b
(step) b x1
stop 0: at x1
(step) c
stopped: x1
   16  ∂o/∂x1 += 0.501 × (−3.0) = −1.503
       neuron.py:8  n = x1 * w1 + x2 * w2 + b
(step) who x1
   16  ∂o/∂x1 += 0.501 × (−3.0) = −1.503
       neuron.py:8  n = x1 * w1 + x2 * w2 + b
(step) print n
n  Value, +
  value     0.88
  gradient  0.501
(step) p
   15  ∂o/∂v2 += 0.501 × 1 = 0.501
       neuron.py:8  n = x1 * w1 + x2 * w2 + b
(step) q
"""
    )


def test_the_last_of_several_backward_calls_or_another(tmp_path):
    (tmp_path / "training.py").write_text(TRAINING)
    status, out, err = run(tmp_path, "training.py", commands=["n", "o", "o"])
    assert (status, err) == (0, "")
    assert "trained\ntraining.py called backward() 3 times; this is the last (another: --call 1).\n" in out
    assert "in model.2" in out
    last = re.search(r"∂loss/∂model.2.bias .*", out)[0]
    status, out, err = run(tmp_path, "--call", "1", "training.py", commands=["n", "n", "o"])
    assert (status, err) == (0, "")
    assert "trained" not in out  # the script is left as soon as its call has been recorded
    assert re.search(r"∂loss/∂model.2.bias .*", out)[0] != last
    status, out, err = run(tmp_path, "--call", "4", "training.py")
    assert (status, err) == (1, "training.py did not call backward() 4 times, so there is nothing to step through.\n")


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("def f(x):\n    return x / {}['a']\nf(1)\n", 1, 'File "bad.py", line 2, in f'),
        ("print(1\n", 1, "SyntaxError: '(' was never closed"),
        ("x = 1\n", 1, "bad.py did not call backward(), so there is nothing to step through.\n"),
        ("raise SystemExit(3)\n", 3, ""),
        ("raise SystemExit\n", 1, "bad.py did not call backward()"),
        (None, 2, "there is no script bad.py\n"),
    ],
)
def test_scripts_that_do_not_work(tmp_path, text, status, said):
    if text is not None:
        (tmp_path / "bad.py").write_text(text)
    found, _, err = run(tmp_path, "bad.py")
    assert found == status
    assert said in err
    assert "terminal.py" not in err
    assert "run.py" not in err


def test_an_error_of_the_script_shows_its_own_lines_only(tmp_path):
    (tmp_path / "bad.py").write_text("from autograd import Tensor\nt = Tensor([1.0, 2.0])\n(t * t).backward()\n")
    status, _, err = run(tmp_path, "bad.py")
    assert status == 1
    assert err.startswith('Traceback (most recent call last):\n  File "bad.py", line 3, in <module>\n')
    assert "GradientError: backward from Tensor(2,) float64, which is not a single number." in err


def test_moving(neuron):
    stepper = Stepper(neuron["o"], names=False)
    found = answers(
        stepper, "s 2", "goto seed", "n 2", "goto end", "s", "n", "p 2", "back node", "goto start", "p", "s x"
    )
    assert found == [
        "    0  x1 = 2.0, a leaf\n    1  w1 = −3.0, a leaf",
        "   10  ∂o/∂o = 1.0",
        "   11  ∂o/∂n += 1.0 × (1 − 0.7071²) = 0.5\n   12  ∂o/∂both += 0.5 × 1 = 0.5\n   13  ∂o/∂b += 0.5 × 1 = 0.5",
        "   19  ∂o/∂w2 += 0.5 × 0.0 = 0.0",
        "this is the end",
        "this is the end",
        "   18  ∂o/∂x2 += 0.5 × 1.0 = 0.5\n   17  ∂o/∂w1 += 0.5 × 2.0 = 1.0",
        "   15  ∂o/∂x2w2 += 0.5 × 1 = 0.5",
        "before the first event",
        "this is the start",
        "how often? 'x' is not a number",
    ]
    assert answers(stepper, "goto 11", "goto -1", "goto 99", "until n", "g 3", "until tanh", "until", "until x9") == [
        "   11  ∂o/∂n += 1.0 × (1 − 0.7071²) = 0.5",
        "   19  ∂o/∂w2 += 0.5 × 0.0 = 0.0",
        "goto needs a number from -20 to 19, start, seed or end",
        "n does not come again; back to it with rcontinue or goto",
        "    3  x2 = 0.0, a leaf",
        "    9  o = tanh(n) = tanh(0.8814) = 0.7071",
        "until needs a place: a name, an operation or a line",
        "'x9' is no node, operation or line of this graph.\n"
        "  Names: b, both, n, o, w1, w2, x1, x1w1, x2, x2w2. Operations: *, +, tanh.",
    ]


def test_stops(neuron):
    stepper = Stepper(neuron["o"], names=False)
    found = answers(
        stepper,
        "b",
        "c",
        "g start",
        "watch |grad| > 1",
        "b tanh",
        "c",
        "c",
        "c",
        "c",
        "rc",
        "delete 1",
        "d 7",
        "watch",
        "d",
    )
    assert found == [
        "no stops",
        "no stops: set some with break or watch; this is the end\n   19  ∂o/∂w2 += 0.5 × 0.0 = 0.0",
        "before the first event",
        "stop 0: |grad| > 1",
        "stop 1: at tanh",
        "stopped: tanh\n    9  o = tanh(n) = tanh(0.8814) = 0.7071",
        "stopped: tanh\n   11  ∂o/∂n += 1.0 × (1 − 0.7071²) = 0.5",
        "stopped: |grad| > 1\n   16  ∂o/∂x1 += 0.5 × (−3.0) = −1.5",
        "nowhere else to stop; this is the end\n   19  ∂o/∂w2 += 0.5 × 0.0 = 0.0",
        "stopped: |grad| > 1\n   16  ∂o/∂x1 += 0.5 × (−3.0) = −1.5",
        "stop 0: |grad| > 1",
        "there is no stop 7",
        "stop 0: |grad| > 1",
        "no stops",
    ]


def test_zooming_into_an_operation_and_out_again():
    y = softmax(Tensor([1.0, 2.0], label="x"))
    y.label = "y"
    found = answers(
        Stepper(y, seed=[1.0, 0.0], names=False),
        *("zoom", "zoom out", "n", "zoom", "zoom a", "zoom 5", "zoom 1", "n", "zoom", "zoom out", "zoom out"),
    )
    assert found[0] == "zoom: the Stepper stands before the first event; go to an operation first."
    assert found[1] == "you have not zoomed in"
    assert "has 2 elements; name the one to step through" in found[3]
    assert found[4] == "zoom takes the index of an element, such as `zoom 0 2`, or `out`"
    assert found[5] == "zoom of Tensor(2,) float64 'y': it has no element (5,)."
    assert found[6].startswith("y[1]: 6 nodes, ")
    assert "exp(x[" in found[7]
    assert found[9] == "    1  v1 = exp(x[1]) = exp(2.0) = 7.389"
    assert found[10] == "    1  y = softmax(x, axis=−1) = [0.2689, 0.7311]"


def test_another_order(neuron):
    found = answers(
        Stepper(neuron["o"], names=False), "order", "order o both n", "s", "n", "n", "order right", "order right"
    )
    assert found[0] == "o → n → both → x1w1 → x2w2"
    assert found[1].startswith(
        "6 of 10 gradients are wrong.\n  both had passed its gradient on before all of it was there"
    )
    assert "x1w1 was left out" in found[1]
    assert "order right" in found[1]
    assert found[3].startswith("   12  ∂o/∂x1w1 += ·  nothing has arrived at both")
    assert "too late: both has passed its gradient on" in found[4]
    assert found[5:] == ["   10  ∂o/∂o = 1.0", ""]


def test_questions_and_mistakes(neuron):
    stepper = Stepper(neuron["o"], names=False)
    found = answers(stepper, "w", "l", "jump", "print zz", "watch sun", "g 11", "who", "print", "w", "l", "help who")
    assert found[:3] == ["before the first event", found[1], "there is no command 'jump'; help lists them"]
    assert found[1].startswith("the line is not known: record inside `with autograd.annotate():`")
    assert found[3].startswith("'zz' is not part of this graph.\n  The names known are: x1, w1,")
    assert found[4].startswith("'sun' is not a condition that can be watched.\n  Write |grad| > 10")
    assert found[6] == "   11  ∂o/∂n += 1.0 × (1 − 0.7071²) = 0.5"
    assert found[7].startswith("n  Value, +\n  value     0.8814\n  gradient  0.5")
    assert found[8] == "event 11 of 20, backward pass, at tanh, which made o\n2 of 10 gradients have been reached"
    assert found[10].startswith("who NAME: who wrote its gradient")
    assert not any("test_terminal" in text or "cmd.py" in text for text in found)


def test_every_command_has_a_help_and_a_place_in_the_list(neuron):
    commands = [name.removeprefix("do_") for name in dir(Debugger) if name.startswith("do_") and name != "do_help"]
    for command, text in zip(
        commands, answers(Stepper(neuron["o"]), *(f"help {name}" for name in commands)), strict=True
    ):
        assert text.startswith(command)
    listed = answers(Stepper(neuron["o"]), "help")[0]
    assert set(commands) <= set(listed.split())


def test_arrays_are_pictured():
    W = Tensor(np.linspace(-1, 1, 12).reshape(4, 3) ** 3, label="W")
    stepper = Stepper((W * W).sum(), names=False)
    stepper.goto(0)
    assert answers(stepper, "print W")[0].splitlines() == [
        "W  Tensor (4, 3) float64, a leaf",
        "  value     −1.0 … 1.0, mean ≈ 0, shape (4, 3)",
        "            ▃  ▃ ▃ ██ ▃ ▃  ▃  histogram from least to greatest",
        "              ░░░░",
        "            ▒▒▒▒▒▒",
        "            ▒▒▒▒▒▒",
        "            ▓▓▓▓██",
        "  gradient  ·",
    ]
    W.data[1, 1] = np.nan
    assert answers(Stepper((W * W).sum(), names=False), "s", "print W")[1].splitlines()[1:6] == [
        "  value     −1.0 … 1.0, mean 0.001844, 1 nan, shape (4, 3)",
        "            ▃  ▃ ▃ ▆█ ▃ ▃  ▃  histogram from least to greatest",
        "              ░░░░",
        "            ▒▒??▒▒",
        "            ▒▒▒▒▒▒",
    ]


def test_a_session_ends_with_its_input_and_repeats_an_empty_line(neuron):
    found = session(Stepper(neuron["o"], names=False), "s", "")
    assert [part.strip() for part in found[1:]] == [
        "s\n    0  x1 = 2.0, a leaf",
        "1  w1 = −3.0, a leaf",
        "",
    ]


def test_completion(neuron):
    debugger = Debugger(Stepper(neuron["o"], names=False), io.StringIO(), io.StringIO())
    assert debugger.completedefault("x", "until x", 6, 7) == ["x1", "x1w1", "x2", "x2w2"]
    assert debugger.completedefault("ta", "break ta", 6, 8) == ["tanh"]
    assert debugger.completenames("wh") == ["where", "who"]


class Screen(io.StringIO):
    """A terminal, as far as colours are concerned."""

    def isatty(self):
        return True


def test_colours_only_where_they_are_wanted(neuron, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    event = Stepper(neuron["o"], names=False)[11]
    assert Ink(Screen()).event(event) == (
        "\033[2m   11\033[0m  \033[1m∂o/∂n\033[0m += 1.0 × (1 − 0.7071²) = \033[38;5;208m0.5\033[0m"
    )
    plain = "   11  ∂o/∂n += 1.0 × (1 − 0.7071²) = 0.5"
    assert Ink(io.StringIO()).event(event) == plain
    monkeypatch.setenv("TERM", "dumb")
    assert Ink(Screen()).event(event) == plain
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert Ink(Screen()).event(event) == plain


def test_debug_begins_where_the_stepper_stands(monkeypatch, capsys):
    x = Value(3.0)
    stepper = Stepper(x * x)
    stepper.goto(2)
    monkeypatch.setattr(sys, "stdin", io.StringIO("s\n"))
    stepper.debug()
    out = capsys.readouterr().out
    assert "    2  ∂L/∂L = 1.0\n(step) s\n    3  ∂L/∂x += 1.0 × 3.0 = 3.0\n" in out
    assert stepper.position == 3


def test_interrupting_a_search_leaves_one_where_one_was(neuron):
    stepper = Stepper(neuron["o"], names=False)

    def interrupted(event):
        if event.number == 12:
            raise KeyboardInterrupt
        return False

    stepper.watch(interrupted)
    assert answers(stepper, "g 3", "c")[1] == "interrupted; nothing has moved"
    assert stepper.position == 3
