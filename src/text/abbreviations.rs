//! What a full stop after a word means, language by language.
//!
//! To add a language, add one [`Language`] to [`LANGUAGES`]; nothing else needs to change. Words
//! stand in lower case, without their last full stop, in any order; single letters and dotted
//! letters need no entry unless they always lead on. A word that is also a common word of the
//! language (`art`, `no`, `sun`) belongs in `before_digit` or nowhere.
//!
//! A language without an entry is split by [`SHARED`] and by the shape of words alone (initials,
//! dotted letters, words without a vowel), and its numbers may be ordinals. The union of all lists
//! would be worse there: `no`, `des`, `sen` or `ten` end sentences in some language or other.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What a full stop after an abbreviation says about the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// Always goes on: `Dr.`, `e.g.`, `Av.`
    Leads,
    /// Goes on before a digit, a Roman numeral or a lone capital: `vol. 3`, `séc. XX`, `Fig. B`.
    BeforeNumber,
    /// Goes on before a digit: `No. 5`. Otherwise it is a word like any other.
    BeforeDigit,
    /// Ends the sentence only before a word that usually starts one: `Inc.`, `U.S.`, initials.
    MayEnd,
}

/// The abbreviations and the typical words of one language, separated by white space.
struct Language {
    /// ISO 639-1 code.
    code: &'static str,
    /// See [`Habit::Leads`].
    leads: &'static str,
    /// See [`Habit::BeforeNumber`].
    before_number: &'static str,
    /// See [`Habit::BeforeDigit`].
    before_digit: &'static str,
    /// See [`Habit::MayEnd`].
    may_end: &'static str,
    /// Words that often start a sentence and hardly ever a name.
    starters: &'static str,
    /// Verbs that follow direct speech: `"Why?" John asked.`
    speech: &'static str,
    /// Whether `5.` is how the language writes `5th`.
    ordinals: bool,
}

/// International abbreviations, good in every language.
const SHARED: Language = Language {
    code: "",
    leads: "dr prof mr mrs cf vs e.g i.e p.s n.b",
    before_number: "vol fig nr pp",
    before_digit: "tel",
    may_end: "ms jr al",
    starters: "",
    speech: "",
    ordinals: false,
};

