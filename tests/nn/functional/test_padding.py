"""Borders, with cuts among them."""

import numpy as np
import pytest

from nn import functional

ROW = np.arange(4.0)


@pytest.mark.parametrize(
    ("mode", "widths", "expected"),
    [
        ("circular", (-1, 2), [1, 2, 3, 1, 2]),  # what comes in at one end is what is left at the other
        ("circular", (2, -1), [1, 2, 0, 1, 2]),
        ("reflect", (-1, 2), [1, 2, 3, 2, 1]),
        ("replicate", (-4, 2), [3, 3]),
        ("constant", (-1, 1), [1, 2, 3, 0]),
    ],
)
def test_a_width_below_zero_cuts_off(mode, widths, expected):
    np.testing.assert_array_equal(functional.pad(ROW, widths, mode), expected)
