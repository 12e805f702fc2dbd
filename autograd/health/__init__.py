"""Health: whether a network can learn: how gradients flow through it, which units are dead, what is never used."""