const LANGUAGES: &[Language] = &[
    Language {
        code: "en",
        leads: "messrs mmes mme mlle rev fr gen col lt sgt cpl pvt capt cmdr cdr maj adm brig \
                gov sen supt det insp atty viz",
        before_number: "vols ch pl",
        before_digit: "no nos pg pgs sec secs min max approx ca circa est ext ph apt rm bldg \
                       flt mar wed sat sun tues thurs ver op lot item ref fn cap ex app eq eqs \
                       figs pt para par art arts chap chaps sect",
        may_end: "st mt ft sr esq inc ltd co corp bros dept univ assn intl govt natl ave blvd \
                  rd hwy sq pkwy rep pres hon ed eds jan feb apr jun jul aug sep sept oct nov \
                  dec mon tue thu fri cit ibid calif conn fla tenn",
        starters: "the a an this that these those here there he she it they we you i his her its \
                   their our my your who what when where why how which if in on at by for from \
                   with after before during since until while although though because as but \
                   and or so yet then however meanwhile also even now some many most all both \
                   each every several such not never nobody everyone nothing perhaps maybe only \
                   once is are was were has have had do does did can could would should",
        speech: "said asked replied cried shouted whispered answered added exclaimed demanded \
                 wondered yelled called says asks muttered screamed laughed",
        ordinals: false,
    },
    Language {
        code: "pt",
        leads: "sr sra srs sras srta sres dra drs dras profa profs exmo exma exmos exmas ilmo \
                ilma eng arq adv des dep sen gen cel maj cap ten sgt alm brig pe fr sto sta st \
                av pç pça lgo rod trav estr obs ex p.ex v.g excia emb mons rev pres",
        before_number: "art arts séc sécs sec secs pág págs pag pags fl fls vols tít qd cj lt bl",
        before_digit: "no nº núm num fax ramal ap apt apto aprox máx mín nasc proc prot ref cód \
                       cod reg insc doc mod lei inf caps par tab jan fev mar abr mai jun jul \
                       ago set out nov dez seg ter qua qui sex sáb dom km cx un",
        may_end: "ltda cia inc fº exa min ed gov org orgs coord trad cit ibid jd vl est univ \
                  inst depto dept",
        starters: "o a os as um uma uns umas ele ela eles elas eu nós você vocês isso isto este \
                   esta estes estas esse essa esses essas aquele aquela seu sua seus suas meu \
                   minha nosso nossa em no na nos nas ao à aos às com por para pelo pela pelos \
                   pelas quando onde como se mas e ou porém contudo entretanto também já não \
                   sim há foi era é está depois antes após durante desde ainda assim então hoje \
                   ontem agora aqui lá ali muitos muitas alguns algumas ninguém nunca tudo cada \
                   qual quem quanto que porque embora enquanto apesar talvez só",
        speech: "disse perguntou respondeu gritou exclamou sussurrou murmurou acrescentou \
                 retrucou falou berrou indagou",
        ordinals: false,
    },
    Language {
        code: "es",
        leads: "sr sra sres sras srta srtas dra dres dña lic ing arq gral cnel cap tte sto sta \
                mons fray pbro mtro mtra excmo excma ilmo ilma av avda ctra pza ej p.ej ee ff \
                rr depto",
        before_number: "art arts núm núms nro pág págs caps tít párr",
        before_digit: "no aprox máx mín teléf fax ext ene feb mar abr may jun jul ago sep sept \
                       oct nov dic",
        may_end: "ud uds vd vds uu aa hh cía ltda univ ed",
        starters: "el la los las un una unos unas él ella ellos ellas yo tú usted ustedes nosotros \
                   esto eso este esta estos estas ese esa aquel aquella su sus mi mis nuestro en \
                   al con por para cuando donde como si pero y o aunque sin también ya no hay \
                   fue era es está después antes durante desde hasta según hoy ayer ahora aquí \
                   allí muchos muchas algunos algunas todo cada qué quién cómo dónde",
        speech: "dijo preguntó respondió gritó exclamó",
        ordinals: false,
    },
    Language {
        code: "fr",
        leads: "m mm mgr me st ste av bd boul env éd p.ex",
        before_number: "chap pag",
        before_digit: "art no num tél janv févr avr juill sept oct nov déc",
        may_end: "etc cie sté univ ed",
        starters: "le la les un une des il elle ils elles on nous vous je tu ce cet cette ces \
                   cela ça son sa ses leur leurs mon notre en au aux dans par pour avec sans sur \
                   quand où comme si mais et ou donc or car puis alors aussi après avant depuis \
                   pendant selon hier demain ici là beaucoup certains tout tous chaque qui que \
                   quel quelle pourquoi comment",
        speech: "dit demanda répondit cria",
        ordinals: false,
    },
    Language {
        code: "de",
        leads: "hr hrn fr frl ing dipl bzw ca evtl ggf inkl exkl vgl sog zzgl abzgl bspw gem lt \
                hrsg geb gest gegr verh st hl kgl z.b d.h u.a o.ä z.t s.o s.u",
        before_number: "abb abs art bd bde kap nrn ss ziff tab anm",
        before_digit: "jan febr feb apr aug sept okt nov dez mo di mi do sa so",
        may_end: "etc usw usf str jh jhd mio mrd tsd uvm co ag min max std",
        starters: "der die das den dem ein eine einen einem einer er sie es wir ihr ich du man \
                   dies dieser diese dieses diesen sein seine ihre unser im in am an auf aus bei \
                   beim bis durch für gegen mit nach ohne seit über um unter vom von vor während \
                   wegen zu zum zur wenn weil als ob obwohl aber und oder doch denn dann damals \
                   danach jedoch auch noch nun nur schon so heute gestern hier dort da viele \
                   einige alle jeder was wer wie wo warum",
        speech: "sagte fragte rief antwortete",
        ordinals: true,
    },
    Language {
        code: "it",
        leads: "sig sigg dott ing avv geom arch rag on mons gen col cap ten sto sta p.es",
        before_number: "art artt pag pagg capp sez tab",
        before_digit: "num ca circa feb mar apr mag giu lug ago set ott nov dic",
        may_end: "ecc soc ed univ",
        starters: "il lo la i gli le un una uno egli lui lei loro noi voi io questo questa questi \
                   queste quello quella suo sua nel nella nei al alla con per da quando dove come \
                   se ma e o anche già non sì dopo prima durante oggi ieri ora qui molti alcuni \
                   tutti ogni chi che cosa perché",
        speech: "disse chiese rispose gridò",
        ordinals: false,
    },
];

