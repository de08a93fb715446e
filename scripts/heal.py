#!/usr/bin/env python3
"""Compresses the default models and heals them: healed/<name>/ holds packages and their registry.

Each model is a recipe of scripts/heal/ and a number of steps; docs/training.md tells what came of
each, docs/registry.md what the registry says of it. Interrupted, the same command goes on from the
last checkpoint; what is finished is left alone. Nothing of it is committed: it all derives from the
fetched models.
"""

import argparse
import json
import subprocess
import sys
import tomllib
from itertools import islice
from pathlib import Path

from model import CREDIT, DIRECTIONS, MODELS, ROOT, SOURCE_URL, compress, entry, write_text

CORPUS = ROOT / "corpus"
HEALED = ROOT / "healed"
RECIPES = ROOT / "scripts" / "heal"

# What Portuguese there is, is about software: most of what is learnt from is general English that
# the model translates.
TRANSLATED_LINES, OWN_LINES = 30_000, 12_000

# How each is made, and the options of heal or distill: "healed" is compressed by its recipe first,
# "pruned" while it learns, and "distilled" begins as a student of the shape that the recipe gives.
TRAINED = {
    "small": ("healed", ["heal", "--steps", "200", "--rate", "1.5e-4"]),
    "tiny": ("healed", ["heal", "--steps", "700", "--rate", "2e-4"]),
    "sparse": (
        "pruned",
        ["heal", "--prune", "0.4", "--prune-by", "gradients", "--steps", "450", "--rate", "2.5e-4"],
    ),
    "narrow": ("distilled", ["distill", "--ffn", "768", "--steps", "700", "--rate", "4e-4"]),
}
COMMON = ["--judge-steps", "50", "--patience", "40"]


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
    if output.is_file() and training_of(output).is_file():
        say(f"{output.relative_to(ROOT)} is there")
        return output
    folder.mkdir(parents=True, exist_ok=True)
    how, (method, *options) = TRAINED[name]
    command = [binary, method, "--teacher", original, "--text", text_in(pair[:2], binary)]
    command += ["-o", output, *options, *COMMON, "--json"]
    if method == "heal":
        student = original
        if how == "healed":
            student = folder / f"{pair}.unhealed.safetensors"
            run(binary, "compress", original, "--recipe", RECIPES / f"{name}.toml", "-o", student)
        command.append(student)
    say(f"{name}, {pair}: {' '.join(map(str, command[1:]))}")
    # Nobody has measured the time before an interruption.
    whole = not output.with_name(f"{output.name}.checkpoint").exists()
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True)
    report = json.loads(done.stdout)
    say(f"{name}, {pair}: {report['steps']} steps; held-out chrF {report['chrf_before']:.2f} before, "
        f"{report['chrf_after']:.2f} after")
    known = {"steps": report["steps"], **({"seconds": round(report["seconds"])} if whole else {})}
    write_text(training_of(output), json.dumps(known) + "\n")
    return output


def training_of(package):
    """What is known of a package's training stands beside it."""
    return package.with_suffix(".training.json")


def made(name, package):
    """What a registry says of how a package was made."""
    how, _ = TRAINED[name]
    training = json.loads(training_of(package).read_text(encoding="utf-8"))
    recipe = tomllib.loads((RECIPES / f"{name}.toml").read_text(encoding="utf-8"))
    return {"how": how, "recipe": recipe, **training}


def licence_text(name):
    how, _ = TRAINED[name]
    mpl = (ROOT / "LICENSES" / "MPL-2.0.txt").read_text(encoding="utf-8")
    return (
        f"The model files in this folder derive from models by {CREDIT},\n"
        "and are available under the Mozilla Public License 2.0, whose text follows, as those are.\n"
        f"Their weights were changed: {how}, as registry.json and docs/training.md say.\n"
        "\n"
        f"The source form of the originals is kept at {SOURCE_URL}\n"
        "\n"
        "----------------------------------------------------------------------------\n"
        "\n" + mpl
    )


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
            entries.append({**entry(direction, package), "made": made(name, package)})
            megabytes = entries[-1]["bytes"] / 1e6
            say(f"{name}, {pair}: {megabytes:.2f} MB to download")
            # What is finished can be used while the other direction learns.
            write_text(HEALED / name / "LICENSE.txt", licence_text(name))
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
