"""What the collector makes of sources, without any network."""

import tempfile
import unittest
from pathlib import Path

import collect
from packages import Unavailable
from sources import SOURCES, Source


class NoPackages:
    versions = {"kite": "kite 1.0"}


def source(name, paragraphs):
    return Source(name, "general", ("kite",), "GPL-2+", lambda _: paragraphs)


def broken(_):
    yield "The first part of it could be read.", ""
    raise Unavailable("kite: no such package")


PAIR = ("The kite was seen over the hill.", "A pipa foi vista sobre o morro.")


class Collecting(unittest.TestCase):
    def test_a_line_counts_for_the_first_source_that_has_it(self):
        corpus = collect.Corpus()
        first = corpus.add(source("one", [PAIR, ("", "")]), NoPackages)
        second = corpus.add(source("two", [PAIR, ("The wind was strong.", "")]), NoPackages)
        self.assertEqual(first[2:], (1, 1, 1, ""))
        self.assertEqual(second[2:], (1, 0, 0, ""))

    def test_a_package_that_fails_is_named_and_does_not_end_the_run(self):
        corpus = collect.Corpus()
        failed = corpus.add(source("bad", [])._replace(read=broken), NoPackages)
        empty = corpus.add(source("empty", []), NoPackages)
        self.assertEqual(failed.skipped, "kite: no such package")
        self.assertIn("no file in it matched", empty.skipped)
        table = "\n".join(collect.table([failed, empty]))
        self.assertIn("- bad: kite: no such package", table)
        self.assertIn("- empty: no file", table)

    def test_the_order_depends_on_the_lines_alone(self):
        lines = [f"line {number}" for number in range(50)]
        self.assertEqual(collect.shuffled(lines), collect.shuffled(reversed(lines)))
        self.assertNotEqual(collect.shuffled(lines), lines)

    def test_the_files_hold_a_line_each_and_a_header_over_pairs(self):
        corpus = collect.Corpus()
        corpus.add(source("one", [PAIR]), NoPackages)
        with tempfile.TemporaryDirectory() as folder:
            corpus.write(Path(folder))
            texts = {path.name: path.read_text(encoding="utf-8") for path in Path(folder).iterdir()}
        self.assertEqual(
            texts,
            {
                "en.txt": f"{PAIR[0]}\n",
                "pt.txt": f"{PAIR[1]}\n",
                "en-pt.tsv": f"en\tpt\n{PAIR[0]}\t{PAIR[1]}\n",
            },
        )

    def test_every_source_names_its_licence_and_domain_once(self):
        self.assertEqual(len({source.name for source in SOURCES}), len(SOURCES))
        for source_ in SOURCES:
            self.assertTrue(source_.licence, source_.name)
            self.assertIn(source_.domain, ("general", "software"), source_.name)
