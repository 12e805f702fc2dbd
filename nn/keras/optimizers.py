"""Optimizers by Keras's names, with its arguments and defaults."""

from nn.compiled.optimizer import SPECS

SGD = SPECS["SGD"]
Adadelta = SPECS["Adadelta"]
Adagrad = SPECS["Adagrad"]
Adam = SPECS["Adam"]
AdamW = SPECS["AdamW"]
Adamax = SPECS["Adamax"]
Lion = SPECS["Lion"]
Nadam = SPECS["Nadam"]
RMSprop = SPECS["RMSprop"]

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Lion", "Nadam", "RMSprop"]
