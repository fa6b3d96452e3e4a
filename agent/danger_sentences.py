"""What a caller in danger hears: fixed sentences with the numbers of the business's country, spoken digit by
digit. Made ahead with the others, so that they are there with every vendor down."""

from __future__ import annotations

from typing import Final, Literal

from agent.phrases import phrase, spoken_language
from domain.businesses.settings import Language
from domain.safety.numbers import crisis_line, digit_by_digit, emergency_number

Answered = Literal["emergency", "self_harm", "threat"]
"""Dangers whose answer names a number. Each has a phrase of the same name for where none is known."""

# The number comes first: who is in danger may not listen to the end.
_SENTENCES: Final[dict[str, dict[Answered, str]]] = {
    "en": {
        "emergency": "Call {emergency} now. If anyone is in danger, please hang up and dial {emergency}. I am telling the staff, and I stay on the line.",
        "self_harm": "I'm glad that you told me. Please call {crisis}: somebody is there for you, day and night. If you are in danger right now, call {emergency}. I am telling the staff, and I stay on the line.",
        "threat": "I take that seriously, and I am telling the staff. If anyone is in danger, please call {emergency}.",
    },
    "es": {
        "emergency": "Llame ahora al {emergency}. Si alguien está en peligro, cuelgue y marque el {emergency}. Aviso al personal y sigo en la línea.",
        "self_harm": "Gracias por contármelo. Por favor, llame al {crisis}: hay alguien para usted, de día y de noche. Si está en peligro ahora mismo, llame al {emergency}. Aviso al personal y sigo en la línea.",
        "threat": "Me lo tomo en serio y aviso al personal. Si alguien está en peligro, llame al {emergency}.",
    },
    "hi": {
        "emergency": "अभी {emergency} पर कॉल करें। अगर कोई खतरे में है, तो फ़ोन रखकर {emergency} मिलाएँ। मैं हमारे कर्मचारियों को बता रहा हूँ और लाइन पर हूँ।",
        "self_harm": "अच्छा हुआ कि आपने मुझे बताया। कृपया {crisis} पर कॉल करें, वहाँ दिन रात कोई आपके लिए है। अगर आप अभी खतरे में हैं, तो {emergency} पर कॉल करें। मैं हमारे कर्मचारियों को बता रहा हूँ और लाइन पर हूँ।",
        "threat": "मैं इसे गंभीरता से लेता हूँ और हमारे कर्मचारियों को बता रहा हूँ। अगर कोई खतरे में है, तो {emergency} पर कॉल करें।",
    },
}


def danger_sentences(*, country: str, own_number: str, language: Language) -> dict[Answered, str]:
    """What is said for each danger. `country` is ISO 3166-1 alpha-2; `own_number` is the emergency number that
    the business has set, or empty."""
    emergency = emergency_number(country, own=own_number)
    texts = _SENTENCES[spoken_language(language)]
    if not emergency:
        # A number that is not the country's would cost minutes.
        return {danger: phrase(danger, language) for danger in texts}
    crisis = crisis_line(country, own_emergency=own_number)
    return {
        danger: text.format(
            emergency=digit_by_digit(emergency),
            crisis=digit_by_digit(crisis),
        )
        for danger, text in texts.items()
    }
