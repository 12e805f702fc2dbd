"""Our modules held to PyTorch's: equal weights, equal inputs, equal outputs, gradients and running statistics.

The samples are those of PyTorch's own module database, and for modules that it does not have those of `samples.py`.
A module of ours takes part as soon as `nn` has the same name: nothing has to be registered. For each sample

1. theirs is made, its parameters and buffers are moved to random places, and ours, made with the same arguments, takes
   its `state_dict` (so names and shapes are compared, too);
2. both compute, in float64 and float32, after train() and after eval();
3. both differentiate a random combination of all outputs by all inputs and parameters;
4. both are asked for their state again, which may have moved.

`python tests/nn/modules Conv2d LSTM --show 5` compares these and shows what differs; without names it compares all and
prints the table, with the modules that are missing. `exceptions.toml` is the one list of where we differ on purpose.
"""
