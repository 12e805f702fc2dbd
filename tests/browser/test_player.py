"""The player on a page in a file: what a reader's hands and eyes meet."""

import math
import random

import numpy as np
import pytest

import nn
from autograd import Stepper, Value, annotate, tanh
from autograd.view.text import number


def small():
    """y = tanh(a b) + a: a is used twice."""
    a, b = Value(0.5, label="a"), Value(-2.0, label="b")
    y = tanh(a * b) + a
    y.label = "y"
    return Stepper(y, names={})


@pytest.fixture
def show(watched, tmp_path):
    """A function that opens the page of a Stepper."""

    def show(stepper, **settings):
        watched.goto(f"file://{stepper.save(tmp_path / 'steps.html')}")
        watched.wait_for_selector(".chainrule[data-position]")
        watched.locator(".chainrule").focus()
        return watched

    return show


def position(page):
    return int(page.locator(".chainrule").get_attribute("data-position"))


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    return position(page)


def click(page, name):
    """Click on the box of a node."""
    x, y = page.evaluate(
        """name => {
            const {scene, trace, canvas} = document.querySelector(".chainrule").player, {zoom, width, height} = scene;
            const {x, y} = scene.boxOf(trace.nodes.findIndex(node => node.name === name));
            const {left, top} = canvas.getBoundingClientRect();
            return [left + (x - scene.x) * zoom + width / 2, top + (y - scene.y) * zoom + height / 2];
        }""",
        name,
    )
    page.mouse.click(x, y)


def test_keys_move_along_edges_nodes_and_to_the_ends(show):
    page = show(small())
    nodes, last = 5, 11
    assert position(page) == nodes  # the forward pass is over, the backward pass begins
    assert press(page, "ArrowRight", "ArrowRight") == nodes + 2
    assert press(page, "ArrowLeft") == nodes + 1
    assert press(page, "Shift+ArrowRight") == nodes + 3  # both edges of the sum
    assert press(page, "Shift+ArrowLeft") == nodes + 1
    assert press(page, "End") == last
    assert press(page, "ArrowRight") == last
    assert press(page, "Home") == 0
    assert press(page, "ArrowLeft") == 0
    assert press(page, "Shift+ArrowRight") == 3  # leaves are passed over, to a * b


def test_modules_are_stepped_over(show):
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    with annotate():
        y = model(np.ones((2, 2), np.float32)).sum()
    page = show(Stepper(y, names={"model": model}))
    press(page, "End")
    seen = []
    while position(page) > 0:
        press(page, "Control+ArrowLeft")
        seen.append(position(page))
    press(page, "]")
    assert position(page) == seen[-2]
    assert len(seen) < 12
    press(page, "[")
    assert position(page) == 0


def test_each_step_is_written_with_its_numbers(show):
    page = show(small())
    press(page, *["ArrowRight"] * 4)  # the seed, the two edges of the sum, tanh
    said = page.locator(".spoken").text_content()
    assert said == "v2 sends 0.42 to v1. The gradient of v1 is now 0.42."
    formula = page.locator(".formula")
    assert formula.get_attribute("role") == "math"
    assert formula.inner_text().replace("\n", "") == (
        "∂y∂v1+=∂y∂v2×(1−v22)=1.0×(1−(−0.7616)2)=0.42gradient of v2slope of v2 in v1contribution"
    )
    assert page.locator(".phase").text_content() == "backward 4 of 6"


def test_a_gradient_that_is_not_there_yet_is_a_dot(show):
    page = show(small())
    turns = page.locator(".turn")
    assert [row.split("\n")[-1] for row in turns.all_inner_texts()] == ["·", "·", "·"]
    press(page, "End")
    assert [row.split("\n")[-1] for row in turns.all_inner_texts()] == ["1.0", "1.0", "0.42"]


def test_a_click_says_who_wrote_a_gradient_and_goes_there(show):
    page = show(small())
    click(page, "a")
    assert position(page) == 10
    rows = page.locator(".sum li")
    assert [row.split("\n") for row in rows.all_inner_texts()] == [
        ["from y", "1.0 × 1.0", "1.0"],
        ["from v1", "0.42 × (−2.0)", "−0.8399"],
    ]
    assert page.locator(".total").inner_text().split("\n") == ["2 of 2 have arrived", "0.1601"]
    rows.first.locator("button").click()
    assert position(page) == 8
    assert page.locator(".total").inner_text().split("\n") == ["1 of 2 have arrived", "1.0"]
    click(page, "a")
    click(page, "a")
    assert position(page) == 8  # the one before, at the second click


