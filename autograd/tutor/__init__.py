"""The backprop tutor: your own backward pass held against the right one, and what is wrong with it in words."""

from autograd.tutor.comparison import compare
from autograd.tutor.finding import Finding, Remark
from autograd.tutor.report import Report

__all__ = ["Finding", "Remark", "Report", "compare"]
