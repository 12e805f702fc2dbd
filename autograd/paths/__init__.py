"""Where a gradient came from: the paths from an output to an input, each a product of local derivatives."""
