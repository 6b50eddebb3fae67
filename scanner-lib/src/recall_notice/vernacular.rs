//! German and French words of notices, told as the English ones that the rest of this module knows.
//!
//! Words keep their places: each word of a phrase stands for one word. Labels are unmistakable and always translated; the small
//! words only where such a label or word shows the language, for `AU` is a country in an English notice.

/// Words, and what each says in English; a mark stands for itself.
type Phrase = (&'static [&'static str], &'static [&'static str]);

struct Language {
    labels: &'static [Phrase],
    /// Words that show the language though they announce nothing.
    shown_by: &'static [&'static str],
    words: &'static [Phrase],
}

const GERMAN: Language = Language {
    labels: &[
        (&["verwendbar", "bis"], &["use", "by"]),
        (&["haltbar", "bis"], &["use", "by"]),
        (&["ch.-b"], &["chargennummer"]),
        (&["lot-nr"], &["chargennummer"]),
        (&["los-nr"], &["chargennummer"]),
        (&["chargennr"], &["chargennummer"]),
        (&["chargennummer"], &["chargennummer"]),
        (&["chargennummern"], &["chargennummer"]),
        (&["chargen-nr"], &["chargennummer"]),
        (&["charge"], &["lot"]),
        (&["chargen"], &["lots"]),
        (&["seriennummer"], &["seriennummer"]),
        (&["seriennummern"], &["seriennummer"]),
        (&["serien-nr"], &["seriennummer"]),
        (&["seriennr"], &["seriennummer"]),
        (&["art.-nr"], &["artikelnummer"]),
        (&["artikelnummer"], &["artikelnummer"]),
        (&["artikelnummern"], &["artikelnummer"]),
        (&["artikel-nr"], &["artikelnummer"]),
        (&["best.-nr"], &["artikelnummer"]),
        (&["bestell-nr"], &["artikelnummer"]),
        (&["bestellnummer"], &["artikelnummer"]),
        (&["bestellnummern"], &["artikelnummer"]),
        (&["kat.-nr"], &["artikelnummer"]),
        (&["katalog-nr"], &["artikelnummer"]),
        (&["katalognummer"], &["artikelnummer"]),
        (&["katalognummern"], &["artikelnummer"]),
        (&["produktnummer"], &["artikelnummer"]),
        (&["produktcode"], &["artikelnummer"]),
        (&["materialnummer"], &["artikelnummer"]),
        (&["referenznummer"], &["artikelnummer"]),
        (&["modellnummer"], &["artikelnummer"]),
        (&["verfall"], &["expiry"]),
        (&["modell"], &["model"]),
        (&["modells"], &["model"]),
        (&["modelle"], &["models"]),
        (&["verfalldatum"], &["verfallsdatum"]),
        (&["verfallsdatum"], &["verfallsdatum"]),
        (&["ablaufdatum"], &["verfallsdatum"]),
        (&["haltbarkeitsdatum"], &["verfallsdatum"]),
        (&["herstellungsdatum"], &["manufactured"]),
        (&["herstelldatum"], &["manufactured"]),
        (&["produktionsdatum"], &["manufactured"]),
        (&["hergestellt"], &["manufactured"]),
    ],
    shown_by: &[
        "und",
        "betroffen",
        "betroffene",
        "betroffenen",
        "außer",
        "ausgenommen",
        "sämtliche",
        "sicherheitsinformation",
    ],
    words: &[
        (&["alle", "betroffenen", "chargen"], &["all", "lots", "lots"]),
        (&["kleiner", "als"], &["lower", "than"]),
        (&["größer", "als"], &["higher", "than"]),
        (&["mit", "ausnahme", "von"], &["except", "", ""]),
        (&["mit", "ausnahme", "der"], &["except", "", ""]),
        (&["nicht", "betroffen"], &["not", "affected"]),
        (&["alle"], &["all"]),
        (&["sämtliche"], &["all"]),
        (&["außer"], &["except"]),
        (&["ausser"], &["except"]),
        (&["ausgenommen"], &["except"]),
        (&["und"], &["and"]),
        (&["sowie"], &["and"]),
        (&["oder"], &["or"]),
        (&["bis"], &["to"]),
        (&["von"], &["from"]),
        (&["vom"], &["from"]),
        (&["zwischen"], &["between"]),
        (&["vor"], &["before"]),
        (&["nach"], &["after"]),
        (&["mit"], &["with"]),
        (&["nicht"], &["not"]),
        (&["sind"], &["are"]),
        (&["ist"], &["is"]),
        (&["wurden"], &["were"]),
        (&["betroffen"], &["affected"]),
        (&["betroffene"], &["affected"]),
        (&["betroffenen"], &["affected"]),
        (&["folgende"], &["following"]),
        (&["folgenden"], &["following"]),
        (&["einschließlich"], &["including"]),
        (&["inklusive"], &["including"]),
        (&["produkt"], &["product"]),
        (&["produkts"], &["product"]),
        (&["produkte"], &["products"]),
        (&["geräte"], &["devices"]),
        (&["der"], &["the"]),
        (&["die"], &["the"]),
        (&["das"], &["the"]),
        (&["des"], &["the"]),
        (&["dem"], &["the"]),
        (&["den"], &["the"]),
    ],
};

