"""Prose to sentences."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.corpus.blocks import Block
from agentflow.corpus.parsing.sentences import LONGEST, sentences


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text, Block("prose", 0, len(text)))]


@pytest.mark.parametrize(
    "parts",
    [
        ["It rains.", "We stay."],
        ["Dr. Leaf came at 3.30 p.m. on Monday.", "He left."],
        ["Use e.g. the blue one, cf. Fig. 3 there.", "Done!"],
        ["J. R. Smith wrote it.", "K. agreed."],
        ['He said "Stop!"', "She did."],
        ["Version 3.12 is out.", "See https://example.org/a.b?c=1."],
        ["Is it so?", "No.", "(It is not.)", "Fine..."],
        ["See No. 5 of it.", "Buy no. 7 too."],
        ["They sell tea, cups etc.", "The shop is small."],
        ["The cat slept .", "the dog did not ."],
        ["So Hall et al. (2011) say, cf. Tab. 4 there.", "The E.U. Court agreed."],
        ["It is in the Geol. Surv. Bulletin of May.", "He lives in the U.S.", "She does not."],
        ["It opened in 1990.", "Ships came later."],
        ["We met at 9 a.m.", "Doors open late."],
        ["He met Bob.", "Jim left."],
        ["We chose plan B.", "The others left."],
        ["Das Fest war am 12. Mai 1950 im 2. Stock.", "Es kamen 23.", "Der Rest blieb."],
        ["Nach Nr. 7 gilt u. a. Satz 2, z. B. Montags.", "Im 19. Jahrhundert galt er nicht."],
        ["Er sagte „Ja.“", "Dann ging er."],
        ["Мост построен в 1931 г. и стоит на ул. Ленина.", "Он закрыт."],
        ["पुल बन गया।", "वह लंबा है।"],
        ["یہ پل ہے۔", "وہ گھر ہے؟", "جی۔"],
        ["Ես եմ։", "Դու ես։"],
        ["M. Dupont arrive avec Mme. Roux.", "Ils partent."],
    ],
)
def test_sentences_end_where_a_reader_would_end_them(parts: list[str]) -> None:
    assert split(" ".join(parts)) == parts


def test_scripts_without_blanks_are_split_too() -> None:
    assert split("これは本です。あれは猫です。") == ["これは本です。", "あれは猫です。"]


def test_a_run_without_stops_is_cut_to_what_a_passage_holds() -> None:
    parts = split("word " * 2000)
    assert len(parts) > 10 and all(len(part) <= LONGEST for part in parts)
    assert "".join(parts).replace(" ", "") == "word" * 2000


@given(st.text(max_size=2000))
@settings(max_examples=100, deadline=None)
def test_nothing_but_blanks_and_bare_marks_is_lost(text: str) -> None:
    spans = list(sentences(text, Block("prose", 0, len(text))))
    covered = {at for start, end in spans for at in range(start, end)}
    assert not any(mark.isalnum() and at not in covered for at, mark in enumerate(text))
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


@pytest.mark.parametrize(
    "sentence",
    [
        (
            "Die Genossenschaft übernahm die Fähre, nachdem der frühere Eigentümer sie über Jahrzehnte vernachlässigt hatte, und ließ"
            " größere Überholungen für fünfundzwanzigtausend Kronen ausführen, ehe der Fährverkehr wöchentlich öffnen dürfte."
        ),
        (
            "Библиотека города Ольховска, основанная учителем Петровым в тысяча восемьсот девяностом году на пожертвования купцов,"
            " хранит сорок две тысячи книг и рукописей и открыта для всех жителей уезда ежедневно."
        ),
        (
            "Η βιβλιοθήκη της πόλης, που ιδρύθηκε από έναν δάσκαλο με χρήματα των εμπόρων της περιοχής, φυλάσσει σαράντα δύο χιλιάδες"
            " βιβλία και χειρόγραφα και είναι ανοιχτή για όλους τους κατοίκους κάθε μέρα."
        ),
        "图书馆由一位教师用商人们的捐款建立，收藏了四万二千册书籍和手稿，每天向全县居民开放，是该省历史最悠久、藏书最丰富的公共图书馆之一，"
        * 2
        + "闭馆日除外。",
    ],
)
def test_an_ordinary_sentence_of_any_script_is_one(sentence: str) -> None:
    assert split(sentence) == [sentence]


@pytest.mark.parametrize(
    "whole",
    [
        ["See Sect. 4.1 of the Proc. R. Soc. Edinb. for it.", "It is short."],
        ["El Sr. Ruiz y la Dra. Vega viven en la Av. Norte.", "EE. UU. no firmó.", "Fue en el s. XX.", "Nadie vino."],
        ["Mgr. Roche et MM. Blanc et Noir ont signé.", "L'abbaye date du IIe s. av. J.-C. selon lui."],
        ["Dit is het huis van mevr. De Wit.", "Zie blz. 40 van nr. 3."],
        ["Zob. rys. 7 na str. 40.", "Mieszka przy ul. Krótkiej z dr hab. Lisem."],
        ["Např. MUDr. Malý bydlí v ul. Široké.", "Viz obr. 7."],
        ["Fartyget gick kl. 7 enligt sid. 40.", "Det gäller f.eks. Bergen."],
        ["Dr. rer. nat. Eva Lang wohnt in der Parkstr. 7 in Elm.", "Sie ist alt."],
        ["Дом им. В. С. Орлова стоит на просп. Мира.", "Там живут поэты, врачи и т. д.", "Потом их стало меньше."],
        ["He was ill.", "Doctors came after World War II.", "Nobody left."],
        ["Πότε έφυγε το πλοίο;", "Έφυγε στις εννέα."],
        ["ᱱᱚᱶᱟ ᱫᱚ ᱢᱤᱫ ᱜᱮᱭᱟ᱾", "ᱱᱚᱶᱟ ᱫᱚ ᱵᱟᱨ ᱜᱮᱭᱟ᱾"],
    ],
)
def test_sentences_of_other_languages_end_where_they_end(whole: list[str]) -> None:
    assert split(" ".join(whole)) == whole
