"""Cleaning, splitting and pairing of lines."""

import unittest

import text


class Cleaning(unittest.TestCase):
    def test_control_and_invisible_characters_and_doubled_spaces_go(self):
        raw = " One\tgreat\u00adly\n  long\u200b line . \x07"
        self.assertEqual(text.clean(raw), "One greatly long line.")

    def test_a_letter_with_its_accent_apart_becomes_one_letter(self):
        self.assertEqual(text.clean("cafe\u0301"), "café")

    def test_the_mark_of_a_list_in_front_goes_and_a_year_stays(self):
        self.assertEqual(text.clean("12. – A second point"), "A second point")
        self.assertEqual(text.clean("(22-25) The wise man"), "The wise man")
        self.assertEqual(text.clean("1945 was a year of peace"), "1945 was a year of peace")

    def test_spaces_inside_of_quotation_marks_go(self):
        self.assertEqual(text.clean("He said: “ Come in !”"), "He said: “Come in!”")


class Splitting(unittest.TestCase):
    def test_a_paragraph_is_split_where_a_sentence_ends(self):
        self.assertEqual(
            text.sentences("The ship left. Did it return? “Never!” Ana said so."),
            ["The ship left.", "Did it return?", "“Never!”", "Ana said so."],
        )

    def test_abbreviations_and_initials_do_not_end_a_sentence(self):
        for whole in (
            "Dr. Silva met J. Smith there.",
            "O Sr. Costa chegou cedo.",
            "It grows in warm places, e.g. Brazil.",
        ):
            self.assertEqual(text.sentences(whole), [whole])

    def test_a_quotation_mark_that_lost_its_partner_goes(self):
        self.assertEqual(
            text.lines('"The river was very high. We could not cross it that day."', "en"),
            ["The river was very high.", "We could not cross it that day."],
        )


class Judging(unittest.TestCase):
    def test_prose_is_kept(self):
        for line, language in (
            ("The council met on the 3rd of May, and 50% of the members voted.", "en"),
            ("A câmara não votou a lei antes do fim do ano.", "pt"),
        ):
            self.assertTrue(text.is_prose(line, language), line)

    def test_code_markup_and_placeholders_are_no_prose(self):
        for line in (
            "Use <b>this</b> to open the file",
            "Set value = 3 in the file for the user",
            "The file %s was not found in the folder",
            "Run it with --verbose for more of this",
            "See https://example.org for all of the details",
            "Edit the file /etc/hosts with care and save it",
            "The function main() is called at the end",
        ):
            self.assertFalse(text.is_prose(line, "en"), line)

    def test_too_short_too_long_shouted_and_numeric_lines_are_left_out(self):
        for line in (
            "Two words",
            " ".join(["the"] * 81),
            "THE WHOLE LINE IS SHOUTED at you",
            "In 1 234 567 890 by 5.5",
        ):
            self.assertFalse(text.is_prose(line, "en"), line)

    def test_a_line_in_the_other_language_is_left_out(self):
        self.assertFalse(text.is_prose("I reinstall the system once a year anyway.", "pt"))
        self.assertFalse(text.is_prose("Eu não sei onde está a chave da casa.", "en"))

    def test_lines_of_less_than_the_fewest_words_are_left_out(self):
        paragraph = "It was cold. The old lighthouse keeper walked down to the shore."
        self.assertEqual(
            text.lines(paragraph, "en", 8), ["The old lighthouse keeper walked down to the shore."]
        )


class Pairing(unittest.TestCase):
    def test_equally_many_sentences_are_paired_one_by_one(self):
        self.assertEqual(
            text.aligned(
                "The house is old. Nobody lives in it now.",
                "A casa é velha. Ninguém mora nela agora, que pena.",
            ),
            [
                ("The house is old.", "A casa é velha."),
                ("Nobody lives in it now.", "Ninguém mora nela agora, que pena."),
            ],
        )

    def test_differently_many_stay_whole(self):
        english = "The house is old. Nobody lives in it now."
        portuguese = "A casa é velha e ninguém mora nela agora."
        self.assertEqual(text.aligned(english, portuguese), [(english, portuguese)])

    def test_untranslated_and_unlike_lengths_are_left_out(self):
        self.assertEqual(text.aligned("Alpha Beta de Gamma", "Alpha beta de gamma."), [])
        english = "The old house was sold to a man who came from far away."
        self.assertEqual(text.aligned(english, "Foi vendida ontem."), [])

    def test_lines_that_differ_in_case_and_numbers_have_one_key(self):
        self.assertEqual(text.key("Page 12 of the Book!"), text.key("page 7 of the book"))
