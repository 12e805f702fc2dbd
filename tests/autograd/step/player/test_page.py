"""A page of steps is one file that needs nothing else."""

import json
import re
from base64 import b64decode
from html import unescape

from autograd import Value, tanh
from autograd.step.player.front import packed
from autograd.step.player.page import data, framed, page
from autograd.step.stepper import Stepper


def steps(label="a"):
    a, b = Value(0.5, label=label), Value(2.0)
    return Stepper(tanh(a * b) + a, names={"b": b})


def test_the_script_comes_back_as_it_was():
    script = packed(steps())
    found = re.search(r'<script type="application/json" id="script">(.*?)</script>', page(script))[1]
    assert json.loads(found) == script


def test_no_name_can_end_the_script():
    name = "</script><script>alert(1)</script><!--"
    script = packed(steps(name))
    assert "<" not in data(script)
    assert json.loads(data(script)) == script
    assert "alert" not in re.sub(r'<script type="application/json".*?</script>', "", page(packed(steps(name), "t")))


def test_a_title_is_text():
    assert "<title>a &lt;b&gt;" in page(packed(steps(), "a <b>"))
    assert "<h1>a <b>" not in page(packed(steps(), "a <b>"))


def test_nothing_is_loaded_from_elsewhere():
    text = page(packed(steps()))
    assert not re.search(r"https?://|src=|href=|@import|url\(", text)


def test_a_frame_holds_the_page_and_a_picture_lies_beneath():
    script = packed(steps())
    html = framed(script, "<svg>it's a picture</svg>")
    assert unescape(re.search(r"srcdoc='([^']*)'", html)[1]) == page(script)
    assert b64decode(re.search(r"base64,([^\"]+)", html)[1]).decode() == "<svg>it's a picture</svg>"
    assert 'sandbox="allow-scripts"' in html


def test_the_page_opens_where_the_stepper_stands():
    s = steps()
    assert packed(s)["position"] is None
    s.goto(3)
    assert packed(s)["position"] == 4
