"""Neural networks, built from the differentiable operations of `autograd` alone."""
