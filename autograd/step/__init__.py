"""Steps: a forward and backward pass as something to walk through, forwards and backwards.

`still` copies the nodes, `record` computes events from them with the engine's own rules, `formula` and `mathematics`
say what happens in each, `stepper` moves among them. `script` is all of it as data for painters; `terminal` is a
debugger. Nothing here is imported, and nothing costs anything, until one steps.
"""