def test_a_changed_value_gives_the_numbers_that_python_gets(show):
    page = show(small())
    press(page, "End")
    click(page, "a")
    page.locator(".editor input[type=number]").fill("1.25")
    a, b = Value(1.25), Value(-2.0)
    y = tanh(a * b) + a
    y.backward()
    found = page.evaluate(
        "() => { const {trace} = document.querySelector('.chainrule').player; return [trace.values, trace.final]; }"
    )
    assert found[0][-1] == pytest.approx(y.data, rel=1e-14)
    assert found[1][:2] == pytest.approx([a.grad, b.grad], rel=1e-14)
    assert page.locator(".total b").inner_text() == number(a.grad).replace("-", "−")
    assert page.locator(".editor input[type=number]").evaluate("box => box === document.activeElement")
    slider = page.locator(".editor input[type=range]")
    slider.focus()
    press(page, "ArrowRight")
    assert float(page.locator(".editor input[type=number]").input_value()) > 1.25


def test_search_goes_from_match_to_match(show):
    page = show(small())
    press(page, "/")
    page.keyboard.type("tanh")
    press(page, "Enter")
    assert page.locator(".about h2").inner_text() == "v2"
    assert page.locator(".spoken").text_content() == "1 of 1 found: v2."
    press(page, "/")
    page.keyboard.type("3")
    assert press(page, "Enter") == 3
    press(page, "/")
    page.keyboard.type("v")
    press(page, "Enter", "n")
    assert page.locator(".about h2").inner_text() == "v2"
    press(page, "N")
    assert page.locator(".about h2").inner_text() == "v1"


def test_a_wrong_order_shows_what_goes_missing(show):
    a = Value(3.0, label="a")
    b = a * 2.0
    y = b * b + b
    b.label, y.label = "b", "y"
    page = show(Stepper(y, names={}))
    page.get_by_text("Try a wrong order").click()
    assert (
        "b hands its gradient on when only 1 of 3 parts of it have arrived."
        in page.locator(".turns .alarm").inner_text()
    )
    click(page, "a")
    assert "It should be 26.0" in page.locator(".sum").inner_text()
    page.get_by_text("Put it right").click()
    press(page, "End")
    assert page.locator(".alarm").count() == 0
    page.locator(".turn", has_text="b").last.focus()
    press(page, "Alt+ArrowUp")
    assert page.locator(".turns .alarm").count() == 1
    assert page.locator(".turn").nth(1).evaluate("row => row === document.activeElement")


def test_play_and_pause(show):
    page = show(small())
    press(page, "Space")
    assert position(page) == 6
    page.wait_for_function("() => document.querySelector('.chainrule').dataset.position === '7'")
    press(page, "Space")
    assert position(page) == 7


def test_the_timeline_is_a_slider(show):
    page = show(small())
    slider = page.get_by_label("Step", exact=True)
    slider.focus()
    press(page, "Home")
    slider.evaluate("slider => { slider.value = 7; slider.dispatchEvent(new Event('input')); }")
    assert position(page) == 7
    assert slider.evaluate("slider => slider.ariaValueText").startswith("Step 7 of 11: y sends 1.0 to v2.")


def test_zoom_is_kept_between_steps_and_zero_fits_all(show):
    page = show(small())
    zoom = "() => document.querySelector('.chainrule').player.scene.zoom"
    fitted = page.evaluate(zoom)
    press(page, "+", "+")
    near = page.evaluate(zoom)
    assert near > 1.3 * fitted
    press(page, "ArrowRight", "End", "Home")
    assert page.evaluate(zoom) == near
    press(page, "0")
    assert page.evaluate(zoom) == pytest.approx(fitted)
    box = page.locator("canvas.graph").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 100)
    page.mouse.wheel(0, -300)
    assert page.evaluate(zoom) > fitted
    before = page.evaluate("() => document.querySelector('.chainrule').player.scene.x")
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 120)
    page.mouse.up()
    assert page.evaluate("() => document.querySelector('.chainrule').player.scene.x") > before


def test_the_help_opens_and_every_key_in_it_does_something(show):
    page = show(small())
    press(page, "?")
    assert page.locator("dialog").is_visible()
    assert "who wrote this gradient?" in page.locator("dialog").inner_text()
    press(page, "Escape")
    assert not page.locator("dialog").is_visible()
    press(page, "w", "f", "p", "p", "t", "t", "o", "c", "O", "C", "e")


def test_the_focus_can_be_seen(show):
    page = show(small())
    press(page, "ArrowRight")
    ring = page.locator(".chainrule").evaluate("one => getComputedStyle(one, '::after').borderTopWidth")
    assert ring == "3px"


def average(page):
    return page.locator(".chainrule").evaluate(
        "one => getComputedStyle(one).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0) / 3"
    )


def test_light_dark_and_the_reader_s_own_choice(show):
    page = show(small())
    assert average(page) > 240
    page.emulate_media(color_scheme="dark")
    assert average(page) < 40
    corner = "document.querySelector('canvas.graph').getContext('2d').getImageData(3, 3, 1, 1).data[0]"
    page.wait_for_function(f"() => {corner} < 60")
    press(page, "t")
    assert average(page) > 240
    page.emulate_media(color_scheme="light")


