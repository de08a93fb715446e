"""Reading the formats that text comes in."""

import struct
import unittest
import zlib

import catalogues
import descriptions
import dictionaries
import pages
import prose


def catalogue(messages: dict[bytes, bytes], order: str) -> bytes:
    """A `.mo` file as msgfmt lays it out, without the table of hashes."""
    count = len(messages)
    head = struct.pack(order + "7I", catalogues.MAGIC, 0, count, 28, 28 + 8 * count, 0, 0)
    tables, strings = b"", b""
    for side in (list(messages), list(messages.values())):
        for string in side:
            tables += struct.pack(order + "2I", len(string), 28 + 16 * count + len(strings))
            strings += string + b"\0"
    return head + tables + strings


class Catalogues(unittest.TestCase):
    MESSAGES = {
        b"": b"Content-Type: text/plain; charset=UTF-8\n",
        b"menu\x04_Open the box": "_Abrir a caixa".encode(),
        b"one bird\0many birds": "um pássaro\0muitos pássaros".encode(),
        b"not translated": b"",
    }

    def test_both_byte_orders_contexts_and_plurals_are_read(self):
        for order in "<>":
            self.assertEqual(
                list(catalogues.messages(catalogue(self.MESSAGES, order))),
                [("_Open the box", "_Abrir a caixa"), ("one bird", "um pássaro")],
            )

    def test_truncated_and_foreign_files_are_refused(self):
        whole = catalogue(self.MESSAGES, "<")
        for data, reason in (
            (whole[:10], "header"),
            (whole[:40], "truncated"),
            (whole[:-40], "truncated"),
            (b"P" + whole[1:], "first four bytes"),
        ):
            with self.assertRaisesRegex(ValueError, reason):
                list(catalogues.messages(data))

    def test_marks_for_keyboard_and_sense_go(self):
        message = "female^The _old <i>queen</i> & &king"
        self.assertEqual(catalogues.readable(message), "The old queen & king")

    def test_paragraphs_are_paired_where_there_are_equally_many(self):
        data = catalogue({b"One.\n\nTwo.": b"Um.\n\nDois.", b"A.\n\nB.": b"A."}, "<")
        self.assertEqual(list(catalogues.paragraphs(data)), [("One.", "Um."), ("Two.", "Dois.")])


class Descriptions(unittest.TestCase):
    ENGLISH = (
        "Package: kite\nDescription-md5: 0a1b\nDescription-en: flies well\n It flies\n in the"
        " wind.\n .\n  * first\n  * second\n .\n The end.\n\n"
        "Package: lost\nDescription-md5: 9f9f\nDescription-en: has no translation\n"
    )
    PORTUGUESE = (
        "Package: kite\nDescription-md5: 0a1b\nDescription-pt_BR: voa bem\n Voa no vento.\n"
        " .\n  * um\n .\n Fim.\n"
    )

    def test_entries_are_matched_by_md5_and_lists_dropped(self):
        self.assertEqual(
            list(
                descriptions.pairs(
                    descriptions.parse(self.ENGLISH, "en"),
                    descriptions.parse(self.PORTUGUESE, "pt_BR"),
                )
            ),
            [
                ("flies well", "voa bem"),
                ("It flies in the wind.", "Voa no vento."),
                ("", ""),
                ("The end.", "Fim."),
            ],
        )


class Pages(unittest.TestCase):
    def test_paragraphs_come_with_tag_and_id_and_without_code(self):
        page = (
            "<head><title>T</title></head><h1>The &amp; head</h1><pre>x = 1</pre>"
            '<p id="a">One <b>bold</b> word<br>more</p><ul><li>point</ul>'
        )
        self.assertEqual(
            pages.blocks(page),
            [("h1", "", "The & head"), ("p", "a", "One bold word more"), ("li", "", "point")],
        )

    def test_paragraphs_with_ids_are_paired_by_them(self):
        english = pages.blocks('<p id="a">one</p><p id="b">two</p>')
        portuguese = pages.blocks('<p id="b">dois</p><p>novo</p><p id="a">um</p>')
        self.assertEqual(list(pages.pairs(english, portuguese)), [("one", "um"), ("two", "dois")])

    def test_others_are_paired_by_place_only_in_pages_of_one_structure(self):
        english = pages.blocks("<h1>one</h1><p>two</p>")
        self.assertEqual(
            list(pages.pairs(english, pages.blocks("<h1>um</h1><p>dois</p>"))),
            [("one", "um"), ("two", "dois")],
        )
        self.assertEqual(list(pages.pairs(english, pages.blocks("<p>dois</p><p>um</p>"))), [])


class Dictionaries(unittest.TestCase):
    def test_wordnet_gives_definition_and_examples(self):
        data = '  1 licence\n001 03 n 01 pond 0 000 | (water) a small lake; "the pond lay still"\n'
        self.assertEqual(list(dictionaries.wordnet(data)), ["a small lake", "The pond lay still"])

    def test_dictd_gives_paragraphs_without_links_sources_and_headwords(self):
        data = (
            "Pond \\Pond\\, n.\n   1. A {small lake}\n   of still water. [1913 Webster]\n\n"
            "   Deep. --Poe.\n"
        )
        self.assertEqual(list(dictionaries.dictd(data)), ["A small lake of still water.", "Deep."])


class Prose(unittest.TestCase):
    def test_sword_modules_give_chapters_without_notes(self):
        chapters = [b"In the <w>beginning</w><note>or: start</note> was light.", b"And then night."]
        texts, index, verses = b"", b"", b""
        for number, chapter in enumerate(chapters):
            packed = zlib.compress(chapter)
            index += struct.pack("<3I", len(texts), len(packed), len(chapter))
            verses += struct.pack("<IIH", number, 0, len(chapter))
            texts += packed
        read = [" ".join(chapter.split()) for chapter in prose.sword(index, verses, texts)]
        self.assertEqual(read, ["In the beginning was light.", "And then night."])
        with self.assertRaisesRegex(ValueError, "stream 7 of 2"):
            list(prose.sword(index, struct.pack("<IIH", 7, 0, 1), texts))

    def test_cookies_lose_who_said_them_and_verse_is_dropped(self):
        data = "A day without sun is night.\n\t\t-- Nobody\n%\nRoses\nare\nred\n%\n"
        self.assertEqual(list(prose.fortunes(data)), ["A day without sun is night."])

    def test_spoken_text_stands_between_backquotes(self):
        data = "\t`Hello, captain.`\n\tship `Old Tub`"
        self.assertEqual(list(prose.spoken(data)), ["Hello, captain.", "Old Tub"])

    def test_entries_of_game_descriptions_are_parted_by_percent_signs(self):
        data = "bat\n\nIt flies\nat night.\n%%%%\ncat\n"
        self.assertEqual(list(prose.plain(data)), ["bat", "It flies at night.", "cat"])
