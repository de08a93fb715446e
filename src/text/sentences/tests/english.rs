use super::check;

#[test]
fn titles_lead_to_names() {
    check(
        "en",
        &[
            "Dr. Hale sees patients on Monday. |Ms. Ortiz sees them on Friday.",
            "We met Mr. and Mrs. Lindqvist at the station.",
            "Prof. Adeyemi retired. |Her chair went to Prof. Kim.",
            "The letter from Gen. Park reached Lt. Col. Moss too late.",
            "Rev. Marsh, Sen. Doyle and Gov. Reyes spoke first.",
            "St. Albans is north of London. |St. Ives is not.",
            "The bakery on Mill St. |They used to own it.",
            "They climbed Mt. Baker in July.",
            "DR. HALE IS IN. |MR. KIM IS OUT.",
            "Please ask the vice-pres. Jones about it.",
        ],
    );
}

#[test]
fn initials_belong_to_names() {
    check(
        "en",
        &[
            "J. R. R. Tolkien taught at Leeds. |C. S. Lewis did not.",
            "J.R.R. Tolkien wrote it, and W.H. Auden liked it.",
            "The essay by Ursula K. Le Guin is short.",
            "George W. Bush and John F. Kennedy never met.",
            "J.-P. Melville shot it in black and white.",
            "It was either plan A or plan B. |We chose plan B. |That was wrong.",
            "Take vitamin C. |It helps, they say.",
        ],
    );
}

#[test]
fn latin_abbreviations_go_on() {
    check(
        "en",
        &[
            "Bring tools, e.g. Phillips screwdrivers or pliers.",
            "The capital, i.e. Lisbon, lies on the river.",
            "Pens, paper, glue, etc. are in the drawer.",
            "We sell pens, paper, etc. |The shop opens at nine.",
            "It was cats vs. Dogs United in the final.",
            "Compare cf. Darwin and Wallace, viz. Chapter four.",
            "Garcia et al. Reported values differ; Garcia et al. 2019 agrees.",
            "The court decided Roe v. Wade in January.",
        ],
    );
}

#[test]
fn abbreviations_that_may_end_a_sentence_look_ahead() {
    check(
        "en",
        &[
            "The U.S. President flew home.",
            "Most non-U.S. Buyers pay in euros.",
            "He moved to the U.S. |He never came back.",
            "The U.S. and the U.K. signed it.",
            "She works in Washington, D.C. |Her sister lives nearby.",
            "The train leaves at 9 a.m. and arrives at 5 p.m. sharp.",
            "We close at 5 p.m. |After that, use the side door.",
            "The call is at 10 a.m. Eastern time.",
            "It was 8 p.m. Monday when the lights went out.",
            "He joined Orbis Inc. |The pay was poor.",
            "Orbis Inc. Magazine never answered.",
            "Shares of Barlow & Co. Ltd. fell.",
            "Martin Luther King Jr. Day falls on a Monday.",
            "She got her Ph.D. |Then she left for Oslo.",
            "It opens in Sept. |We can wait.",
            "On Jan. 5 it snowed, and on Feb. 14 it thawed.",
            "The house on Oak Ave. Ext. is empty.",
            "We live in the U.S. |“It is big,” they said.",
        ],
    );
}

#[test]
fn abbreviations_before_numbers_need_a_number() {
    check(
        "en",
        &[
            "See No. 5 on the list.",
            "Did he agree? |No. |He laughed.",
            "I said no. |Then I left.",
            "Fig. 2 shows the pump, and Figs. 3 and 4 the valve.",
            "Fig. B shows the lid.",
            "It is in vol. XII of the set, p. 30, pp. 41 to 43.",
            "Chapters are short: ch. IV has two pages.",
            "Call ext. 204 or room no. 12.",
            "He loves art. |Music bores him.",
            "The cat sat. |The dog stood.",
            "The sun. |The sea. |Nothing else.",
            "It takes approx. 20 minutes, min. 15.",
        ],
    );
}

#[test]
fn points_inside_numbers_and_names_do_not_split() {
    check(
        "en",
        &[
            "It weighs 3.5 kilos and costs 3,50 euros.",
            "Version 2.0.1 is out. |Version 2.1 is not.",
            "Open example.com/a.b?Query=One&x=2 in a browser.",
            "Look at https://example.org/Path.To/File?A=B. |It works.",
            "Write to Ann.Lee@mail.example.com. |She answers.",
            "Rename Report.Final.PDF to report.pdf. |Then close it.",
            "We use .NET and Node.js here.",
            "The alarm rang at 10.30. |Nobody woke.",
            "The address is 192.168.0.1. |Try it.",
            "It cost $4.50. |We paid.",
            "Growth was 2.5%. |Prices fell.",
        ],
    );
}

#[test]
fn numbers_start_sentences_after_words() {
    check(
        "en",
        &[
            "The bridge fell. |20 people were hurt.",
            "The bus was late again. |15 minutes passed.",
            "They stayed until 1999. |In 2000 they left.",
            "We ordered from Meridian. |3 boxes came.",
            "He lives at Apt. 4 on the 2nd floor.",
            "Use sect. 4 of the act, not app. 2.",
        ],
    );
}

#[test]
fn numbered_headings_stay_whole() {
    check(
        "en",
        &[
            "1. Introduction",
            "2.3. The Method",
            "IV. Results",
            "B. Materials",
            "- 1. Mix the flour. |2. Add water.",
            "P.S. The key is under the mat.",
            "# 3. Outlook",
            "1984. |The year is also a title.",
        ],
    );
}

#[test]
fn quotes_and_brackets_stay_with_their_sentence() {
    check(
        "en",
        &[
            "\"Stop!\" he said.",
            "“Are you sure?” the guard asked.",
            "\"Why not?\" I said. |\"Why should we?\"",
            "\"Never!\" Marta replied, and hung up.",
            "“Never!” |Marta hung up.",
            "He said, \"I am tired.\" |Then he slept.",
            "She wrote “the end.” |Nobody cried.",
            "(It rained.) |We stayed.",
            "We stayed (it rained!) and read.",
            "We stayed (why?) |Nobody knows.",
            "He is an “expert” (?) Swiss banker.",
            "He left (at last.). |She stayed.",
            "**Done.** |*Next one.*",
            "‘Come in.’ |The door stood open.",
            "He left. |\"Where to?\" she wondered.",
            "He waved. |(Nobody saw it.) |He left.",
        ],
    );
}

#[test]
fn runs_of_terminators_end_once() {
    check(
        "en",
        &[
            "What?! |Already?? |No way!!!",
            "Well... maybe it will.",
            "Well… maybe it will.",
            "I waited… |Nobody came… |Then it rang.",
            "I waited... |Nobody came.",
            "And then . . . silence.",
            "And then . . . |Silence fell.",
            "It has 7 ... 12 parts.",
            "Yahoo! was a company, Jeopardy! is a show.",
        ],
    );
}

#[test]
fn marks_after_the_end_belong_to_it() {
    check(
        "en",
        &[
            "The town was burnt in 1204.[3] |It was rebuilt.[4][5] |Few came.",
            "The town was burnt.² |It was rebuilt.",
            "Great! 😀 |Thanks a lot. ❤️ |Bye.",
            "See you then :) Bye.",
            "Nice work! :-) |See you soon.",
            "It ended. |— The crowd went home.",
            "I like it. |iPhones are expensive.",
        ],
    );
}
