"""Pictures of graphs. Each file is one step on the way from nodes to something to look at.

`trace` puts the nodes in reading order; `names` and `module` find out what the user calls them and in which module each
was made. `gather` and `fold` make pieces of them, each to be drawn as one box, as `choice` says; `describe` makes
boxes, edges and frames of the pieces (a `Sketch`: plain data). `dot` writes a sketch for Graphviz and `render` runs it;
`layout`, `nest` and `svg` draw it without Graphviz. `draw` is the front door.
"""