/// The table of one language, ready for look-ups.
pub(super) struct Rules {
    code: &'static str,
    habits: HashMap<&'static str, Habit>,
    starters: HashSet<&'static str>,
    speech: HashSet<&'static str>,
    ordinals: bool,
}

static LISTED: LazyLock<Vec<Rules>> = LazyLock::new(|| LANGUAGES.iter().map(Rules::new).collect());

static UNLISTED: LazyLock<Rules> =
    LazyLock::new(|| Rules { ordinals: true, ..Rules::new(&SHARED) });

/// The rules of a language tag such as `pt`, `pt-BR` or `EN_us`.
pub(super) fn rules(language: &str) -> &'static Rules {
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    LISTED.iter().find(|rules| rules.code.eq_ignore_ascii_case(primary)).unwrap_or(&UNLISTED)
}

impl Rules {
    fn new(language: &Language) -> Self {
        let mut habits = HashMap::new();
        // A language's own lists come last: they override the shared ones.
        for table in [&SHARED, language] {
            for (habit, words) in table.lists() {
                habits.extend(words.split_whitespace().map(|word| (word, habit)));
            }
        }
        Rules {
            code: language.code,
            habits,
            starters: language.starters.split_whitespace().collect(),
            speech: language.speech.split_whitespace().collect(),
            ordinals: language.ordinals,
        }
    }

    /// Whether the language has an entry of its own.
    pub(super) fn listed(&self) -> bool {
        !self.code.is_empty()
    }

    /// Whether a sentence often starts with `word`, in any case.
    pub(super) fn starts_sentences(&self, word: &str) -> bool {
        word.len() <= LONGEST && self.starters.contains(word.to_lowercase().as_str())
    }

    /// Whether `word` is a verb that follows direct speech.
    pub(super) fn is_speech(&self, word: &str) -> bool {
        word.len() <= LONGEST && self.speech.contains(word)
    }

    /// What a full stop after `word` says; `None` for an ordinary word.
    pub(super) fn habit(&self, word: &str) -> Option<Habit> {
        if word.len() > LONGEST {
            return None;
        }
        let lower = word.to_lowercase();
        // `ex-Sr.`, `Sr./Sra.`, `l'av.`, `non-U.S.`: the last part speaks for all, unless it is a
        // single letter: `chamou-a.`
        let tail = lower.rsplit(['-', '/', '\'', '’']).next().filter(|tail| !is_initial(tail));
        let listed = self.habits.get(lower.as_str()).or_else(|| self.habits.get(tail?)).copied();
        let by_shape = || self.shape(word) || tail.is_some_and(is_dotted);
        let habit = listed.or_else(|| by_shape().then_some(Habit::MayEnd));
        match habit {
            // Capitals are rather an acronym (`CIA`, `PE`) than a title, but may be a heading's.
            Some(Habit::Leads) if is_acronym(word) => Some(Habit::MayEnd),
            Some(Habit::MayEnd) if is_acronym(word) && word.len() > 2 => None,
            other => other,
        }
    }

    /// Whether `word` looks like an abbreviation although no list has it.
    fn shape(&self, word: &str) -> bool {
        is_initial(word)
            || is_dotted(word)
            || (self.ordinals
                && matches!(word.len(), 1 | 2)
                && word.bytes().all(|b| b.is_ascii_digit()))
            || (!self.listed() && lacks_vowel(word))
    }
}

