"""What machines say of pictures and may not: that they can't, that they guess, and of people what nobody asked. By language."""

from __future__ import annotations

import re
from typing import Final


def _any(*parts: str) -> re.Pattern[str]:
    """Any of these, as whole words."""
    return re.compile(rf"\b(?:{'|'.join(parts)})", re.IGNORECASE)


REFUSAL: Final = _any(
    r"as an? (?:ai|artificial|(?:large )?language model|assistant)\b",
    r"(?:i'?m|i am) (?:sorry|unable|not able)\b",
    r"i (?:can'?t|cannot|apologi[sz]e)\b",
    r"(?:the|this) (?:provided|given|attached) (?:image|picture|photo)\b",
    r"en tant qu['\u2019 ](?:ia|intelligence|assistant|modèle)",
    r"je suis désolée?\b",
    r"je ne (?:peux|suis) pas\b",
    r"l['\u2019]image fournie\b",
    r"als (?:ai|taalmodel|assistent)\b",
    r"het spijt me\b",
    r"ik kan (?:geen|niet|deze|dit|helaas)\b",
    r"de (?:verstrekte|bijgevoegde) (?:afbeelding|foto)\b",
    r"como (?:ia|inteligencia|modelo de lenguaje|asistente)\b",
    r"lo siento\b",
    r"no puedo\b",
    r"la imagen proporcionada\b",
)
GUESS: Final = _any(
    r"(?:possibly|perhaps|maybe|presumably|appears? to|might be|may be|could be|suggest(?:s|ing))\b",
    r"(?:peut-être|vraisemblablement|apparemment|on dirait|suggér(?:ant|ent|e)|laissant penser)\b",
    r"(?:misschien|mogelijk|vermoedelijk|lijkt|lijken|schijnt)\b",
    r"(?:quizás?|tal vez|posiblemente|aparentemente|parecen|sugier(?:e|en))\b",
)
# Origin, skin, religion, health, age, looks. Colours only where they are said of people: a black car may be one.
ATTRIBUTE: Final = _any(
    r"(?:caucasian|african[- ]american|asian|hispanic|latin[oa]s?)\b",
    r"(?:black|white|brown|dark|pale|light)[- ]skinned\b",
    r"(?:black|white) (?:m[ae]n|wom[ae]n|persons?|people|girls?|boys?|child(?:ren)?)\b",
    r"(?:muslims?|jewish|christians?|hindus?|obese|overweight|chubby|handicapped|disabled|elderly|attractive|handsome|ugly)\b",
    r"beautiful (?:wom[ae]n|girls?|lad(?:y|ies))\b",
    r"(?:caucasien(?:ne)?|asiatique|africaine?|musulmane?|juif|juive|chrétien(?:ne)?|obèse|handicapée?|âgée?)s?\b",
    r"(?:femme|homme|personne|enfant)s? (?:noire?|blanche|blanc)s?\b",
    r"d['\u2019]origine [a-zà-ÿ]+",
    r"jolies? (?:femme|fille)s?\b",
    r"(?:blanke|aziatische?|afrikaanse?|moslims?|joodse?|christelijke?|zwaarlijvige?|gehandicapte?n?|bejaarde?n?|knappe)\b",
    r"(?:zwarte|witte|donkere|oudere) (?:man|mannen|vrouw|vrouwen|mens|mensen|persoon|personen)\b",
    r"(?:caucásic|asiátic|african|judí|cristian|obes|discapacitad|ancian|guap)[oa]s?\b",
    r"musulm(?:án|ana|anes|anas)\b",
    r"(?:hombre|mujer|persona)e?s? (?:negr|blanc)[oa]s?\b",
)
# What a sentence may begin with: its capital says nothing.
FIRST: Final = frozenset(
    word
    for words in (
        "a an the this these two three four five six seven eight nine ten several some many people",
        "in on at behind above under beside inside outside with",
        "l' le la les un une des deux trois quatre cinq six sept huit neuf dix plusieurs quelques dans sur sous devant",
        "derrière au aux avec",
        "de het een twee drie vier vijf zes zeven acht negen tien enkele verschillende mensen op achter voor boven onder",
        "naast met",
        "el los las una unos unas dos tres cuatro cinco seis siete ocho nueve diez varios varias algunos en sobre bajo",
        "detrás con",
    )
    for word in words.split()
)
