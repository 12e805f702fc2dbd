"""What `Sequential.compile` makes of names: Keras's losses, optimizers and metrics, with Keras's defaults."""
