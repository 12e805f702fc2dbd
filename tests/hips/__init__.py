"""HIPS autograd's own tests and example programs, run on ours. `python tests/hips` prints what they say.

Its source distribution is fetched from PyPI, or is where HIPS_AUTOGRAD says; nothing of it is kept here.
"""
