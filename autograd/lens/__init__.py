"""The lens between arrays and numbers: `zoom` opens an operation on Tensors into the graph of Values that it stands
for, `fuse` makes one node of every sum of products in a graph of Values."""
