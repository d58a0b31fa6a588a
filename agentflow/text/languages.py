"""The language of a question, told by its script and its small words; English where no other shows."""

import re

from agentflow.text.fold import fold
from agentflow.text.scripts import HAN, KANA

WORD = re.compile(r"[^\W\d_]+")
JAPANESE, CHINESE = re.compile(f"[{KANA}]"), re.compile(f"[{HAN}]")
# Words that hold a sentence together, without those that English or another of these languages has as well.
SMALL = {
    "de": """aber als auf aus bei beim bin dabei damit dann daß dass dein dem denn der dessen dieser dieses durch einem einen
        einer eine eines ein euer für gegen gibt habe haben hatte hatten ich ihr ihre im ist jede jeder jedes kann kein
        keine können mein mich mir muss müssen nach nicht noch nur ob oder ohne sein seine seit sich sie sind soll sollen
        über und unser unter viele viel vom von vor wann warum welche welchem welchen welcher welches wem wen wenn wer
        werden wie wieder wird wo wofür womit woran worauf wozu wurde wurden zu zum zur zwischen""",
    "fr": """au aux avec aussi ce ces cette combien comment dans depuis des du elle elles est et été il ils leur leurs les
        mais ne nous ou où par pas pendant plus pour pourquoi quand quel quelle quelles quels qui quoi sans sont sous
        sur une vous à était""",
    "es": """al como cómo con cuál cuáles cuando cuándo cuánta cuántas cuánto cuántos del desde donde dónde el ella ellos
        entre está están fue fueron hasta hay las los más muy para pero por porque qué quién quiénes según ser sobre su
        sus también una unos y""",
    "pt": "até com dos em foi foram mais não nas nos onde os pela pelo para por quais qual quando quem são sobre uma você",
    "it": """anche che chi come con cosa da dei della delle dello degli dove è gli il nel nella perché più quale
        quali quando quanti quanto sono stato una""",
    "nl": """aan bij de deze dit een en het hoe hoeveel naar niet om op tussen uit voor waar waarom wanneer wat welke werd
        werden wie wordt worden zijn""",
}  # fmt: skip
KNOWN = {language: frozenset(words.split()) for language, words in SMALL.items()}


def language_of(text: str) -> str:
    """`de`, `fr`, `es`, `pt`, `it`, `nl`, `ja`, `zh`, else `en`. Two small words have to say so."""
    if JAPANESE.search(text):
        return "ja"
    if CHINESE.search(text):
        return "zh"
    words = frozenset(WORD.findall(fold(text)))
    counts = sorted(((len(words & known), language) for language, known in KNOWN.items()), reverse=True)
    (most, language), (second, _) = counts[:2]
    return language if most >= 2 and most > second else "en"
