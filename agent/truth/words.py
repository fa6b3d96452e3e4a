"""What is said, and what the model is told, when an answer of the model can't be spoken."""

from __future__ import annotations

from typing import Final, Literal

from domain.calls.events import Deed
from domain.claims.claim import Claim
from domain.claims.kinds import DEED, TOOLS, Spoken

FixedName = Literal["not_done", "wrong_time", "nothing_said", "go_on", "not_read_out", "moment"]

_NOT_DONE: Final[dict[Spoken, dict[Deed, str]]] = {
    "en": {
        "booked": "I'm sorry, that isn't booked yet. Which day and time shall I book for you?",
        "moved": "I'm sorry, that isn't moved yet. Which day and time would you like instead?",
        "cancelled": "I'm sorry, that isn't cancelled yet. Which appointment shall I cancel?",
        "confirmed": "I'm sorry, that isn't confirmed yet. Which appointment is it about?",
        "sent": "I'm sorry, I have not passed anything on yet. What message may I take, and who is calling?",
        "connected": "I'm sorry, I have not connected you yet. Would you like to speak with a person, or leave a message?",
        "saved": "I'm sorry, I have not noted that yet. Could you tell me once more, please?",
    },
    "es": {
        "booked": "Lo siento, todavía no está reservado. ¿Qué día y a qué hora quiere que le reserve?",
        "moved": "Lo siento, todavía no está cambiado. ¿Qué día y a qué hora prefiere?",
        "cancelled": "Lo siento, todavía no está cancelado. ¿Qué cita quiere que cancele?",
        "confirmed": "Lo siento, todavía no está confirmado. ¿De qué cita se trata?",
        "sent": "Lo siento, todavía no he pasado ningún recado. ¿Qué recado le tomo, y quién llama?",
        "connected": "Lo siento, todavía no le he pasado con nadie. ¿Quiere hablar con una persona o dejar un recado?",
        "saved": "Lo siento, todavía no lo he anotado. ¿Me lo puede decir otra vez, por favor?",
    },
    "hi": {
        "booked": "क्षमा करें, यह अभी बुक नहीं है। मैं किस दिन और किस समय के लिए बुक करूँ?",
        "moved": "क्षमा करें, यह अभी बदला नहीं है। आपको कौन सा दिन और समय चाहिए?",
        "cancelled": "क्षमा करें, यह अभी रद्द नहीं है। कौन सी अपॉइंटमेंट रद्द करनी है?",
        "confirmed": "क्षमा करें, यह अभी पक्का नहीं है। यह किस अपॉइंटमेंट के बारे में है?",
        "sent": "क्षमा करें, संदेश अभी किसी को नहीं दिया गया है। मैं क्या संदेश लूँ, और कौन बोल रहे हैं?",
        "connected": "क्षमा करें, आपकी कॉल अभी किसी से जुड़ी नहीं है। आप किसी से बात करना चाहेंगे, या संदेश छोड़ना?",
        "saved": "क्षमा करें, यह अभी लिखा नहीं गया है। क्या आप फिर से बता सकते हैं?",
    },
}
_FIXED: Final[dict[FixedName, dict[Spoken, str]]] = {
    "not_done": {
        "en": "I'm sorry, that isn't done yet. What exactly would you like me to do?",
        "es": "Lo siento, eso todavía no está hecho. ¿Qué quiere que haga exactamente?",
        "hi": "क्षमा करें, यह अभी नहीं हुआ है। आप ठीक-ठीक क्या करवाना चाहते हैं?",
    },
    "wrong_time": {
        "en": "I'm sorry, I nearly told you a wrong time. The right one is {time}.",
        "es": "Perdone, casi le digo una hora equivocada. La correcta es {time}.",
        "hi": "क्षमा करें, मैं गलत समय बताने वाला था। सही समय है {time}।",
    },
    "nothing_said": {
        "en": "I'm sorry, I can't do that just now. Shall I take a message, or is there something else?",
        "es": "Lo siento, ahora mismo no puedo hacerlo. ¿Le tomo un recado, o necesita otra cosa?",
        "hi": "क्षमा करें, यह मैं अभी नहीं कर सकता। क्या मैं संदेश लूँ, या कुछ और काम है?",
    },
    "go_on": {"en": "Shall I go on?", "es": "¿Sigo?", "hi": "क्या मैं आगे बताऊँ?"},
    "not_read_out": {
        "en": "I can't read that out, but I'm glad to help you. What can I do for you?",
        "es": "Eso no se lo puedo leer, pero le ayudo con mucho gusto. ¿Qué necesita?",
        "hi": "यह मैं पढ़कर नहीं सुना सकता, पर आपकी मदद कर सकता हूँ। बताइए, क्या काम है?",
    },
    "moment": {"en": "One moment, please.", "es": "Un momento, por favor.", "hi": "एक क्षण रुकिए।"},
}


def fixed(name: FixedName, language: Spoken) -> str:
    """A sentence in the caller's language."""
    return _FIXED[name][language]


def not_done(claim: Claim) -> str:
    """What the caller hears instead of a false claim, in the language that it was made in."""
    if claim.kind in ("done", "mailed", "standing", "listed"):
        return fixed("not_done", claim.language)
    return _NOT_DONE[claim.language][DEED[claim.kind]]


def right_time(time: str, language: Spoken) -> str:
    """What the caller hears instead of a wrong time of an appointment that they have."""
    return _FIXED["wrong_time"][language].format(time=time)


def note(claim: Claim, sentence: str, *, facts: str) -> str:
    """What the model is told of its false claim. `facts` is what the call's journal holds."""
    tools = " or ".join(sorted(TOOLS[claim.kind]))
    do = (
        f"If the caller has agreed to it, do it now with {tools}; otherwise"
        if tools
        else "No tool does that:"
    )
    return (
        f'You were about to say: "{sentence}" The caller has not heard it, because it is not true: {facts} '
        f"{do} answer the caller without claiming it: say that it is not done yet, or ask for what is missing."
    )


NOTHING_SAID: Final = (
    "Your last answer could not be spoken: there was nothing in it to say. Answer the caller now in one or two"
    " short plain sentences, without markup, code or tools."
)
