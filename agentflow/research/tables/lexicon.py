"""The words by which people ask of rows, and by which columns are called."""

from agentflow.text.words import families

MOST = (
    "most highest largest biggest greatest longest tallest heaviest maximum max latest newest last oldest farthest furthest"
    " strongest priciest dearest top"
).split()
LEAST = (
    "least fewest lowest smallest cheapest shortest lightest minimum min earliest first youngest nearest weakest soonest"
).split()

# By the adjective, what a column that it compares may be called.
COMPARED = {
    families(adjectives).pop() if " " not in adjectives else adjectives: columns.split()
    for adjectives, columns in {
        "expensive": "price cost amount total fee rent value", "cheapest": "price cost amount total fee rent value",
        "priciest": "price cost amount total", "dearest": "price cost amount total",
        "longest": "length duration hours minutes days km miles distance pages", "shortest": "length duration hours minutes days km miles distance height pages",
        "tallest": "height", "heaviest": "weight mass", "lightest": "weight mass", "oldest": "age", "youngest": "age",
        "farthest": "distance km miles", "furthest": "distance km miles", "nearest": "distance km miles",
    }.items()
}  # fmt: skip
IN_TIME = dict.fromkeys("latest newest last recent youngest".split(), 1)
IN_TIME |= dict.fromkeys("earliest first oldest soonest".split(), -1)
MONEY = "actual amount total cost costs price paid value sum spent spend expense expenses fee gross net betrag kosten preis".split()
SPENDING = families(
    "spend spent cost costs pay paid paying price money expense expensive cheap cheapest owe owes charge want ask worth bill payment payments"
)
EARNS = families("earn earns earned earning")
EARNING = EARNS | families("paid")
INCOME = "salary wage wages income pay earnings".split()
COUNTS = "n count number quantity qty individuals anzahl menge seen sold stock".split()
TALLIED = families(
    "seen see counted count recorded observed observation sold ordered order stock caught bought buy donated available"
)
UNITS = {
    "t": "tonnes tons", "kg": "kilograms kilos", "g": "grams", "km": "kilometres kilometers", "m": "metres meters",
    "l": "litres liters", "h": "hours", "min": "minutes", "eur": "euros", "usd": "dollars", "gbp": "pounds",
}  # fmt: skip
PLACES = "location place room where site shelf address venue position ort".split()
STAYS = families("keep keeps kept store stored find found live lives located stand stands stay")
STARTS = "start starts started begin begins from since issued joined opened".split()
# The verbs that ask for a day or a person, and what its column may be called.
EVENTS = [
    (families(verbs), names.split())
    for verbs, names in [
        ("expire expires expired lapse run runs ran out due end ends valid renew renewal", "expires expiry expiration until valid due end ends next"),
        ("start starts began begin begins", " ".join(STARTS)),
        ("die died killed death fell dead", "death died killed"),
        ("born birth birthday", "born birth birthday"),
        ("buy bought purchase purchased", "bought purchase purchased"),
        ("deliver delivered arrive arrived", "delivered delivery arrival arrives arrived"),
        ("leave left depart departs", "departure departs left leaves"),
        ("pay paid settled", "paid"),
        ("write wrote written", "author authors writer"),
        ("see saw seen observe observed record recorded", "observer recorder"),
        ("teach teaches taught", "teacher"),
    ]
]  # fmt: skip
TIMED = families("next last valid")
OF_ANY = (
    "we i you us our my your me their they please tell show list name give altogether all together total sum overall average mean amount"
    " number count figure entry row record recorded item thing time many much have has had do does did been be there exist happen made make go went"
    " get got given one person people who what which when where end document file table sheet folder register transcript rota log report trip holiday journey"
    " moment day level limit threshold whole entire line men women people staff added"
    " project say said listed mentioned different distinct separate kind combined value highest lowest most least biggest largest smallest latest"
    " newest earliest oldest longest shortest first last recent recently ever so far currently now still already yet across during within common"
    " commonly frequent frequently often put come both each per quarterly monthly yearly annual weekly daily used use sum add up only single included including actually really exactly roughly approximately"
).split()
GENERIC = families(" ".join(OF_ANY)) | {"how", "per"}
