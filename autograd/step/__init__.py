"""Steps: a forward and backward pass as something to walk through, forwards and backwards.

`still` copies the nodes, `record` computes events from them with the engine's own rules; `formula` and `mathematics`
say what happens in each `event`; `stepper` moves among them, by `stride`, to a `stop`, in another `order`. `run`
records the lines of a function or a script first. `script` is all of it as data, for the `player` and other painters,
`summary` the look of its arrays, `change` the same with other numbers. `terminal` is a debugger, and `ink` its look.

Nothing here is imported, and nothing costs anything, until one steps.
"""
