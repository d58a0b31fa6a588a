"""What a report says in words of its own, in the language of its question."""

from agentflow.text.languages import language_of

LANGUAGES = ("de", "fr", "es", "zh", "ja")
# fmt: off
WORDS = {
    "There is not enough evidence in the documents to answer this.": (
        "Die Dokumente enthalten nicht genug Belege, um dies zu beantworten.",
        "Les documents ne contiennent pas assez d'éléments pour répondre à cette question.",
        "Los documentos no contienen pruebas suficientes para responder a esta pregunta.",
        "文档中没有足够的证据来回答这个问题。", "文書には、この質問に答えるだけの根拠がありません。"),
    "Claims": ("Aussagen", "Affirmations", "Afirmaciones", "论断", "主張"),
    "Evidence": ("Belege", "Sources citées", "Pruebas", "证据", "根拠"),
    "See also": ("Siehe auch", "Voir aussi", "Véase también", "另请参阅", "関連箇所"),
    "Contradicting sources": (
        "Widersprüchliche Quellen", "Sources contradictoires", "Fuentes contradictorias", "相互矛盾的来源", "食い違う情報源"),
    "one source says": ("eine Quelle sagt", "une source dit", "una fuente dice", "一个来源称", "ある情報源"),
    "another says": ("eine andere sagt", "une autre dit", "otra dice", "另一个来源称", "別の情報源"),
    "Not found": ("Nicht gefunden", "Non trouvé", "No encontrado", "未找到", "見つからなかったこと"),
    "searched for": ("gesucht wurde", "recherché", "se buscó", "搜索内容", "検索語"),
    "Not read": ("Nicht gelesen", "Non lu", "No leído", "未读取", "読めなかったもの"),
    "These files and pages could not be read, so nothing here rests on them.": (
        "Diese Dateien und Seiten waren nicht lesbar; nichts hier beruht auf ihnen.",
        "Ces fichiers et pages n'ont pas pu être lus ; rien ici ne repose sur eux.",
        "Estos archivos y páginas no se pudieron leer; nada aquí se basa en ellos.",
        "这些文件和页面无法读取，因此本报告不以它们为依据。", "これらのファイルとページは読めなかったため、この報告の根拠に含まれません。"),
    "Notes": ("Hinweise", "Remarques", "Notas", "备注", "注記"),
    "References": ("Literatur", "Références", "Referencias", "参考文献", "参考文献"),
    "partly supported": (
        "teilweise belegt", "partiellement étayé", "respaldado en parte", "部分得到支持", "一部のみ裏づけあり"),
    "contradicted": ("widersprochen", "contredit", "contradicho", "存在矛盾", "矛盾あり"),
    "page": ("Seite", "page", "página", "页", "ページ"),
    "of claims supported as written": (
        "der Aussagen wörtlich belegt", "des affirmations étayées telles quelles", "de las afirmaciones respaldadas tal cual",
        "的论断得到原文支持", "の主張が原文で裏づけられています"),
    "written by": ("verfasst von", "rédigé par", "redactado por", "撰写模型", "作成モデル"),
    "prompt tokens": ("Eingabe-Token", "jetons en entrée", "tokens de entrada", "输入词元", "入力トークン"),
    "cached": ("aus dem Cache", "en cache", "en caché", "来自缓存", "キャッシュ"),
    "answered": ("Antwort-Token", "en réponse", "de respuesta", "输出词元", "出力トークン"),
    "run": ("Lauf", "exécution", "ejecución", "运行", "実行"),
}
# fmt: on


class ReportWords:
    """`words["Claims"]` is `Aussagen` where the question is German. In a language without a table it is what was asked for."""

    def __init__(self, question: str) -> None:
        found = language_of(question)
        self.language = found if found in LANGUAGES else "en"

    def __getitem__(self, english: str) -> str:
        return english if self.language == "en" else WORDS[english][LANGUAGES.index(self.language)]
