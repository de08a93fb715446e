#!/usr/bin/env python3
"""Writes a package again with each of its matrices as 32-bit floats, of the same values.

    floats.py PACKAGE OUT
"""

import sys

import package


def main(source, target):
    metadata, tensors = package.reader.read(source)
    for name, entry in metadata["matrices"].items():
        values = package.reader.matrix(metadata, tensors, name)
        # Its codec's parts; a bias beside them is no part of the matrix.
        for key in [key for key in tensors if key.rpartition(".")[0] == name]:
            if key != f"{name}.bias":
                del tensors[key]
        tensors[f"{name}.values"] = values
        metadata["matrices"][name] = {"codec": "f32", "shape": entry["shape"]}
    package.write(target, metadata, tensors)


if __name__ == "__main__":
    main(*sys.argv[1:])
