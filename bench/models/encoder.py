#!/usr/bin/env python3
"""Writes the encoder of a package as an ONNX model, in 32-bit floats.

    encoder.py PACKAGE OUT

Inputs: `tokens`, int64 [batch, length], sentences of one length with anything behind their ends;
`mask`, float [batch, 1, 1, length], what is added to the scores of each key: 0, or much below zero
behind a sentence's end. Output: `encoded`, float [batch, length, width].

The operations are the ones that the runtime has kernels for, written as an exporter for speed would:
query, key and value in one product, the factors of embedding and attention folded into weights.
"""

import sys

import numpy as np
import onnx
import package
from onnx import TensorProto, helper, numpy_helper

# LayerNormalization came with 17, a Split into so many parts with 18.
OPSET = 18
IR_VERSION = 10
# As in Marian.
EPSILON = 1e-6
# Positions in the table of sinusoids: more than any sentence has here.
LONGEST = 512


def sinusoids(length, width):
    """Marian's positions `[length, width]`: all sines first, then all cosines."""
    half = width // 2
    frequencies = np.exp(-np.arange(half) * np.log(10_000) / (half - 1))
    angles = np.arange(length)[:, None] * frequencies[None, :]
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


class Graph:
    """Nodes and constants as they are added; a value is its name."""

    def __init__(self):
        self.nodes = []
        self.constants = {}

    def constant(self, name, array):
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def add(self, operation, inputs, name, **attributes):
        self.nodes.append(helper.make_node(operation, inputs, [name], name=name, **attributes))
        return name

    def split(self, value, names):
        parts = {"axis": -1, "num_outputs": len(names)}
        self.nodes.append(helper.make_node("Split", [value], names, name=f"{value}.parts", **parts))
        return names

    def linear(self, x, name, weight, bias):
        """x · weightᵀ + bias, with weight `[out, in]`."""
        weight = self.constant(f"{name}.weight", weight.T)
        product = self.add("MatMul", [x, weight], f"{name}.product")
        return self.add("Add", [product, self.constant(f"{name}.bias", bias)], name)


class Encoder:
    def __init__(self, metadata, tensors):
        self.architecture = metadata["architecture"]
        self.matrix = lambda name: package.reader.matrix(metadata, tensors, name)
        self.vector = lambda name: tensors[name]
        self.graph = Graph()

    def embed(self):
        graph, width = self.graph, self.architecture["width"]
        table = graph.constant("embedding", self.matrix("embedding") * np.float32(np.sqrt(width)))
        words = graph.add("Gather", [table, "tokens"], "words")
        zero = graph.constant("zero", np.array([0], np.int64))
        length = graph.add("Shape", ["tokens"], "length", start=1, end=2)
        table = graph.constant("sinusoids", sinusoids(LONGEST, width))
        positions = graph.add("Slice", [table, zero, length, zero], "positions")
        return graph.add("Add", [words, positions], "embedded")

    def norm(self, x, residual, name):
        total = self.graph.add("Add", [x, residual], f"{name}.sum")
        names = [f"{name}.{part}" for part in ("scale", "bias")]
        inputs = [total, *(self.graph.constant(name, self.vector(name)) for name in names)]
        return self.graph.add("LayerNormalization", inputs, name, axis=-1, epsilon=EPSILON)

    def attention(self, x, name):
        graph, heads = self.graph, self.architecture["heads"]
        head = self.architecture["width"] // heads
        parts = [f"{name}.{part}" for part in "qkv"]
        scales = [np.float32(1 / np.sqrt(head)), 1, 1]
        matrices = [self.matrix(part) * scale for part, scale in zip(parts, scales)]
        biases = [self.vector(f"{part}.bias") * scale for part, scale in zip(parts, scales)]
        joint = graph.linear(x, f"{name}.qkv", np.concatenate(matrices), np.concatenate(biases))
        values = graph.split(joint, parts)
        by_head = graph.constant("by_head", np.array([0, 0, heads, head], np.int64))
        joined = graph.constant("joined", np.array([0, 0, heads * head], np.int64))

        def turned(value, order):
            apart = graph.add("Reshape", [value, by_head], f"{value}.heads")
            return graph.add("Transpose", [apart], f"{value}.turned", perm=order)

        q, v = (turned(value, [0, 2, 1, 3]) for value in (values[0], values[2]))
        # Ready for the product: [batch, heads, head, length].
        k = turned(values[1], [0, 2, 3, 1])
        products = graph.add("MatMul", [q, k], f"{name}.products")
        scores = graph.add("Add", [products, "mask"], f"{name}.scores")
        weights = graph.add("Softmax", [scores], f"{name}.weights", axis=-1)
        mixed = graph.add("MatMul", [weights, v], f"{name}.mixed")
        by_row = graph.add("Transpose", [mixed], f"{name}.mixed.turned", perm=[0, 2, 1, 3])
        rows = graph.add("Reshape", [by_row, joined], f"{name}.mixed.rows")
        return self.norm(self.product(rows, f"{name}.o"), x, f"{name}.norm")

    def feed_forward(self, x, name):
        inside = self.graph.add("Relu", [self.product(x, f"{name}.w1")], f"{name}.relu")
        return self.norm(self.product(inside, f"{name}.w2"), x, f"{name}.norm")

    def product(self, x, name):
        return self.graph.linear(x, name, self.matrix(name), self.vector(f"{name}.bias"))

    def model(self):
        x = self.embed()
        for layer in range(self.architecture["encoder_layers"]):
            x = self.attention(x, f"encoder.{layer}.attention")
            x = self.feed_forward(x, f"encoder.{layer}.ffn")
        self.graph.add("Identity", [x], "encoded")
        width = self.architecture["width"]
        value = helper.make_tensor_value_info
        return helper.make_model(
            helper.make_graph(
                self.graph.nodes,
                "encoder",
                [
                    value("tokens", TensorProto.INT64, ["batch", "length"]),
                    value("mask", TensorProto.FLOAT, ["batch", 1, 1, "length"]),
                ],
                [value("encoded", TensorProto.FLOAT, ["batch", "length", width])],
                list(self.graph.constants.values()),
            ),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )


def main(source, target):
    model = Encoder(*package.reader.read(source)).model()
    onnx.checker.check_model(model)
    onnx.save(model, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
