"""Collects free text to learn from into corpus/: en.txt, pt.txt, en-pt.tsv and SOURCES.md.

Without the cache it needs the network; a second run with nothing to do does nothing.
"""

import hashlib
import shutil
import struct
import sys
import tarfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import text
from packages import Packages, Unavailable
from sources import SOURCES, Source

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "corpus"
FILES = ("en.txt", "pt.txt", "en-pt.tsv", "SOURCES.md")
# What a missing, cut or changed package makes of reading it; anything else is a fault of ours.
UNREADABLE = (
    Unavailable, OSError, EOFError, ValueError, struct.error, tarfile.TarError, zlib.error
)


class Row(NamedTuple):
    """What came of a source: lines that no source before it had, or why it was skipped."""

    source: Source
    versions: str
    english: int
    portuguese: int
    pairs: int
    skipped: str


class Corpus:
    """All lines by their key, so that the first of lines that differ little is the one kept."""

    def __init__(self) -> None:
        self.lines: dict[str, dict[str, str]] = {"en": {}, "pt": {}}
        self.pairs: dict[str, tuple[str, str]] = {}

    def add(self, source: Source, packages: Packages) -> Row:
        before = self.sizes()
        skipped = ""
        try:
            for english, portuguese in source.read(packages):
                self.paragraph(english, portuguese, source.fewest)
        except UNREADABLE as error:
            skipped = " ".join(str(error).split())
        gained = [now - then for now, then in zip(self.sizes(), before)]
        if not any(gained) and not skipped:
            skipped = "no file in it matched, or nothing in it is new"
        versions = ", ".join(
            packages.versions.get(name, f"{name} (absent)") for name in source.packages
        )
        return Row(source, versions, *gained, skipped)

    def paragraph(self, english: str, portuguese: str, fewest: int) -> None:
        if english and portuguese:
            for pair in text.aligned(english, portuguese):
                self.pairs.setdefault(text.key(pair[0]), pair)
        for language, paragraph in zip(text.LANGUAGES, (english, portuguese)):
            for line in text.lines(paragraph, language, fewest):
                self.lines[language].setdefault(text.key(line), line)

    def sizes(self) -> tuple[int, int, int]:
        return len(self.lines["en"]), len(self.lines["pt"]), len(self.pairs)

    def write(self, folder: Path) -> None:
        for language, lines in self.lines.items():
            write(folder / f"{language}.txt", shuffled(lines.values()))
        tabbed = shuffled("\t".join(pair) for pair in self.pairs.values())
        write(folder / "en-pt.tsv", ["en\tpt", *tabbed])


def shuffled(lines: Iterable[str]) -> list[str]:
    """In an order that only the lines themselves decide, so that any prefix is a fair mix."""
    return sorted(set(lines), key=lambda line: hashlib.blake2b(line.encode()).digest())


def write(path: Path, lines: list[str]) -> None:
    """All or nothing: a run that is stopped leaves no half file under the name."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    partial.replace(path)


def table(rows: list[Row]) -> list[str]:
    """SOURCES.md."""
    lines = [
        "# Where this text comes from",
        "",
        "Made by `make corpus`. The text stays under its sources' licences and is not part of the",
        "project. Where a package mixes licences, its file `copyright` says more than the table.",
        "Counted are lines that no source above has.",
        "",
        "| source | domain | packages | licence | English | Portuguese | pairs |",
        "| --- | --- | --- | --- | ---: | ---: | ---: |",
    ]
    for row in rows:
        source = row.source
        lines.append(
            f"| {source.name} | {source.domain} | {row.versions or 'indices of packages'} | "
            f"{source.licence} | {row.english:,} | {row.portuguese:,} | {row.pairs:,} |"
        )
    for domain in ("general", "software"):
        counts = [
            sum(row[column] for row in rows if row.source.domain == domain) for column in (2, 3, 4)
        ]
        lines.append(f"| **all, {domain}** | | | | {counts[0]:,} | {counts[1]:,} | {counts[2]:,} |")
    skipped = [row for row in rows if row.skipped]
    if skipped:
        lines += ["", "Left out, or taken in part only:", ""]
        lines += [f"- {row.source.name}: {row.skipped}" for row in skipped]
    return lines


def recipe() -> str:
    """Changes when what would be collected, and how, changes."""
    code = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in code)).hexdigest()


def main() -> int:
    stamp = CORPUS / ".cache" / "made-by"
    made_by = recipe()
    if all((CORPUS / name).exists() for name in FILES) and stamp.exists():
        if stamp.read_text(encoding="utf-8") == made_by:
            print("[corpus] corpus/ is complete; to collect anew, delete corpus/SOURCES.md")
            return 0
    for program in ("apt-get", "dpkg-deb"):
        if not shutil.which(program):
            print(
                f"[corpus] error: {program} was not found; the text comes from Debian packages, so "
                "this needs Debian, Ubuntu or a container of one of them",
                file=sys.stderr,
            )
            return 1
    packages = Packages(CORPUS / ".cache")
    try:
        packages.update()
    except Unavailable as error:
        print(f"[corpus] error: the lists of packages can't be fetched: {error}", file=sys.stderr)
        return 1
    corpus, rows = Corpus(), []
    for source in SOURCES:
        rows.append(corpus.add(source, packages))
        row = rows[-1]
        print(f"[corpus] {source.name}: {row.english} en, {row.portuguese} pt, {row.pairs} pairs"
              + (f"; SKIPPED: {row.skipped}" if row.skipped else ""), flush=True)
    if not all(corpus.sizes()):
        print("[corpus] error: no text was collected (see above)", file=sys.stderr)
        return 1
    corpus.write(CORPUS)
    write(CORPUS / "SOURCES.md", table(rows))
    stamp.write_text(made_by, encoding="utf-8")
    sizes = "{:,} English lines, {:,} Portuguese, {:,} pairs".format(*corpus.sizes())
    print(f"[corpus] corpus/: {sizes}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