def test_nothing_moves_for_those_who_do_not_want_it(show):
    page = show(small())
    moving = "() => { const {player} = document.querySelector('.chainrule'); return player.t < 1 || !!player.journey; }"
    press(page, "ArrowRight", "ArrowRight", "0")
    assert page.evaluate(moving) is False
    page.emulate_media(reduced_motion="no-preference")
    press(page, "ArrowRight")
    assert page.evaluate(moving) is True
    page.wait_for_function(f"() => !({moving})()")
    page.emulate_media(reduced_motion="reduce")


def test_two_fingers_zoom(launch, tmp_path):
    context = launch(has_touch=True)
    page = context.new_page()
    page.goto(f"file://{small().save(tmp_path / 'steps.html')}")
    page.wait_for_selector(".chainrule[data-position]")
    zoom = "() => document.querySelector('.chainrule').player.scene.zoom"
    before = page.evaluate(zoom)
    touch = context.new_cdp_session(page)

    def fingers(kind, *points):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": 250} for x in points]})

    fingers("touchStart", 500, 600)
    fingers("touchMove", 450, 650)
    fingers("touchMove", 400, 700)
    fingers("touchEnd")
    assert page.evaluate(zoom) > 1.5 * before
    context.close()


def test_a_function_s_lines_stand_beside_its_steps(show):
    def loss(w, x):
        y = w * x
        return (y - 1.0) ** 2

    page = show(Stepper(loss, 2.0, 3.0))
    press(page, "ArrowRight", "ArrowRight")
    assert page.locator(".about .code").inner_text() == "y = w * x" or page.locator(".about h2").inner_text() != "y"
    click(page, "y")
    assert page.locator(".about .code").inner_text() == "y = w * x"
    assert "test_player.py:" in page.locator(".about").inner_text()


def test_arrays_are_shown_with_shape_range_and_histogram(show):
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh())
    y = (model(np.linspace(-1, 1, 20, dtype=np.float32).reshape(5, 4)) ** 2).sum()
    page = show(Stepper(y, names={"model": model}))
    press(page, "End")
    click(page, "model.0.weight")
    assert "(6, 4) float32" in page.locator(".facts").first.inner_text()
    figures = page.locator(".array figure")
    assert figures.locator("figcaption").all_inner_texts() == ["value", "gradient"]
    assert figures.first.locator(".histogram i").count() == 16
    low, high, mean = figures.last.locator(".range span").all_inner_texts()
    assert float(low.replace("−", "-")) < float(mean.removeprefix("mean ").replace("−", "-")) < float(high)
    assert page.locator(".editor").count() == 0  # of arrays Python alone can tell what would change


@pytest.fixture(scope="module")
def ten_thousand():
    random.seed(0)
    model = nn.MLP(3, [16, 16, 1], fused=False)
    xs = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(14)]
    return Stepper(sum((model(x) - 1.0) ** 2 for x in xs), names={"model": model})


def test_a_large_graph_is_folded_and_opens(show, ten_thousand):
    page = show(ten_thousand)
    boxes = "() => document.querySelector('.chainrule').player.scene.boxes.length"
    folded = page.evaluate(boxes)
    assert len(ten_thousand.recording.nodes) > 10_000
    assert folded < 150
    press(page, "/")
    page.keyboard.type("model.layers.1.neurons.3.w.2")
    press(page, "Enter")
    assert page.locator(".about h2").inner_text() == "model.layers.1.neurons.3.w.2"
    assert folded < page.evaluate(boxes) < 400
    press(page, "C")
    assert page.evaluate(boxes) == folded
    press(page, "End")
    final = page.evaluate("() => document.querySelector('.chainrule').player.trace.final")
    last = len(ten_thousand) - 1
    for node in ten_thousand.recording.nodes[:400]:
        if node.primitive is not None:
            ours = ten_thousand.recording.gradient(node, last)
            assert math.isclose(final[node.number], ours, rel_tol=1e-6, abs_tol=1e-9)


def test_ten_thousand_nodes_are_panned_smoothly(show, ten_thousand):
    page = show(ten_thousand)
    press(page, "O")
    found = page.evaluate(
        """async () => {
            const {player} = document.querySelector(".chainrule"), {scene} = player, took = [];
            Object.assign(scene, {zoom: 0.8, x: scene.wide / 3, y: scene.high / 2});
            for (let i = 0; i < 60; i++) {
                scene.x += 12, scene.y += 5;
                const begun = performance.now();
                player.paint();
                took.push(performance.now() - begun);
                await new Promise(requestAnimationFrame);
            }
            return [scene.boxes.length, took.sort((a, b) => a - b)[30]];
        }"""
    )
    assert found[0] == len(ten_thousand.recording.nodes)
    assert found[1] < 12.0  # milliseconds to paint; there are 16.7 to a frame