const FRENCH: Language = Language {
    labels: &[
        (&["n", "°", "de", "lot"], &["lot", "number", "number", "number"]),
        (&["n", "°", "de", "lots"], &["lot", "number", "number", "number"]),
        (&["n", "°", "lot"], &["lot", "number", "number"]),
        (&["lot", "n", "°"], &["lot", "number", "number"]),
        (&["lots", "n", "°"], &["lots", "number", "number"]),
        (&["nº", "de", "lot"], &["lot", "number", "number"]),
        (&["lot", "nº"], &["lot", "number"]),
        (&["lots", "nº"], &["lots", "number"]),
        (&["numéro", "de", "lot"], &["lot", "number", "number"]),
        (&["numéros", "de", "lot"], &["lot", "number", "number"]),
        (&["numéros", "de", "lots"], &["lot", "number", "number"]),
        (&["n", "°", "de", "série"], &["serial", "number", "number", "number"]),
        (&["n", "°", "série"], &["serial", "number", "number"]),
        (&["nº", "de", "série"], &["serial", "number", "number"]),
        (&["numéro", "de", "série"], &["serial", "number", "number"]),
        (&["numéros", "de", "série"], &["serial", "number", "number"]),
        (&["n", "°", "de", "catalogue"], &["catalogue", "number", "number", "number"]),
        (&["numéro", "de", "catalogue"], &["catalogue", "number", "number"]),
        (&["numéros", "de", "catalogue"], &["catalogue", "number", "number"]),
        (&["du", "lot"], &["from", "lot"]),
        (&["au", "lot"], &["to", "lot"]),
        (&["code", "produit"], &["product", "code"]),
        (&["codes", "produit"], &["product", "codes"]),
        (&["code", "article"], &["product", "code"]),
        (&["référence"], &["référence"]),
        (&["références"], &["référence"]),
        (&["réf"], &["ref"]),
        (&["réfs"], &["refs"]),
        (&["modèle"], &["model"]),
        (&["modèles"], &["models"]),
        (&["iud-id"], &["udi-di"]),
        (&["iud"], &["udi"]),
        (&["date", "de", "péremption"], &["expiry", "date", "date"]),
        (&["dates", "de", "péremption"], &["expiry", "date", "date"]),
        (&["date", "d", "'", "expiration"], &["expiry", "date", "date", "date"]),
        (&["dates", "d", "'", "expiration"], &["expiry", "date", "date", "date"]),
        (&["date", "limite", "d", "'", "utilisation"], &["expiry", "date", "date", "date", "date"]),
        (&["date", "de", "fabrication"], &["date", "of", "manufacture"]),
        (&["dates", "de", "fabrication"], &["date", "of", "manufacture"]),
        (&["fabriqués"], &["manufactured"]),
        (&["fabriquées"], &["manufactured"]),
    ],
    shown_by: &["tous", "toutes", "sauf", "concernés", "concernées", "sécurité", "jusqu"],
    words: &[
        (&["tous", "les", "lots"], &["all", "lots", "lots"]),
        (&["tous", "les", "numéros", "de", "série"], &["all", "serial", "numbers", "numbers", "numbers"]),
        (&["toutes", "les", "unités"], &["all", "units", "units"]),
        (&["à", "l", "'", "exception", "de"], &["except", "", "", "", ""]),
        (&["à", "l", "'", "exception", "des"], &["except", "", "", "", ""]),
        (&["non", "concernés"], &["not", "affected"]),
        (&["jusqu", "'", "à"], &["", "", "through"]),
        (&["jusqu", "'", "au"], &["", "", "through"]),
        (&["tous"], &["all"]),
        (&["toutes"], &["all"]),
        (&["sauf"], &["except"]),
        (&["excepté"], &["except"]),
        (&["hormis"], &["except"]),
        (&["et"], &["and"]),
        (&["ou"], &["or"]),
        (&["à"], &["to"]),
        (&["entre"], &["between"]),
        (&["avant"], &["before"]),
        (&["après"], &["after"]),
        (&["avec"], &["with"]),
        (&["sont"], &["are"]),
        (&["est"], &["is"]),
        (&["concerné"], &["affected"]),
        (&["concernés"], &["affected"]),
        (&["concernée"], &["affected"]),
        (&["concernées"], &["affected"]),
        (&["inclus"], &["including"]),
        (&["suivants"], &["following"]),
        (&["suivantes"], &["following"]),
        (&["produits"], &["products"]),
        (&["dispositifs"], &["devices"]),
        (&["de"], &["of"]),
        (&["du"], &["of"]),
        (&["des"], &["of"]),
        (&["le"], &["the"]),
        (&["la"], &["the"]),
        (&["les"], &["the"]),
    ],
};

