"""torchvision as an oracle, even where only its Python part works."""

import importlib.util
import warnings

import pytest

OPERATIONS = "nms qnms roi_align roi_pool ps_roi_align ps_roi_pool deform_conv2d"


@pytest.fixture(scope="session")
def torchvision():
    """torchvision; beside a torch for processors alone, the operations that it compiled for GPUs are mere names."""
    torch = pytest.importorskip("torch", reason="torchvision's models are the oracle, and torch is not installed")
    if importlib.util.find_spec("torchvision") is None:
        pytest.skip("torchvision's models are the oracle, and it is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            torch.ops.load_library(importlib.util.find_spec("torchvision").submodule_search_locations[0] + "/_C.so")
        except (OSError, RuntimeError):
            library = torch.library.Library("torchvision", "DEF")
            for name in OPERATIONS.split():
                library.define(f"{name}(Tensor x) -> Tensor")
                library.define(f"_{name}_backward(Tensor x) -> Tensor")
            yield importlib.import_module("torchvision")
            return
        yield importlib.import_module("torchvision")
