#!/usr/bin/env python3
"""Writes torch_step.json: what PyTorch makes of a few training steps on a tiny model.

Our own training is tested against these figures. torch_network.py has the network once more, from
its formulas, so that the two have nothing in common but the weights, which stand in the figures.
Needed only to change them, with PyTorch 1.13 or later and NumPy; Debian's will do:

    apt-get install python3-torch
    OMP_NUM_THREADS=1 /usr/bin/python3 tests/training/torch_step.py

The committed figures are those of PyTorch 1.13 with NumPy 1.24. The script compares gradients with
finite differences, trains in f64 and again in f32, prints how far the two differ, and writes what
f64 gives, to nine significant digits.

The loss, as a mean over all target tokens, ends included, of the softmax over the candidates:

    alpha T^2 KL(softmax(teacher / T) || softmax(student / T)) + (1 - alpha) CE(student, target)
    + hidden_weight mean((student's h - teacher's h)^2), over tokens and width

h is the decoder's last representation, from which logits are read. Gradients are scaled by
min(1, clip / (norm + 1e-6)), norm being that of all of them together; then AdamW (Loshchilov and
Hutter 2019), which decays matrices, not vectors. The teacher stays as it is.

The figures are one JSON value; all arrays are flat and row-major:

    architecture   as in a package's metadata
    settings       alpha, temperature, learning_rate, beta1, beta2, epsilon, weight_decay
    batch          end; candidates, ascending, the same for each sentence; sources and targets, a
                   list of ids for each sentence, with its end. The decoder's inputs are the target's
                   ids shifted by one, the first being START, which embeds to its position alone
    shapes         by a parameter's name, as in a package: [out, in] or [length]
    student        the weights before the first step, by name: the f32 nearest to what is written
    teacher        likewise
    forward        student and teacher before the first step, each with hidden [tokens, width] and
                   logits [tokens, candidates]; sentence after sentence, as targets stand
    runs           each from the same weights, for a hidden_weight and a clip; in one of them clip
                   is above the last steps' norms, which then are not scaled:
      steps        for each step, before its update: loss; its terms soft (KL), hard (CE) and hidden
                   (mean), without their weights; gradient_norm, before clipping
      gradients    of the first step, before clipping, by name: norm, and entries [index, value]
      after        after the last step, by name: change, the norm of the difference to the weights
                   before the first step, and entries [index, value]; whole parameters in `whole`
      f32          the greatest differences of f32 to this: loss, gradient_norm (over f64's),
                   gradient (of any entry) and weight (of any entry after the last step)

A key's bias changes no softmax, so that its gradient is zero but for rounding, which AdamW would
blow up to steps of full size: `gradients` gives the zero, `after` leaves the parameter out.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from torch_network import ARCHITECTURE, DECIMALS, Network, draw, shapes

OUTPUT = Path(__file__).with_suffix(".json")

# Tokens come twice in a sentence, on both sides, and in sentences of one token beside its end.
BATCH = {
    "end": 0,
    "candidates": [
        *(0, 1, 3, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17),
        *(19, 20, 22, 23, 25, 27, 28, 31, 33, 34, 37, 39),
    ],
    "sources": [[12, 7, 30, 7, 21, 0], [38, 0], [5, 19, 26, 0]],
    "targets": [[4, 17, 17, 33, 0], [25, 0], [5, 39, 8, 20, 11, 7, 0]],
}
SETTINGS = {
    "alpha": 0.7,
    "temperature": 2.0,
    "learning_rate": 1e-3,
    "beta1": 0.9,
    "beta2": 0.98,
    "epsilon": 1e-9,
    "weight_decay": 0.01,
}
STEPS = 5
RUNS = [
    {"hidden_weight": 0.0, "clip": 1.0},
    {"hidden_weight": 0.1, "clip": 1.0},
    {"hidden_weight": 0.0, "clip": 2.0},
]
# What rounding leaves of a zero is below this, and no figure is.
NOISE = 1e-13
# A matrix, a bias and a norm that are written whole after the last step.
WHOLE = ["decoder.0.ssru.candidate", "encoder.1.ffn.w1.bias", "decoder.0.ffn.norm.scale"]
SEED = 8


def losses(student, teacher, hidden_weight):
    """The loss and its three terms, of what Network.forward gives of both."""
    alpha, temperature = SETTINGS["alpha"], SETTINGS["temperature"]
    (hidden, logits), (wanted_hidden, wanted_logits) = student, teacher
    places = {id: place for place, id in enumerate(BATCH["candidates"])}
    targets = torch.tensor([places[id] for target in BATCH["targets"] for id in target])
    log_ours = torch.log_softmax(logits / temperature, -1)
    log_theirs = torch.log_softmax(wanted_logits / temperature, -1)
    terms = {
        "soft": (log_theirs.exp() * (log_theirs - log_ours)).sum(-1).mean(),
        "hard": functional.cross_entropy(logits, targets),
        "hidden": ((hidden - wanted_hidden) ** 2).mean(),
    }
    loss = alpha * temperature**2 * terms["soft"] + (1 - alpha) * terms["hard"]
    return loss + hidden_weight * terms["hidden"], terms


def train(weights, teacher, hidden_weight, clip, dtype):
    """Steps, the first one's gradients, and the weights after the last."""
    student = Network(weights, dtype)
    parameters = student.weights
    for parameter in parameters.values():
        parameter.requires_grad_()
    decayed = [parameter for parameter in parameters.values() if parameter.dim() == 2]
    others = [parameter for parameter in parameters.values() if parameter.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed}, {"params": others, "weight_decay": 0.0}],
        lr=SETTINGS["learning_rate"],
        betas=(SETTINGS["beta1"], SETTINGS["beta2"]),
        eps=SETTINGS["epsilon"],
        weight_decay=SETTINGS["weight_decay"],
    )
    with torch.no_grad():
        wanted = Network(teacher, dtype).forward(BATCH)
    steps, gradients = [], {}
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss, terms = losses(student.forward(BATCH), wanted, hidden_weight)
        loss.backward()
        if not gradients:
            gradients = {name: p.grad.numpy().astype(np.float64) for name, p in parameters.items()}
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), clip)
        terms = {name: term.item() for name, term in terms.items()}
        steps.append({"loss": loss.item(), **terms, "gradient_norm": norm.item()})
        optimizer.step()
    after = {name: p.detach().numpy().astype(np.float64) for name, p in parameters.items()}
    return steps, gradients, after


