"""What a page is given to play."""

import random

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, annotate, tanh
from autograd.step.player.pack import LIMIT, pack
from autograd.step.script import script
from autograd.step.stepper import Stepper


def packed(y, **variables):
    recording = Stepper(y, names=variables).recording
    return recording, pack(recording, script(recording))


def network(points):
    random.seed(0)
    model = nn.MLP(3, [16, 16, 1], fused=False)
    xs = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(points)]
    return model, sum((model(x) - 1.0) ** 2 for x in xs)


def test_of_single_numbers_the_page_writes_the_texts():
    a = Value(0.5, label="a")
    recording, found = packed(tanh(a) * a)
    assert found["events"] is None
    assert found["edges"] == {"local_value": [e["local_value"] for e in script(recording)["edges"]]}
    assert [node.get("value") for node in found["nodes"]] == [node.data for node in recording.nodes]
    assert found["pieces"] is None
    assert found["seed"] == 1.0


def test_a_picture_of_an_array_is_one_letter_for_each_element():
    t = Tensor(np.array([[0.0, 63.0], [31.0, np.nan]]), label="t")
    _, found = packed((t * 2.0).sum())
    heat = found["nodes"][0]["heat"]
    assert [ord(letter) - 48 for letter in heat["values"][:3]] == [0, 63, 31]
    assert heat["values"][3] == "~"
    assert (heat["rows"], heat["cols"], heat["nan"]) == (2, 2, 1)
    assert found["nodes"][0]["elements"] == [0.0, 63.0, 31.0, None]
    backward = [event for event in found["events"] if event["phase"] == "backward"]
    assert all(type(event["heat"]["values"]) is str for event in backward if event["heat"])


def test_large_arrays_are_not_sent_whole():
    _, found = packed((Tensor(np.ones((9, 9))) * 2.0).sum())
    assert "elements" not in found["nodes"][0]


def test_no_path_of_the_machine_is_told():
    with annotate():
        y = tanh(Value(0.5)) * 2.0
    _, found = packed(y)
    places = {node["code"]["where"].partition(":")[0] for node in found["nodes"] if "code" in node}
    assert places == {"test_pack.py"}


@pytest.mark.parametrize("points", [2, 14])
def test_pieces_hold_every_node_once_and_lead_forward_only(points):
    model, loss = network(points)
    recording, found = packed(loss, model=model)
    pieces = found["pieces"]
    assert len(recording.nodes) > LIMIT
    assert 5 < len(pieces) < 150
    assert sorted(n for piece in pieces for n in piece["members"]) == list(range(len(recording.nodes)))
    owner = {n: i for i, piece in enumerate(pieces) for n in piece["members"]}
    for node in recording.nodes:
        for parent in node.parents:
            assert owner[parent.number] <= owner[node.number]
    for piece in pieces:
        if "sizes" in piece:
            assert sum(piece["sizes"]) == len(piece["members"])


def test_ten_thousand_nodes_make_a_page_that_can_be_mailed():
    from autograd.step.player.page import page

    model, loss = network(14)
    recording = Stepper(loss, names={"model": model}).recording
    text = page(pack(recording, script(recording)))
    assert len(recording.nodes) > 10_000
    assert len(text) < 2_500_000


def test_blocks_that_repeat_are_one_box():
    class Net(nn.Module):
        def __init__(self):
            self.blocks = [nn.Sequential(nn.Linear(4, 4), nn.Tanh()) for _ in range(120)]

        def forward(self, x):
            for block in self.blocks:
                x = block(x)
            return x

    net = Net()
    with annotate():
        y = net(np.ones((2, 4), np.float32)).sum()
    _, found = packed(y, net=net)
    largest = max(found["pieces"], key=lambda piece: len(piece["members"]))
    assert len(found["pieces"]) < 12
    assert largest["count"] >= 100
    assert "Sequential" in largest["title"]
