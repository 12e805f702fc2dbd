"""The losses of `nn.functional` as modules, which keep their settings; and the adaptive softmax, which has weights."""
