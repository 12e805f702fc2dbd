"""The chain rule, written out: the formulas behind one gradient as LaTeX, with letters and with numbers."""
