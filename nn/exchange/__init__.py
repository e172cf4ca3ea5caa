"""Exchange: models to and from other tools, written whole or not at all.

| to and from | what | how |
|---|---|---|
| PyTorch | an MLP as a `torch.nn.Sequential` of float64 | `to_torch`, `from_torch` |
| arrays | the parameters of any module, by PyTorch's names | `state_dict`, `load_state_dict` |
| safetensors | the same in a file | `save_safetensors`, `load_safetensors` |
| ONNX | an MLP or a Program, to be run by other runtimes | `to_onnx`, `save_onnx` |

A whole small MLP as JSON that one can read, with notes about it, is `nn.save_model` and `nn.load_model`; a
Program is `program.save` and `engine.load_program`. What has no counterpart on the other side is refused by
name. torch comes with the extra `oracle`, all others with `exchange`; they are loaded when first used.

>>> import random
>>> from nn import MLP
>>> model, other = MLP(2, [3, 1], rng=random.Random(0)), MLP(2, [3, 1])
>>> load_state_dict(other, state_dict(model))
>>> other.state() == model.state()
True
"""

from nn.exchange.onnx_models import save_onnx, to_onnx
from nn.exchange.pytorch import from_torch, to_torch
from nn.exchange.safetensors_files import load_safetensors, save_safetensors
from nn.exchange.tensors import load_state_dict, state_dict

__all__ = [
    "from_torch",
    "load_safetensors",
    "load_state_dict",
    "save_onnx",
    "save_safetensors",
    "state_dict",
    "to_onnx",
    "to_torch",
]
