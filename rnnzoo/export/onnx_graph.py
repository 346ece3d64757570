"""Builds ONNX graphs node by node."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from rnnzoo.export.onnx_weights import FEW, check_weights, store

# ONNX Runtime 1.14 and later read these versions of 2023.
OPSET = 18
IR_VERSION = 8
TYPES = {
    "bool": TensorProto.BOOL,
    "float32": TensorProto.FLOAT,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
}


class OnnxGraph:
    """Builds a graph. `input`, `constant` and `op` return the names of values.

    Args:
        name: Name of the graph.

    Example:

    ```python
    import numpy as np
    from rnnzoo.export.onnx_graph import OnnxGraph

    graph = OnnxGraph("double")
    x = graph.input("x", "float32", ["batch"])
    graph.output("y", graph.op("Mul", x, np.float32(2)), "float32", ["batch"])
    assert graph.describe()["outputs"] == {"y": {"dtype": "float32", "shape": [None]}}
    ```
    """

    def __init__(self, name: str):
        self.name = name
        self._nodes: list[Any] = []
        self._constants: dict[str, np.ndarray] = {}
        self._inputs: dict[str, tuple[str, list[Any]]] = {}
        self._outputs: dict[str, tuple[str, list[Any]]] = {}
        self._numbers = itertools.count(1)

    def input(self, name: str, dtype: str, shape: Sequence[Any]) -> str:
        """Adds an input; a variable size in `shape` is a name."""
        self._inputs[name] = dtype, list(shape)
        return name

    def output(self, name: str, value: str, dtype: str, shape: Sequence[Any]) -> None:
        """Makes a value an output; `shape` as in `input`."""
        self._outputs[name] = dtype, list(shape)
        self._nodes.append(helper.make_node("Identity", [value], [name]))

    def constant(self, array: Any, name: str | None = None) -> str:
        """Adds a constant; viewers show its name. Zeros take no space in the file."""
        name = f"{name or 'constant'}.{next(self._numbers)}"
        array = np.ascontiguousarray(array)
        if array.dtype == np.float32 and array.size > FEW and not array.any():
            return self.op("ConstantOfShape", np.array(array.shape, "int64"))
        self._constants[name] = array
        return name

    def op(self, kind: str, *inputs: Any, outputs: int = 1, **attributes: Any) -> Any:
        """Adds an operator of ONNX.

        Args:
            kind: Name of the operator.
            *inputs: Names of values, `""` for none, or arrays and NumPy numbers, which
                become constants.
            outputs: Number of outputs. Default 1.
            **attributes: Attributes of the operator.

        Returns:
            The name of the output, or a tuple of names if there are several.
        """
        known = [x if isinstance(x, str) else self.constant(x) for x in inputs]
        number = next(self._numbers)
        names = [f"{kind}.{number}.{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, known, names, **attributes))
        return names[0] if outputs == 1 else tuple(names)

    def reshape(self, value: str, shape: Sequence[int]) -> str:
        """Changes the shape: 0 keeps a size, -1 is the rest."""
        return self.op("Reshape", value, np.array(shape, "int64"))

    def reduce(self, kind: str, value: str, axis: int, keep: bool = False) -> str:
        """`"Sum"`, `"Mean"` or `"Max"` along an axis."""
        axes = np.array([axis], "int64")
        return self.op(f"Reduce{kind}", value, axes, keepdims=int(keep))

    def cast(self, value: str, dtype: str) -> str:
        return self.op("Cast", value, to=TYPES[dtype])

    def expand(self, value: str, axis: int) -> str:
        """Inserts an axis of size 1."""
        return self.op("Unsqueeze", value, np.array([axis], "int64"))

    def concat(self, values: Sequence[str]) -> str:
        """Concatenates values along the last axis."""
        return self.op("Concat", *values, axis=-1)

    def describe(self) -> dict[str, dict[str, Any]]:
        """Returns `inputs` and `outputs`: name to `dtype` and `shape`, with `None` for
        variable sizes."""
        sides = (("inputs", self._inputs), ("outputs", self._outputs))
        return {
            side: {
                name: {
                    "dtype": dtype,
                    "shape": [n if isinstance(n, int) else None for n in shape],
                }
                for name, (dtype, shape) in values.items()
            }
            for side, values in sides
        }

    def serialize(self, weights: str = "exact") -> bytes:
        """Returns the bytes of the checked file.

        Args:
            weights: Storage of weights, `"exact"`, `"float32"`, `"float16"` or
                `"int8"`: see `rnnzoo.export.onnx_weights.store`. Default `"exact"`.

        Raises:
            ValueError: If `weights` is none of these.
            onnx.checker.ValidationError: If the graph is no valid one.
        """
        check_weights(weights)
        kept = [store(*each, weights) for each in self._constants.items()]
        graph = helper.make_graph(
            [node for _, nodes in kept for node in nodes] + self._nodes,
            self.name,
            _infos(self._inputs),
            _infos(self._outputs),
            [constant for constants, _ in kept for constant in constants],
        )
        model = helper.make_model(
            graph,
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
            producer_name="rnnzoo",
        )
        onnx.checker.check_model(model, full_check=True)
        return model.SerializeToString()


def _infos(values: Mapping[str, tuple[str, list[Any]]]) -> list[Any]:
    return [
        helper.make_tensor_value_info(name, TYPES[dtype], shape)
        for name, (dtype, shape) in values.items()
    ]