def check_gradients(weights, teacher, hidden_weight, gradients, random):
    """Compares entries of parameters drawn at random with central differences; gives the greatest
    difference, relative to the greater of the entry and 0.001."""
    with torch.no_grad():
        wanted = Network(teacher, torch.float64).forward(BATCH)
        network, greatest = Network(weights, torch.float64), 0.0
        moved = [name for name in weights if not name.endswith(".k.bias")]
        for name in random.choice(moved, 20, replace=False):
            # One that does something: a token that is in no sentence has a gradient of zero.
            index = random.choice(np.flatnonzero(gradients[name]))
            entries, found, reach = network.weights[name].view(-1), [], 1e-5
            before = entries[index].item()
            for step in (reach, -reach):
                entries[index] = before + step
                found.append(losses(network.forward(BATCH), wanted, hidden_weight)[0].item())
            entries[index] = before
            exact = gradients[name].flat[index]
            difference = abs((found[0] - found[1]) / (2 * reach) - exact) / max(abs(exact), 1e-3)
            if difference > 1e-6:
                sys.exit(f"{name}, entry {index}: the gradient is off by {difference:.1e} of itself")
            greatest = max(greatest, difference)
    return greatest


def entries(values, gradient):
    """Four entries [index, value]: where the gradient is greatest, and three evenly down from it to
    a tenth of that, so that rounding has no say in AdamW's first steps."""
    sizes = np.where(np.abs(gradient) > NOISE, np.abs(gradient), 0).ravel()
    order = np.argsort(-sizes, kind="stable")
    count = int((sizes >= sizes.max() / 10).sum())
    chosen = [order[(count - 1) * n // 3] for n in range(4)]
    return [[int(index), values.flat[index]] for index in sorted(set(chosen))]


def run(weights, teacher, settings, random):
    """One entry of `runs`."""
    hidden_weight, clip = settings["hidden_weight"], settings["clip"]
    steps, gradients, after = train(weights, teacher, hidden_weight, clip, torch.float64)
    worst = check_gradients(weights, teacher, hidden_weight, gradients, random)
    single = train(weights, teacher, hidden_weight, clip, torch.float32)
    trained = [name for name in weights if not name.endswith(".k.bias")]
    apart = {
        "loss": max(abs(a["loss"] - b["loss"]) for a, b in zip(steps, single[0])),
        "gradient_norm": max(
            abs(a["gradient_norm"] / b["gradient_norm"] - 1) for a, b in zip(single[0], steps)
        ),
        "gradient": max(np.abs(gradients[name] - single[1][name]).max() for name in weights),
        "weight": max(np.abs(after[name] - single[2][name]).max() for name in trained),
    }
    print(f"hidden weight {hidden_weight}, clip {clip}")
    print(f"  gradients and finite differences: at most {worst:.1e} apart, of 20 entries")
    for step in steps:
        print("  " + "  ".join(f"{key} {value:.6f}" for key, value in step.items()))
    print("  f32 is apart by " + ", ".join(f"{key} {value:.1e}" for key, value in apart.items()))
    return {
        **settings,
        "steps": steps,
        "gradients": {
            name: {"norm": np.linalg.norm(gradient), "entries": entries(gradient, gradient)}
            for name, gradient in gradients.items()
        },
        "after": {
            name: {
                "change": np.linalg.norm(after[name] - weights[name]),
                "entries": entries(after[name], gradients[name]),
            }
            for name in trained
        },
        "whole": {name: after[name].ravel() for name in WHOLE},
        "f32": apart,
    }


def compact(value):
    """For JSON: floats with nine significant digits, and no noise where a zero is meant."""
    if isinstance(value, dict):
        return {key: compact(each) for key, each in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [compact(each) for each in value]
    if isinstance(value, (float, np.floating)):
        value = float(f"{value:.9g}")
        return value if abs(value) > NOISE else 0.0
    return value


def written(values):
    """Weights with the few decimals that they were rounded to."""
    return values.ravel().astype(np.float64).round(DECIMALS)


def forward(weights):
    """One entry of `forward`."""
    with torch.no_grad():
        hidden, logits = Network(weights, torch.float64).forward(BATCH)
    return {"hidden": hidden.numpy().ravel(), "logits": logits.numpy().ravel()}


def main():
    torch.use_deterministic_algorithms(True)
    random = np.random.default_rng(SEED)
    student, teacher = draw(random), draw(random)
    figures = {
        "about": f"Written by {Path(__file__).name}, where the layout is described.",
        "torch": torch.__version__,
        "architecture": ARCHITECTURE,
        "settings": SETTINGS,
        "batch": BATCH,
        "shapes": shapes(),
        "student": {name: written(values) for name, values in student.items()},
        "teacher": {name: written(values) for name, values in teacher.items()},
        "forward": {"student": forward(student), "teacher": forward(teacher)},
        "runs": [run(student, teacher, settings, random) for settings in RUNS],
    }
    text = json.dumps(compact(figures), separators=(",", ":"))
    OUTPUT.write_text(text + "\n", encoding="utf-8")
    print(f"{OUTPUT.name}: {len(text) + 1} bytes")


if __name__ == "__main__":
    main()