/// Tells the words of a notice, in lower case with marks as they are, in English; whether another language was spoken.
pub(super) fn in_english(said: &mut [String]) -> bool {
    let mut spoken = false;
    for language in [&GERMAN, &FRENCH] {
        let before = said.to_vec();
        let labelled = translate(&before, said, language.labels);
        if labelled || before.iter().any(|word| language.shown_by.contains(&word.as_str())) {
            spoken = true;
            translate(&before, said, language.words);
        }
    }
    spoken
}

/// Tells each phrase that stands in `before`; the longest are first in the list. What an earlier list has told stays.
fn translate(before: &[String], said: &mut [String], phrases: &[Phrase]) -> bool {
    let mut any = false;
    let mut i = 0;
    while i < before.len() {
        let stands = |(words, _): &&Phrase| {
            words.len() <= before.len() - i
                && words.iter().zip(&before[i..]).all(|(word, there)| same(word, there))
                && before[i..i + words.len()] == said[i..i + words.len()]
        };
        let Some((words, english)) = phrases.iter().find(stands) else {
            i += 1;
            continue;
        };
        for (told, english) in said[i..].iter_mut().zip(*english) {
            (*english).clone_into(told);
        }
        any = true;
        i += words.len();
    }
    any
}

/// The apostrophe is written in two ways.
fn same(word: &str, there: &str) -> bool {
    word == there || word == "'" && there == "\u{2019}"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (String, bool) {
        let mut said: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let spoken = in_english(&mut said);
        (said.join(" "), spoken)
    }

    #[test]
    fn each_word_keeps_its_place() {
        for language in [&GERMAN, &FRENCH] {
            for (words, english) in language.labels.iter().chain(language.words) {
                assert_eq!(words.len(), english.len(), "{words:?}");
            }
        }
        assert_eq!(told("alle chargen außer 1 und 2"), ("all lots except 1 and 2".to_owned(), true));
        assert_eq!(told("n ° de lot 1 à 2"), ("lot number number number 1 to 2".to_owned(), true));
    }

    #[test]
    fn an_english_notice_stays_as_it_is() {
        for text in ["lots 12 , au , de , fr", "all lots of a die set", "la grange site"] {
            assert_eq!(told(text), (text.to_owned(), false));
        }
    }
}
