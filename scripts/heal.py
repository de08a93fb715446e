#!/usr/bin/env python3
"""Compresses the default models and heals them: healed/<name>/ holds packages and their registry.

Each model is a recipe of scripts/heal/, or a shape, and a number of steps; docs/training.md tells
what came of each. Interrupted, the same command goes on from the last checkpoint; what is finished
is left alone. Nothing of it is committed: it all derives from the fetched models.
"""

import argparse
import json
import subprocess
import sys
from itertools import islice
from pathlib import Path

from model import DIRECTIONS, MODELS, ROOT, compress, entry, write_text

CORPUS = ROOT / "corpus"
HEALED = ROOT / "healed"
RECIPES = ROOT / "scripts" / "heal"

# What Portuguese there is, is about software: most of what is learnt from is general English that
# the model translates.
TRANSLATED_LINES, OWN_LINES = 20_000, 15_000

# The options of heal or distill, by the model's name.
TRAINED = {
    "small": ["heal", "--steps", "150", "--rate", "3e-4"],
    "tiny": ["heal", "--steps", "400", "--rate", "4e-4"],
    "sparse": ["heal", "--prune", "0.4", "--steps", "250", "--rate", "3e-4"],
    "narrow": ["distill", "--ffn", "768", "--steps", "300", "--rate", "5e-4"],
}
COMMON = ["--judge-steps", "50", "--patience", "20"]


def say(text):
    print(f"[heal] {text}", flush=True)


def run(*command):
    subprocess.run([str(word) for word in command], check=True)


def first_lines(path, count):
    with open(path, encoding="utf-8") as lines:
        return list(islice(lines, count))


def text_in(language, binary):
    """A file of lines to learn from."""
    own = CORPUS / f"{language}.txt"
    if language == "en":
        return own
    mixed = HEALED / f"{language}.txt"
    if not mixed.is_file():
        say(f"translating {TRANSLATED_LINES} lines from English, of which {mixed.name} is made")
        english = "".join(first_lines(CORPUS / "en.txt", TRANSLATED_LINES))
        command = [str(binary), "translate", "--model", str(MODELS / f"en-{language}.safetensors")]
        made = subprocess.run(command, input=english, text=True, stdout=subprocess.PIPE, check=True)
        write_text(mixed, made.stdout + "".join(first_lines(own, OWN_LINES)))
    return mixed


def train(name, pair, binary):
    """Makes one model; gives its file."""
    original = MODELS / f"{pair}.safetensors"
    folder = HEALED / name
    output = folder / f"{pair}.safetensors"
    if output.is_file():
        say(f"{output.relative_to(ROOT)} is there")
        return output
    folder.mkdir(parents=True, exist_ok=True)
    method, *options = TRAINED[name]
    command = [binary, method, "--teacher", original, "--text", text_in(pair[:2], binary)]
    command += ["-o", output, *options, *COMMON]
    recipe = RECIPES / f"{name}.toml"
    if method == "heal":
        student = original
        if recipe.is_file():
            student = folder / f"{pair}.unhealed.safetensors"
            run(binary, "compress", original, "--recipe", recipe, "-o", student)
        command.append(student)
    say(f"{name}, {pair}: {' '.join(map(str, command[1:]))}")
    run(*command)
    return output


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path, help="the pocketglot program")
    parser.add_argument("name", nargs="*", help=f"which to make, all of {', '.join(TRAINED)} by default")
    options = parser.parse_args()
    for name in options.name:
        if name not in TRAINED:
            parser.error(f"there is no model \"{name}\": expected {', '.join(TRAINED)}")
    HEALED.mkdir(exist_ok=True)
    for name in options.name or TRAINED:
        entries = []
        for direction in DIRECTIONS:
            pair = f"{direction['source']}-{direction['target']}"
            package = train(name, pair, options.program)
            compress(package)
            entries.append(entry(direction, package))
            megabytes = entries[-1]["bytes"] / 1e6
            say(f"{name}, {pair}: {megabytes:.2f} MB to download")
        registry = json.dumps({"format": 1, "models": entries}, indent=2) + "\n"
        write_text(HEALED / name / "registry.json", registry)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        print(f"[heal] error: {Path(error.cmd[0]).name} ended with status {error.returncode}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        print(f"[heal] error: {error}", file=sys.stderr)
        sys.exit(1)