impl Language {
    fn lists(&self) -> [(Habit, &'static str); 4] {
        [
            (Habit::MayEnd, self.may_end),
            (Habit::BeforeDigit, self.before_digit),
            (Habit::BeforeNumber, self.before_number),
            (Habit::Leads, self.leads),
        ]
    }
}

/// No word of the lists has more bytes, and no longer one needs a look-up.
const LONGEST: usize = 24;

/// `J`, `R`, `x`, and letters of scripts without case; not an ideograph, which is a word.
pub(super) fn is_initial(word: &str) -> bool {
    let mut chars = word.chars();
    let first = chars.next().filter(|&c| c.is_alphabetic() && !super::sentences::is_cjk(c));
    first.is_some() && chars.next().is_none()
}

/// `U.S`, `d.C`, `Ph.D`, `J.-P`: parts of one or two letters.
pub(super) fn is_dotted(word: &str) -> bool {
    let is_part = |part: &str| {
        let letters = part.trim_start_matches('-');
        (1..=2).contains(&letters.chars().count()) && letters.chars().all(char::is_alphabetic)
    };
    word.len() <= LONGEST && word.contains('.') && word.split('.').all(is_part)
}

/// Two or more letters, all of them capitals.
fn is_acronym(word: &str) -> bool {
    word.chars().nth(1).is_some() && word.chars().all(char::is_uppercase)
}

/// A short Latin word without a vowel, not an acronym: `Nr`, `Mgr`, `tzv`.
fn lacks_vowel(word: &str) -> bool {
    (2..=4).contains(&word.len())
        && !is_acronym(word)
        && word.bytes().all(|b| b.is_ascii_alphabetic() && !b"aeiouyAEIOUY".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_has_one_habit_in_its_language() {
        for language in LANGUAGES.iter().chain([&SHARED]) {
            let mut seen = HashSet::new();
            for (_, words) in language.lists() {
                for word in words.split_whitespace() {
                    assert!(seen.insert(word), "{}: {word} is listed twice", language.code);
                }
            }
        }
    }

    #[test]
    fn entries_are_written_as_they_are_looked_up() {
        for language in LANGUAGES.iter().chain([&SHARED]) {
            let lists = language.lists().map(|(_, words)| words).join(" ");
            for word in [&lists, language.starters, language.speech].join(" ").split_whitespace() {
                assert_eq!(word, word.to_lowercase(), "{}", language.code);
                assert!(word.len() <= LONGEST && !word.ends_with('.'), "{}: {word}", language.code);
            }
            // Their shape says more than a list could: `Roe v. Wade`, `v. 2`.
            let not_leading = language.lists().map(|(habit, words)| match habit {
                Habit::Leads => "",
                _ => words,
            });
            for word in not_leading.join(" ").split_whitespace() {
                assert!(!is_initial(word) && !is_dotted(word), "{}: {word}", language.code);
            }
        }
    }

    #[test]
    fn a_language_is_found_by_its_primary_subtag() {
        assert_eq!(rules("pt-BR").code, "pt");
        assert_eq!(rules("EN_us").code, "en");
        assert!(!rules("xx").listed() && !rules("").listed());
    }

    #[test]
    fn an_acronym_is_no_title() {
        assert_eq!(rules("pt").habit("pe"), Some(Habit::Leads));
        assert_eq!(rules("pt").habit("PE"), Some(Habit::MayEnd));
        assert_eq!(rules("pt").habit("CIA"), None);
    }

    #[test]
    fn unlisted_languages_judge_words_by_their_shape() {
        assert_eq!(rules("cs").habit("Mgr"), Some(Habit::MayEnd));
        assert_eq!(rules("cs").habit("12"), Some(Habit::MayEnd));
        assert_eq!(rules("cs").habit("ČR"), None);
        assert_eq!(rules("en").habit("12"), None);
    }
}
