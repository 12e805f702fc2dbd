"""The backprop tutor: your own backward pass held against the right one, and what is wrong with it in words.

`compare` is the door. Behind it: the user's forward function is run again (`forward`), what is asked about is found in
its graph (`quantity`), and the graph is copied as a textbook would draw it (`outline`, `activation`). The backward pass
is gone through again and again (`rehearsal`), with the slips that people make (`slip`, `family`, `fit`, `objective`),
until the user's numbers come out (`explanation`); from the loss back, so that what is wrong only because something
before it is, is known as such (`diagnosis`). A step of gradient descent is judged by `update`, its length by `stride`.
The rest finds the words (`wording`, `recipe`, `remark`, `report`).
"""

from autograd.tutor.comparison import compare
from autograd.tutor.finding import Finding, Remark
from autograd.tutor.report import Report

__all__ = ["Finding", "Remark", "Report", "compare"]
