"""The network of src/model in PyTorch, at the size of torch_step.py's figures."""

import math

import numpy as np
import torch
from torch.nn import functional

WIDTH, HEADS, VOCABULARY = 16, 2, 40
ENCODER_FFN, DECODER_FFN = [24, 20], [24]
ARCHITECTURE = {
    "width": WIDTH,
    "heads": HEADS,
    "ffn": ENCODER_FFN[0],
    "encoder_layers": len(ENCODER_FFN),
    "decoder_layers": len(DECODER_FFN),
    "vocabulary": VOCABULARY,
    "decoder_cell": "ssru",
    "encoder_sizes": [{"heads": HEADS, "ffn": ffn} for ffn in ENCODER_FFN],
}
NORM_EPSILON = 1e-6
# Places that drawn weights are rounded to, so that few digits say them.
DECIMALS = 4


def shapes():
    """Each parameter's shape, by name."""
    found = {"embedding": [VOCABULARY, WIDTH], "output.bias": [VOCABULARY]}

    def linear(name, rows, columns):
        found.update({name: [rows, columns], f"{name}.bias": [rows]})

    def norm(name):
        found.update({f"{name}.norm.scale": [WIDTH], f"{name}.norm.bias": [WIDTH]})

    def attention(name):
        for part in "qkvo":
            linear(f"{name}.{part}", WIDTH, WIDTH)
        norm(name)

    def feed_forward(name, inside):
        linear(f"{name}.w1", inside, WIDTH)
        linear(f"{name}.w2", WIDTH, inside)
        norm(name)

    for n, inside in enumerate(ENCODER_FFN):
        attention(f"encoder.{n}.attention")
        feed_forward(f"encoder.{n}.ffn", inside)
    for n, inside in enumerate(DECODER_FFN):
        found[f"decoder.{n}.ssru.candidate"] = [WIDTH, WIDTH]
        linear(f"decoder.{n}.ssru.forget", WIDTH, WIDTH)
        norm(f"decoder.{n}.ssru")
        attention(f"decoder.{n}.cross")
        feed_forward(f"decoder.{n}.ffn", inside)
    return found


def draw(random):
    """Weights, [out, in] or [length], that give every part of the network a say."""
    weights = {}
    for name, shape in shapes().items():
        values = random.standard_normal(shape)
        if len(shape) == 2:
            values /= math.sqrt(shape[1])
        else:
            values = 0.2 * values + name.endswith(".scale")
        weights[name] = values.round(DECIMALS).astype(np.float32)
    return weights


class Network:
    """The forward pass, one sentence at a time: no padding, no masks."""

    def __init__(self, weights, dtype):
        self.weights = {name: torch.tensor(values, dtype=dtype) for name, values in weights.items()}

    def linear(self, name, x):
        return functional.linear(x, self.weights[name], self.weights[f"{name}.bias"])

    def add_norm(self, name, x, residual):
        total = x + residual
        mean = total.mean(-1, keepdim=True)
        variance = ((total - mean) ** 2).mean(-1, keepdim=True)
        scale, bias = (self.weights[f"{name}.norm.{part}"] for part in ("scale", "bias"))
        return (total - mean) / torch.sqrt(variance + NORM_EPSILON) * scale + bias

    def embed(self, ids):
        """Ids, of which None is START, at the places from 0 on: [length] to [length, width]."""
        table = self.weights["embedding"]
        none = torch.zeros(WIDTH, dtype=table.dtype)
        rows = torch.stack([none if id is None else table[id] for id in ids])
        half = WIDTH // 2
        rates = np.exp(-np.arange(half) * math.log(10000) / (half - 1))
        angles = np.arange(len(ids))[:, None] * rates
        places = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
        return rows * math.sqrt(WIDTH) + torch.tensor(places, dtype=table.dtype)

    def attention(self, name, x, memory):
        def heads(part, of):
            return self.linear(f"{name}.{part}", of).view(len(of), HEADS, -1).transpose(0, 1)

        q, k, v = heads("q", x), heads("k", memory), heads("v", memory)
        shares = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(WIDTH // HEADS), -1)
        mixed = (shares @ v).transpose(0, 1).reshape(len(x), WIDTH)
        return self.add_norm(name, self.linear(f"{name}.o", mixed), x)

    def feed_forward(self, name, x):
        inside = torch.relu(self.linear(f"{name}.w1", x))
        return self.add_norm(name, self.linear(f"{name}.w2", inside), x)

    def ssru(self, name, x):
        candidates = functional.linear(x, self.weights[f"{name}.candidate"])
        forget = torch.sigmoid(self.linear(f"{name}.forget", x))
        state, states = torch.zeros(WIDTH, dtype=x.dtype), []
        for keep, candidate in zip(forget, candidates):
            state = keep * state + (1 - keep) * candidate
            states.append(state)
        return self.add_norm(name, torch.relu(torch.stack(states)), x)

    def sentence(self, source, target):
        """The decoder's last representations, [length of target, width]."""
        memory = self.embed(source)
        for n in range(len(ENCODER_FFN)):
            memory = self.attention(f"encoder.{n}.attention", memory, memory)
            memory = self.feed_forward(f"encoder.{n}.ffn", memory)
        x = self.embed([None, *target[:-1]])
        for n in range(len(DECODER_FFN)):
            x = self.ssru(f"decoder.{n}.ssru", x)
            x = self.attention(f"decoder.{n}.cross", x, memory)
            x = self.feed_forward(f"decoder.{n}.ffn", x)
        return x

    def forward(self, batch):
        """Of a whole batch: representations [tokens, width] and logits [tokens, candidates]."""
        pairs = zip(batch["sources"], batch["targets"])
        hidden = torch.cat([self.sentence(*pair) for pair in pairs])
        of = batch["candidates"]
        return hidden, functional.linear(
            hidden, self.weights["embedding"][of], self.weights["output.bias"][of]
        )
