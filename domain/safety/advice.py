"""Sentences that advise as only a doctor, a lawyer or an adviser may: what code can tell of them.

The instructions forbid all of it; this holds up what is plain in the words of one sentence (a dose, a diagnosis, an
all-clear, a verdict on a claim, an investment). Advice in other clothes passes.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from domain.text import plain_words

Advice = Literal["dose", "diagnosis", "legal", "financial"]

_NUMBER: Final = (
    r"(?:\d+(?: \d+)?|half an?|one|two|three|four|five|six|eight|ten|twelve|a couple of)"
)
_UNIT: Final = r"(?:mg|milligrams?|ml|millilit(?:er|re)s?|micrograms?|tablets?|pills?|capsules?|drops|puffs|teaspoons?|doses?)"
_DRUG: Final = r"(?:ibuprofen|paracetamol|acetaminophen|aspirin|amoxicillin|antibiotics?|painkillers?|tylenol|advil|insulin|codeine|naproxen)"
_ILLNESS: Final = (
    r"(?:infection|abscess|cavity|root canal infection|gingivitis|flu|fracture|pneumonia|appendicitis|cancer|tumou?r|diabetes"
    r"|concussion|migraine|allergic reaction|broken (?:bone|jaw|arm|leg)|strep throat|heart (?:problem|condition)|covid|ulcer|sprain)"
)
_PATTERNS: Final[tuple[tuple[Advice, str], ...]] = (
    ("dose", rf"(?:take|taking|give (?:him|her|them|your \w+)|swallow|use|try) (?:up to |about |another )?{_NUMBER} (?:\w+ )?{_UNIT}"),
    ("dose", rf"{_NUMBER} (?:\w+ )?{_UNIT} (?:of \w+ )?(?:every|twice|once|three times|each|per|a day|daily)"),
    ("dose", rf"(?:you|he|she|they) (?:can|could|should|may|must) (?:safely |also |just )?(?:take|stop taking|double|skip|increase|reduce|combine) (?:\w+ )?(?:{_DRUG}|your (?:medication|medicine|pills|dose))"),
    ("dose", rf"(?:safe|fine|ok|okay) to (?:take|combine|mix) (?:\w+ )?(?:{_DRUG}|\w+ with {_DRUG})"),
    ("diagnosis", rf"(?:you|he|she|they) (?:probably |likely |definitely |might |may |could |must |clearly )*(?:have|has|ve got|s got) (?:an? |the )?(?:\w+ )?{_ILLNESS}"),
    ("diagnosis", rf"(?:sounds|looks|seems) (?:\w+ )?like (?:you have |it s |it is )?(?:an? |the )?(?:\w+ )?{_ILLNESS}"),
    ("diagnosis", r"(?:nothing|isn t anything|not anything|not) (?:to be )?(?:serious|dangerous) ?(?:to worry about)?$|nothing to worry about$|no need to (?:see|call) a doctor|don t need (?:to see )?a doctor"),
    ("legal", r"you (?:can|could|should|would|will) (?:probably |definitely |easily )?(?:sue|win (?:the|your|this) case|press charges|break the contract)|you (?:have|ve got) a (?:strong|good|solid) case|(?:you|they) (?:are|re) (?:not )?(?:legally )?liable"),
    ("financial", r"you should (?:definitely |probably )?(?:invest|buy (?:stocks|shares|gold|bitcoin)|sell (?:your|the) (?:shares|stocks)|refinance|take out a loan|deduct)"),
    ("dose", r"(?:tome|tomese|tomar|dele|use) (?:hasta )?(?:\d+|un|una|dos|tres|cuatro|medio|media) (?:\w+ )?(?:mg|miligramos|ml|mililitros|pastillas?|comprimidos?|capsulas?|gotas|dosis)"),
    ("dose", r"(?:puede|debe|deberia) (?:tomar|dejar de tomar|doblar) (?:\w+ )?(?:ibuprofeno|paracetamol|aspirina|antibioticos?|amoxicilina|su medicacion)"),
    ("diagnosis", r"(?:tiene|tendra|parece|sera) (?:usted |seguramente |probablemente |que tiene )?(?:una? )?(?:infeccion|absceso|caries|gripe|fractura|neumonia|apendicitis|cancer|diabetes|esguince)"),
    ("diagnosis", r"no es (?:nada )?grave|no hace falta (?:que vaya al|ir al) medico"),
    ("legal", r"(?:puede|deberia) (?:usted )?(?:demandar|denunciar|demandarlos|ganar el juicio)"),
    ("financial", r"(?:deberia|debe) (?:usted )?(?:invertir|comprar acciones|vender sus acciones)"),
    ("dose", r"(?:\d+|एक|दो|तीन|आधी) (?:\S+ )?(?:गोली|गोलियाँ|गोलियां|मिलीग्राम|एमएल|बूँद|बूँदें|चम्मच) (?:\S+ ){0,3}(?:लीजिए|लें|ले लो|खाइए|खाएँ|खा लो|ले लीजिए|दीजिए|दें)"),
    ("diagnosis", r"(?:आपको|उन्हें|उसे) (?:शायद |लगता है )?(?:इन्फेक्शन|संक्रमण|फ्लू|निमोनिया|मधुमेह|कैंसर|फ्रैक्चर|कैविटी) (?:है|हो गया|हुआ)|कोई गंभीर बात नहीं"),
    ("legal", r"(?:आप) (?:\S+ )?(?:मुकदमा|केस) (?:कर सकते|कीजिए|करें)"),
)  # fmt: skip
_ADVISES: Final = tuple(
    (advice, re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")) for advice, pattern in _PATTERNS
)
_ASKED: Final = re.compile(
    r"(?<!\S)(?:doctor|dentist|dr|pharmacist|physician|lawyer|nurse) (?:\w+ )?(?:said|says|told|prescribed|wants|wrote|noted|has told|can tell)(?!\S)"
    r"|(?<!\S)(?:can t|cannot|can not|not able to|may not|not allowed to|no puedo|नहीं बता)(?!\S)"
)


def gives_advice(sentence: str, *, known: str = "") -> Advice | None:
    """What kind of advice a sentence gives, if any. Questions give none, nor does what refuses to; nor what the
    business itself has callers told (`known`, in plain words)."""
    if sentence.rstrip().endswith("?"):
        return None
    plain = " ".join(plain_words(sentence))
    if _ASKED.search(plain):
        return None
    for advice, pattern in _ADVISES:
        match = pattern.search(plain)
        if match is not None and _with_more(plain, match) not in known:
            return advice
    return None


def _with_more(plain: str, match: re.Match[str]) -> str:
    """What was found, with the three words behind it: `two tablets` of what."""
    after = plain[match.end() :].split()[:3]
    return " ".join([match.group(), *after])
