"""What somebody who answered a ringing telephone means: yes, no, or the words of an answering machine."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

from agent.phrases import spoken_language
from domain.businesses.settings import Language

Meaning = Literal["yes", "no"]
KEYS: Final[dict[str, Meaning]] = {"1": "yes", "2": "no"}

_YES: Final = {
    "en": "yes|yeah|yep|yup|sure|okay|ok|of course|absolutely|certainly|go ahead|put (?:them|him|her) through"
    "|connect (?:me|us|them|him|her)|i'll take (?:it|the call|them)|one",
    "es": "sí|si|claro|vale|de acuerdo|por supuesto|adelante|pásame(?:l[oa])?|pásemel[oa]|uno",
    "hi": "हाँ|हां|हा|जी|जी हाँ|ठीक है|ठीक|बिल्कुल|ज़रूर|जरूर|जोड़ दीजिए|जोड़ दो|एक",
}
_NO: Final = {
    "en": "no|nope|nah|not now|can't|cannot|can not|don't|do not|won't|busy|later|call back|decline|two",
    "es": "no|ahora no|no puedo|ocupad[oa]|más tarde|luego|rechazar|dos",
    "hi": "नहीं|नही|ना|अभी नहीं|मत|बाद में|व्यस्त|दो",
}
_MACHINE: Final = (
    # English, Spanish, Hindi: what no person says who takes a call.
    r"after the (?:tone|beep)|at the tone|leave (?:a|your|me a) (?:short |brief |detailed )?message|voice ?mail"
    r"|mailbox|can(?:'|no)?t (?:come to|get to|take|answer) (?:the|your|my) (?:phone|call)|unable to (?:take|answer)"
    r"|(?:is|am|are) not available|reached the (?:voice|mail|answering)|record your message|press (?:pound|hash)"
    r"|después (?:de la señal|del tono)|dej[ea] (?:su|un|tu) mensaje|buzón de voz|contestador"
    r"|no (?:está|se encuentra) disponible|no puedo atender"
    r"|बीप के बाद|टोन के बाद|संदेश छोड़|वॉइस ?मेल|उपलब्ध नहीं"
)


def meaning(text: str, language: Language) -> Meaning | None:
    """Whether `text` takes the call or declines it. A no in it counts more than a yes: a caller who waits a
    little longer is better than one who is put through to somebody who does not want them."""
    said, spoken = _plain(text), spoken_language(language)
    # English is understood everywhere: many business lines are bilingual.
    for language_code in dict.fromkeys((spoken, "en")):
        if _has(_NO[language_code], said):
            return "no"
    for language_code in dict.fromkeys((spoken, "en")):
        if _has(_YES[language_code], said):
            return "yes"
    return None


def from_a_machine(text: str) -> bool:
    """Whether these are the words of an answering machine or a voicemail service."""
    return re.search(_MACHINE, _plain(text)) is not None


def _has(words: str, said: str) -> bool:
    # \b does not know where a Devanagari word ends: its vowel signs are no word characters.
    return re.search(rf"(?:^|\s)(?:{words})(?:$|\s)", said) is not None


def _plain(text: str) -> str:
    lowered = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    return re.sub(r"[^\w\s'\u0900-\u097f]", " ", lowered).strip()
