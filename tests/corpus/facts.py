"""Made facts in fifteen languages, from a seed: each tells a number of a place that is nowhere else, and has a question."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """A fact, the question that it answers, and a sentence before and behind it that tells nothing of the kind."""

    language: str
    fact: str
    question: str
    before: str
    after: str
    title: str


@dataclass(frozen=True, slots=True)
class Language:
    """`pairs`: patterns of a fact and of its question; a place's name is a beginning and an end."""

    pairs: tuple[tuple[str, str], ...]
    beginnings: tuple[str, ...]
    ends: tuple[str, ...]
    before: str
    after: str
    title: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LANGUAGES = {
    "en": Language(
        (
            ("The bridge of {} is {} metres long.", "How long is the bridge of {}?"),
            ("The lighthouse of {} was painted red in 1{}.", "When was the lighthouse of {} painted red?"),
            ("The mill at {} grinds {} sacks of barley a day.", "How many sacks does the mill at {} grind a day?"),
            ("The well of {} is {} feet deep.", "How deep is the well of {}?"),
            ("The library of {} keeps {} maps.", "How many maps does the library of {} keep?"),
        ),
        _words("Sker Dun Quill Marrow Hal Thorn Brack Eldow Fenni Garro Holme Innis"),
        _words("row mouth mere wick by ford stead combe don sey"),
        "Nothing of note happened in the other weeks.",
        "The rest of the year was quiet.",
        "Notes of the parish",
    ),
    "de": Language(
        (
            ("Die Brücke von {} ist {} Meter lang.", "Wie lang ist die Brücke von {}?"),
            ("Der Turm von {} hat {} Stufen.", "Wie viele Stufen hat der Turm von {}?"),
            ("Die Mühle in {} mahlt täglich {} Säcke Gerste.", "Wie viele Säcke Gerste mahlt die Mühle in {}?"),
            ("Der Brunnen von {} ist {} Fuß tief.", "Wie tief ist der Brunnen von {}?"),
            ("Die Bücherei in {} verwahrt {} Landkarten.", "Wie viele Landkarten verwahrt die Bücherei in {}?"),
        ),
        _words("Ahl Tann Velm Seck Hallw Brom Klüt Oster Rhöd Schön Wurz Zell"),
        _words("en au den ach ang hausen stedt bach rode ingen"),
        "In den übrigen Wochen geschah nichts Nennenswertes.",
        "Der Rest des Jahres verlief ruhig.",
        "Aufzeichnungen der Gemeinde",
    ),
    "fr": Language(
        (
            ("Le pont de {} mesure {} mètres de long.", "Quelle est la longueur du pont de {} ?"),
            ("Le phare de {} fut repeint en 1{}.", "En quelle année le phare de {} fut-il repeint ?"),
            ("Le moulin de {} moud {} sacs d'orge par jour.", "Combien de sacs d'orge moud le moulin de {} ?"),
            ("Le puits de {} est profond de {} pieds.", "Quelle est la profondeur du puits de {} ?"),
            ("La bibliothèque de {} conserve {} cartes.", "Combien de cartes conserve la bibliothèque de {} ?"),
        ),
        _words("Ver Brev Kerm Aubr Mont Saint-Él Vill Chât Long Roch Pré Lav"),
        _words("zac on eur ac ignon ers ette oux ay ière"),
        "Rien de notable ne s'est passé les autres semaines.",
        "Le reste de l'année fut calme.",
        "Carnets de la paroisse",
    ),
    "es": Language(
        (
            ("El puente de {} mide {} metros de largo.", "¿Cuánto mide de largo el puente de {}?"),
            ("El faro de {} se pintó de rojo en 1{}.", "¿En qué año se pintó de rojo el faro de {}?"),
            ("El molino de {} muele {} sacos de cebada al día.", "¿Cuántos sacos de cebada muele el molino de {}?"),
            ("El pozo de {} tiene {} pies de profundidad.", "¿Qué profundidad tiene el pozo de {}?"),
            ("La biblioteca de {} guarda {} mapas.", "¿Cuántos mapas guarda la biblioteca de {}?"),
        ),
        _words("Olm Vill Moral Quint Alc Peñ Torr Sant Cañ Riv Zaf Esp"),
        _words("ara ora eda ana olla uela ejo ilón itas anza"),
        "En las demás semanas no ocurrió nada digno de mención.",
        "El resto del año fue tranquilo.",
        "Apuntes de la parroquia",
    ),
    "it": Language(
        (
            ("Il ponte di {} è lungo {} metri.", "Quanto è lungo il ponte di {}?"),
            ("Il faro di {} fu dipinto di rosso nel 1{}.", "In quale anno fu dipinto di rosso il faro di {}?"),
            ("Il mulino di {} macina {} sacchi d'orzo al giorno.", "Quanti sacchi d'orzo macina il mulino di {}?"),
            ("Il pozzo di {} è profondo {} piedi.", "Quanto è profondo il pozzo di {}?"),
            ("La biblioteca di {} conserva {} mappe.", "Quante mappe conserva la biblioteca di {}?"),
        ),
        _words("Ter Cast Mond Bell Rocc Val Font Serr Pieg Civ Graz Lug"),
        _words("acina ello ovì inzago aro ipetra anella ione ola ezza"),
        "Nelle altre settimane non accadde nulla di rilevante.",
        "Il resto dell'anno fu più tranquillo, perché così è la città.",
        "Appunti della parrocchia",
    ),
    "pt": Language(
        (
            ("A ponte de {} tem {} metros de comprimento.", "Qual é o comprimento da ponte de {}?"),
            ("O farol de {} foi pintado de vermelho em 1{}.", "Em que ano o farol de {} foi pintado de vermelho?"),
            ("O moinho de {} mói {} sacos de cevada por dia.", "Quantos sacos de cevada mói o moinho de {}?"),
            ("O poço de {} tem {} pés de profundidade.", "Qual é a profundidade do poço de {}?"),
            ("A biblioteca de {} guarda {} mapas.", "Quantos mapas guarda a biblioteca de {}?"),
        ),
        _words("Alv Carv Monç Pen Ribe Sobr Vil Olh Tav Bragu Lous Ferr"),
        _words("ão alhal eira aço inha edo ança osa ães ista"),
        "Nas outras semanas não aconteceu nada de especial.",
        "O resto do ano foi calmo.",
        "Apontamentos da paróquia",
    ),
    "ru": Language(
        (
            ("Мост в селе {} имеет длину {} метров.", "Какой длины мост в селе {}?"),
            ("Маяк в селе {} покрасили в 1{} году.", "В каком году покрасили маяк в селе {}?"),
            ("Мельница в селе {} мелет {} мешков ячменя в день.", "Сколько мешков мелет мельница в селе {}?"),
            ("Колодец в селе {} имеет глубину {} метров.", "Какая глубина у колодца в селе {}?"),
            ("Библиотека в селе {} хранит {} карт.", "Сколько карт хранится в библиотеке села {}?"),
        ),
        _words("Камен Дубров Липов Соснов Берёз Ольхов Медвеж Тихо Красно Жабин Верхо Юрьев"),
        _words("ка ово ичи ино цы щина ское ье уха ята"),
        "В остальные недели не произошло ничего примечательного.",
        "Остаток года прошёл спокойно.",
        "Записки прихода",
    ),
    "zh": Language(
        (
            ("{}的石桥长{}米。", "{}的石桥有多长？"),
            ("{}的灯塔在1{}年被漆成红色。", "{}的灯塔是哪一年漆成红色的？"),
            ("{}的磨坊每天磨{}袋大麦。", "{}的磨坊每天磨多少袋大麦？"),
            ("{}的水井深{}尺。", "{}的水井有多深？"),
            ("{}的图书馆收藏了{}张地图。", "{}的图书馆收藏了多少张地图？"),
        ),
        _words("瓶窑 青石 双河 柳林 白云 石门 沙坪 龙潭 古槐 凤岭 枫桥 鹿鸣"),
        _words("镇 村 乡 湾 坝 屯 渡 集 口 塘"),
        "其余几周没有发生值得一提的事情。",
        "这一年剩下的日子很平静。",
        "教区笔记",
    ),
    "ja": Language(
        (
            ("{}の橋は全長{}メートルである。", "{}の橋の長さはどれくらいですか。"),
            ("{}の灯台は1{}年に赤く塗られた。", "{}の灯台が赤く塗られたのはいつですか。"),
            ("{}の水車は一日に{}袋の大麦を挽く。", "{}の水車は一日に何袋の大麦を挽きますか。"),
            ("{}の井戸は深さ{}尺である。", "{}の井戸はどれくらい深いですか。"),
            ("{}の図書館には地図が{}枚ある。", "{}の図書館に地図は何枚ありますか。"),
        ),
        _words("北浜 藤川 鷹取 松ヶ岡 小早瀬 桜木 羽根田 石動 水無 雁ノ巣 朝霧 八重垣"),
        _words("村 町 原 谷 崎 沢 浦 台 宿 里"),
        "ほかの週には特筆すべきことは起こらなかった。",
        "その年の残りは穏やかに過ぎた。",
        "教区の記録",
    ),
    "ko": Language(
        (
            ("{} 다리의 길이는 {}미터이다.", "{} 다리는 얼마나 긴가요?"),
            ("{} 등대는 1{}년에 빨갛게 칠해졌다.", "{} 등대를 빨갛게 칠한 해는 언제인가요?"),
            ("{} 방앗간은 하루에 보리 {}자루를 빻는다.", "{} 방앗간에서는 하루에 보리를 몇 자루 빻나요?"),
            ("{} 우물의 깊이는 {}자이다.", "{} 우물은 얼마나 깊은가요?"),
            ("{} 도서관은 지도 {}장을 보관한다.", "{} 도서관에는 지도가 몇 장 있나요?"),
        ),
        _words("솔내 달맞이 느티 까치 물안 바람 도담 새울 한여 뒤뜰 갈매 고운"),
        _words("골 말 재 벌 여울 터 마을 들 나루 섬"),
        "다른 주에는 특별한 일이 일어나지 않았다.",
        "그해의 나머지는 조용했다.",
        "교구 기록",
    ),
    "th": Language(
        (
            ("สะพานบ้าน{}ยาว {} เมตร", "สะพานบ้าน{}ยาวเท่าไร"),
            ("ประภาคารบ้าน{}ทาสีแดงเมื่อปี 1{}", "ประภาคารบ้าน{}ทาสีแดงเมื่อไร"),
            ("โรงสีบ้าน{}บดข้าวบาร์เลย์วันละ {} กระสอบ", "โรงสีบ้าน{}บดข้าวบาร์เลย์วันละกี่กระสอบ"),
            ("บ่อน้ำบ้าน{}ลึก {} ฟุต", "บ่อน้ำบ้าน{}ลึกแค่ไหน"),
            ("ห้องสมุดบ้าน{}เก็บแผนที่ไว้ {} แผ่น", "ห้องสมุดบ้าน{}เก็บแผนที่ไว้กี่แผ่น"),
        ),
        _words("หนอง ทุ่ง ดอน โคก ห้วย ป่า วัง คลอง นา เขา โนน บึง"),
        _words("บัวหลวง กระจ่าง สะแกทอง ตาลเดี่ยว จันทร์ฉาย พิกุล มะขามเฒ่า แสงทอง ไผ่ล้อม ชมพู่"),
        "สัปดาห์อื่นไม่มีเหตุการณ์สำคัญ",
        "ช่วงที่เหลือของปีเงียบสงบ",
        "บันทึกของตำบล",
    ),
    "pl": Language(
        (
            ("Most we wsi {} ma {} metrów długości.", "Ile metrów długości ma most we wsi {}?"),
            ("Wieża we wsi {} ma {} schodów.", "Ile schodów ma wieża we wsi {}?"),
            ("Młyn we wsi {} miele dziennie {} worków jęczmienia.", "Ile worków miele młyn we wsi {}?"),
            ("Studnia we wsi {} jest głęboka na {} stóp.", "Jak głęboka jest studnia we wsi {}?"),
        ),
        _words("Zale Krusz Brzez Olsz Wierz Dąb Lip Żabi Sosn Grab Jarz Kalin"),
        _words("wice yna ówka ewo iny ica owiec anka nik ów"),
        "W pozostałych tygodniach nic szczególnego się nie wydarzyło.",
        "Reszta roku upłynęła spokojnie.",
        "Zapiski parafii",
    ),
    "el": Language(
        (
            ("Η γέφυρα στο χωριό {} έχει μήκος {} μέτρα.", "Πόσο μήκος έχει η γέφυρα στο χωριό {};"),
            ("Ο φάρος στο χωριό {} βάφτηκε κόκκινος το 1{}.", "Πότε βάφτηκε κόκκινος ο φάρος στο χωριό {};"),
            ("Ο μύλος στο χωριό {} αλέθει {} σακιά κριθάρι.", "Πόσα σακιά κριθάρι αλέθει ο μύλος στο χωριό {};"),
            ("Το πηγάδι στο χωριό {} έχει βάθος {} πόδια.", "Πόσο βαθύ είναι το πηγάδι στο χωριό {};"),
        ),
        _words("Καλύβ Δρακόλιμν Αλατόβρυσ Πλαταν Κερασ Βαθύλακκ Μηλι Ασπρόπετρ Καστρ Ελατ Λιθαρ Μαυροβούν"),
        _words("α ες ιά ούσα άκι όρι ωτή ώνας ίτσα ερή"),
        "Τις υπόλοιπες εβδομάδες δεν συνέβη τίποτε αξιόλογο.",
        "Το υπόλοιπο της χρονιάς κύλησε ήρεμα.",
        "Σημειώσεις της ενορίας",
    ),
    "ar": Language(
        (
            ("يبلغ طول جسر {} {} مترا.", "كم يبلغ طول جسر {}؟"),
            ("يبلغ ارتفاع منارة {} {} مترا.", "كم يبلغ ارتفاع منارة {}؟"),
            ("تطحن طاحونة {} {} كيسا من الشعير كل يوم.", "كم كيسا تطحن طاحونة {} كل يوم؟"),
            ("يبلغ عمق بئر {} {} قدما.", "كم يبلغ عمق بئر {}؟"),
        ),
        _words("عين وادي رأس تل دير كفر بيت سهل جبل خربة مرج شعب"),
        tuple(f" {end}" for end in "الزيت النخيل الورد الغزال الحجر الرمان القصب الصنوبر اللوز السدر".split()),
        "لم يحدث شيء يذكر في الأسابيع الأخرى.",
        "مرت بقية السنة بهدوء.",
        "دفتر الرعية",
    ),
    "hi": Language(
        (
            ("{} का पुल {} मीटर लंबा है।", "{} का पुल कितना लंबा है?"),
            ("{} की मीनार में {} सीढ़ियां हैं।", "{} की मीनार में कितनी सीढ़ियां हैं?"),
            ("{} की चक्की रोज {} बोरी जौ पीसती है।", "{} की चक्की रोज कितनी बोरी जौ पीसती है?"),
            ("{} का कुआं {} फुट गहरा है।", "{} का कुआं कितना गहरा है?"),
        ),
        _words("दीप सोन राम चंद नील हरि माध देव फूल गंग लाल शिव"),
        _words("गढ़ पुर नगर गांव वाड़ा कोट खेड़ा टोला बाग घाट"),
        "बाकी हफ्तों में कोई खास बात नहीं हुई।",
        "साल का बाकी समय शांति से बीता।",
        "गांव की टिप्पणियां",
    ),
}  # fmt: skip


def made(language: str, count: int, seed: int = 17) -> list[Told]:
    """So many facts of one language, no place twice; the same for the same seed."""
    rng, known = random.Random(f"{seed} {language}"), LANGUAGES[language]
    places = [beginning + end for beginning in known.beginnings for end in known.ends]
    found = []
    for number, place in enumerate(rng.sample(places, count)):
        fact, question = known.pairs[number % len(known.pairs)]
        figure = rng.randint(102, 989)
        title = f"{known.title} {number + 1}"
        told = fact.format(place, figure), question.format(place)
        found.append(Told(language, *told, known.before, known.after, title))
    return found
