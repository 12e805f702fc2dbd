"""Pictures of graphs. Each file is one step on the way from nodes to something to look at.

`trace` puts the nodes in reading order, `fold` gathers those to be drawn as one box, `describe` makes boxes and edges
of them (a `Sketch`: plain data). `dot` writes a sketch for Graphviz and `render` runs it; `layout` and `svg` draw it
without Graphviz. `draw` is the front door.
"""
