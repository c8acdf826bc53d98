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
# Of people alone: a university may be African, a car black, and a name Christian.
_PERSON: Final = {
    "en": r"(?:m[ae]n|wom[ae]n|person|people|boys?|girls?|child(?:ren)?|lad(?:y|ies)|gentlem[ae]n|males?|females?|youths?|"
    r"students?|participants?|speakers?|dancers?|crowd)",
    "fr": r"(?:homme|femme|personne|garçon|fille|enfant|dame|monsieur|étudiante?|participante?|orat(?:eur|rice)|public|foule)s?",
    "nl": r"(?:man|mannen|vrouw(?:en)?|persoon|personen|mens(?:en)?|jongens?|meisjes?|kind(?:eren)?|dames?|heer|heren|studente?n?|"
    r"deelnemers?|sprekers?|publiek)",
    "es": r"(?:hombre|mujer|persona|niñ[oa]|chic[oa]|señor|señora|estudiante|participante|orador|oradora|público)(?:e?s)?",
}
_BEFORE: Final = {  # what stands before the person in these languages
    "en": r"(?:caucasian|african(?:[- ]american)?|asian|hispanic|latin[oa]|arab|black|white|dark|muslim|jewish|christian|"
    r"hindu|obese|fat|overweight|chubby|handicapped|disabled|elderly|old|attractive|handsome|ugly|pretty|beautiful)",
    "nl": r"(?:blanke|zwarte|witte|donkere|aziatische|afrikaanse|arabische|islamitische|joodse|christelijke|dikke|zwaarlijvige|"
    r"gehandicapte|bejaarde|oude|oudere|knappe|mooie|lelijke)",
    "fr": r"(?:jolie|belle|vieille|vieux|vieil|grosse|gros)s?",
    "es": r"(?:guap|viej|gord)[oa]s?",
}
_AFTER: Final = {  # and what stands behind it
    "fr": r"(?:noire?|blanche|blanc|caucasien(?:ne)?|asiatique|africaine?|arabe|métisse?|musulmane?|juif|juive|chrétien(?:ne)?|"
    r"obèse|handicapée?|âgée?|séduisante?)s?",
    "es": r"(?:negr[oa]|blanc[oa]|caucásic[oa]|asiátic[oa]|african[oa]|árabe|musulm[aá]n|musulmana|judí[oa]|cristian[oa]|obes[oa]|"
    r"discapacitad[oa]|ancian[oa]|mayor|atractiv[oa])(?:e?s)?",
}
ATTRIBUTE: Final = _any(
    *(rf"{_BEFORE[lang]} (?:\w+ )?{_PERSON[lang]}\b" for lang in _BEFORE),
    *(rf"{_PERSON[lang]} (?:\w+ )?{_AFTER[lang]}\b" for lang in _AFTER),
    r"(?:black|white|brown|dark|pale|light)[- ]skinned\b",
    r"(?:muslims|hindus|musulmans|musulmanes|musulmanas|moslims?|d['\u2019]origine [a-zà-ÿ]+|van [a-z]+ afkomst|de origen \w+)\b",
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
