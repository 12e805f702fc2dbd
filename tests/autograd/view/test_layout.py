"""Our own layout: boxes apart, frames around their own boxes and no others, few crossings, and soon."""

import random
import time
from itertools import combinations, pairwise

import pytest

from autograd.view.crossing import crossings, ordered
from autograd.view.layout import layout
from autograd.view.nest import Nest, Room, nested

ROOM = Room(8.0, 8.0, 20.0, 8.0)


def rectangle(centre, size):
    (x, y), (w, h) = centre, size
    return x - w / 2, x + w / 2, y - h / 2, y + h / 2


def apart(a, b):
    return a[1] <= b[0] + 1e-6 or b[1] <= a[0] + 1e-6 or a[3] <= b[2] + 1e-6 or b[3] <= a[2] + 1e-6


def within(a, b):
    return b[0] <= a[0] + 1e-6 and a[1] <= b[1] + 1e-6 and b[2] <= a[2] + 1e-6 and a[3] <= b[3] + 1e-6


def random_nest(seed):
    rng = random.Random(seed)
    boxes = rng.randint(5, 40)
    edges = [(rng.randrange(head), head) for head in range(1, boxes) for _ in range(rng.randint(1, 2))]
    outer = [None if i == 0 else rng.choice([None, *range(i)]) for i in range(rng.randint(1, 5))]
    homes, frame = [], None
    for _ in range(boxes):
        if rng.random() < 0.3:
            frame = rng.choice([None, *range(len(outer))])
        homes.append(frame)
    sizes = [(rng.uniform(20, 90), rng.uniform(20, 60)) for _ in range(boxes)]
    return Nest(sizes, edges, [0.0] * len(edges), homes, outer, [(50.0, 0.0)] * len(outer), ROOM)


def around(nest, frames, box):
    """The drawn frames around a box."""
    found, frame = [], nest.homes[box]
    while frame is not None:
        if frames[frame] is not None:
            found.append(frame)
        frame = nest.outer[frame]
    return found


@pytest.mark.parametrize("seed", range(25))
def test_frames_hold_their_own_boxes_and_no_others(seed):
    nest = random_nest(seed)
    found = nested(nest)
    boxes = [rectangle(centre, size) for centre, size in zip(found.centres, nest.sizes, strict=True)]
    assert all(apart(a, b) for a, b in combinations(boxes, 2))
    for frame, spot in enumerate(found.frames):
        if spot is None:
            continue
        rect = rectangle(*spot)
        assert within(rect, (0.0, found.along, 0.0, found.across))
        for box, spot_of_box in enumerate(boxes):
            if frame in around(nest, found.frames, box):
                assert within(spot_of_box, rect)
            else:
                assert apart(spot_of_box, rect)


@pytest.mark.parametrize("seed", range(25))
def test_edges_lead_from_box_to_box_and_never_back(seed):
    nest = random_nest(seed)
    found = nested(nest)
    for (tail, head), path in zip(nest.edges, found.paths, strict=True):
        assert path[0][0] == pytest.approx(found.centres[tail][0] + nest.sizes[tail][0] / 2)
        assert abs(path[0][1] - found.centres[tail][1]) <= nest.sizes[tail][1] / 2
        assert path[-1][0] == pytest.approx(found.centres[head][0] - nest.sizes[head][0] / 2)
        assert abs(path[-1][1] - found.centres[head][1]) <= nest.sizes[head][1] / 2
        assert all(a[0] <= b[0] + 1e-6 for a, b in pairwise(path))


def test_edges_cross_a_frame_at_one_point():
    nest = Nest([(10.0, 10.0)] * 3, [(0, 1), (1, 2)], [0.0, 0.0], [None, 0, None], [None], [(0.0, 0.0)], ROOM)
    found = nested(nest)
    left, right, _, _ = rectangle(*found.frames[0])
    assert any(x == pytest.approx(left) for x, _ in found.paths[0])
    assert any(x == pytest.approx(right) for x, _ in found.paths[1])


def test_frames_in_a_circle_are_left_out():
    nest = Nest([(10.0, 10.0)] * 4, [(0, 1), (1, 2), (2, 3)], [0.0] * 3, [0, 1, 0, 1], [None] * 2, [(0, 0)] * 2, ROOM)
    assert nested(nest).frames == [None, None]
    inside = Nest(nest.sizes, nest.edges, nest.gaps, [1, 2, 1, 2], [None, 0, 0], [(0, 0)] * 3, ROOM)
    found = nested(inside).frames
    assert found[0] is not None
    assert found[1:] == [None, None]


def test_without_frames_it_is_the_plain_layout():
    nest = random_nest(3)
    nest.homes = [None] * len(nest.sizes)
    found, plain = nested(nest), layout(nest.sizes, nest.edges, nest.gaps)
    assert (found.centres, found.paths) == (plain.centres, plain.paths)
    assert (found.along, found.across) == (plain.along, plain.across)


def test_few_crossings():
    # a grid of two rows, given in a bad order, has none
    n = 12
    order = random.Random(0).sample(range(n), n)
    rows = [list(range(n)), [n + i for i in order], list(range(2 * n, 3 * n))]
    after = [[i + n] for i in range(2 * n)] + [[] for _ in range(n)]
    before = [[] for _ in range(n)] + [[i - n] for i in range(n, 3 * n)]

    def count(rows):
        place = [0.0] * (3 * n)
        for row in rows:
            for i, node in enumerate(row):
                place[node] = i
        return crossings(rows, place, after)

    assert count(rows) > 10
    assert count(ordered([list(row) for row in rows], before, after)) == 0


def test_swaps_find_what_barycentres_do_not():
    # two boxes with the same barycentre, whose edges cross in one order only
    after = [[2, 5], [3, 4], [], [], [], []]
    before = [[], [], [0], [1], [1], [0]]
    rows = [[0, 1], [2, 3, 4, 5]]
    place = [0.0, 1.0, 0.0, 1.0, 2.0, 3.0]
    assert crossings(rows, place, after) == 2
    found = ordered(rows, before, after)
    place = [0.0] * 6
    for row in found:
        for i, node in enumerate(row):
            place[node] = i
    assert crossings(found, place, after) == 0


def test_ten_thousand_boxes_take_seconds():
    rng = random.Random(0)
    edges = [(max(0, head - rng.randint(1, 60)), head) for head in range(1, 10_000)]
    sizes = [(80.0, 40.0)] * 10_000
    began = time.perf_counter()
    layout(sizes, edges, [0.0] * len(edges))
    assert time.perf_counter() - began < 20  # 1.5 s on an idle machine
