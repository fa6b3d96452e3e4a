"""What is said without a model: fixed sentences, and their bundled sound for when no vendor speaks."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, get_args

from domain.businesses.settings import Language

PhraseName = Literal[
    "greeting",
    "unknown_number",
    "unavailable",
    "retry",
    "still_there",
    "silence_goodbye",
    "time_limit",
    "connecting",
    "connecting_failed",
    "leave_message",
    "message_kept",
    "trouble_goodbye",
    "back_with_you",
    "staff_briefing",
    "staff_question",
    "staff_again",
    "staff_taken",
    "staff_caller_gone",
    "switched_off",
    "voicemail",
    "messages_only",
    "switched_on",
]
PHRASES: Final[tuple[PhraseName, ...]] = get_args(PhraseName)

_ENGLISH: Final[dict[PhraseName, str]] = {
    "greeting": "Hello, you have reached our automated receptionist. How can I help you?",
    "unknown_number": "The number you have dialled is not in service here. Please check it and call again. Goodbye.",
    "unavailable": "We are sorry, we cannot take your call right now. Please call again in a few minutes. Goodbye.",
    "retry": "I'm sorry, I didn't get that. Could you say it again, please?",
    "still_there": "Are you still there?",
    "silence_goodbye": "I can't hear anyone, so I'll end the call here. Please call again any time. Goodbye.",
    "time_limit": "I'm sorry, we have reached the longest time that I can stay on the line. Please call again if there is more. Goodbye.",
    "connecting": "One moment please, I'm connecting you.",
    "connecting_failed": "I'm sorry, nobody could take the call.",
    "leave_message": "I'm sorry, something is wrong with our system. Please tell me your name, your number and what it is about, and we will call you back. When you have finished, just stay silent or hang up.",
    "message_kept": "Thank you, I have kept your message. Goodbye.",
    "trouble_goodbye": "I'm sorry, something is wrong with our system and I can't help you right now. Please call again in a few minutes. Goodbye.",
    "back_with_you": "I'm back with you. How can I help you further?",
    "staff_briefing": "A caller would like to speak with you.",
    "staff_question": "To take the call, press 1 or say yes. To decline, press 2 or say no.",
    "staff_again": "Sorry, I did not get that. Press 1 to take the call, or 2 to decline.",
    "staff_taken": "Somebody else is taking the call. Goodbye.",
    "staff_caller_gone": "The caller has hung up. Goodbye.",
    "switched_off": "I'm sorry, I have to leave this call to the staff here.",
    "voicemail": "Thank you for calling. We can't take your call right now. Please tell me your name, your number and what it is about, and we will call you back. When you have finished, just stay silent or hang up.",
    "messages_only": "I'm sorry, from here on I can only take a message for the staff. What may I pass on?",
    "switched_on": "I can help you with everything again. What can I do for you?",
}
_SPANISH: Final[dict[PhraseName, str]] = {
    "greeting": "Hola, le atiende nuestra recepción automática. ¿En qué puedo ayudarle?",
    "unknown_number": "El número que ha marcado no está en servicio. Por favor, compruébelo y vuelva a llamar. Adiós.",
    "unavailable": "Lo sentimos, ahora mismo no podemos atender su llamada. Por favor, llame de nuevo en unos minutos. Adiós.",
    "retry": "Lo siento, no le he entendido. ¿Puede repetirlo, por favor?",
    "still_there": "¿Sigue usted ahí?",
    "silence_goodbye": "No oigo a nadie, así que termino la llamada. Puede volver a llamar cuando quiera. Adiós.",
    "time_limit": "Lo siento, la llamada ha llegado a su duración máxima. Llame de nuevo si necesita algo más. Adiós.",
    "connecting": "Un momento, por favor, le paso.",
    "connecting_failed": "Lo siento, nadie ha podido atender la llamada.",
    "leave_message": "Lo siento, hay un problema con nuestro sistema. Dígame por favor su nombre, su número y de qué se trata, y le llamaremos. Cuando termine, quédese en silencio o cuelgue.",
    "message_kept": "Gracias, he guardado su mensaje. Adiós.",
    "trouble_goodbye": "Lo siento, hay un problema con nuestro sistema y ahora no puedo ayudarle. Por favor, llame de nuevo en unos minutos. Adiós.",
    "back_with_you": "Vuelvo a estar con usted. ¿En qué más puedo ayudarle?",
    "staff_briefing": "Hay una persona que quiere hablar con usted.",
    "staff_question": "Para atender la llamada, pulse 1 o diga sí. Para rechazarla, pulse 2 o diga no.",
    "staff_again": "Lo siento, no le he entendido. Pulse 1 para atender la llamada, o 2 para rechazarla.",
    "staff_taken": "Otra persona atiende ya la llamada. Adiós.",
    "staff_caller_gone": "La persona ha colgado. Adiós.",
    "switched_off": "Lo siento, a partir de aquí tengo que dejar esta llamada al personal.",
    "voicemail": "Gracias por llamar. Ahora mismo no podemos atender su llamada. Dígame por favor su nombre, su número y de qué se trata, y le llamaremos. Cuando termine, quédese en silencio o cuelgue.",
    "messages_only": "Lo siento, a partir de ahora solo puedo tomar un recado para el personal. ¿Qué quiere que les diga?",
    "switched_on": "Ya puedo ayudarle otra vez con todo. ¿Qué puedo hacer por usted?",
}
_HINDI: Final[dict[PhraseName, str]] = {
    "greeting": "नमस्ते, यह हमारा स्वचालित स्वागत कक्ष है। मैं आपकी क्या मदद कर सकता हूँ?",
    "unknown_number": "आपका मिलाया हुआ नंबर यहाँ सेवा में नहीं है। कृपया जाँच कर फिर से कॉल करें। नमस्ते।",
    "unavailable": "क्षमा करें, हम अभी आपकी कॉल नहीं ले सकते। कृपया कुछ मिनट बाद फिर से कॉल करें। नमस्ते।",
    "retry": "क्षमा करें, मैं समझ नहीं पाया। क्या आप फिर से बता सकते हैं?",
    "still_there": "क्या आप अभी भी लाइन पर हैं?",
    "silence_goodbye": "मुझे कोई आवाज़ नहीं आ रही, इसलिए मैं कॉल समाप्त करता हूँ। आप कभी भी फिर से कॉल कर सकते हैं। नमस्ते।",
    "time_limit": "क्षमा करें, कॉल की अधिकतम अवधि पूरी हो गई है। और काम हो तो कृपया फिर से कॉल करें। नमस्ते।",
    "connecting": "कृपया एक क्षण रुकें, मैं आपको जोड़ रहा हूँ।",
    "connecting_failed": "क्षमा करें, कोई भी कॉल नहीं ले सका।",
    "leave_message": "क्षमा करें, हमारे सिस्टम में समस्या है। कृपया अपना नाम, नंबर और काम बताइए, हम आपको वापस कॉल करेंगे। पूरा होने पर चुप रहें या फ़ोन रख दें।",
    "message_kept": "धन्यवाद, मैंने आपका संदेश रख लिया है। नमस्ते।",
    "trouble_goodbye": "क्षमा करें, हमारे सिस्टम में समस्या है और मैं अभी आपकी मदद नहीं कर सकता। कृपया कुछ मिनट बाद फिर से कॉल करें। नमस्ते।",
    "back_with_you": "मैं फिर से आपके साथ हूँ। मैं आपकी और क्या मदद कर सकता हूँ?",
    "staff_briefing": "एक कॉलर आपसे बात करना चाहते हैं।",
    "staff_question": "कॉल लेने के लिए 1 दबाएँ या हाँ कहें। मना करने के लिए 2 दबाएँ या नहीं कहें।",
    "staff_again": "क्षमा करें, मैं समझ नहीं पाया। कॉल लेने के लिए 1 दबाएँ, मना करने के लिए 2 दबाएँ।",
    "staff_taken": "यह कॉल किसी और ने ले ली है। नमस्ते।",
    "staff_caller_gone": "कॉलर ने फ़ोन रख दिया है। नमस्ते।",
    "switched_off": "क्षमा करें, यह कॉल मुझे यहाँ से हमारे कर्मचारियों पर छोड़नी होगी।",
    "voicemail": "कॉल करने के लिए धन्यवाद। हम अभी आपकी कॉल नहीं ले सकते। कृपया अपना नाम, नंबर और काम बताइए, हम आपको वापस कॉल करेंगे। पूरा होने पर चुप रहें या फ़ोन रख दें।",
    "messages_only": "क्षमा करें, अब मैं केवल हमारे कर्मचारियों के लिए संदेश ले सकता हूँ। मैं उन्हें क्या बताऊँ?",
    "switched_on": "अब मैं फिर से हर काम में आपकी मदद कर सकता हूँ। बताइए, क्या करना है?",
}
TEXTS: Final = {"en": _ENGLISH, "es": _SPANISH, "hi": _HINDI}
"""By language as ISO 639-1 names it."""


def spoken_language(language: Language) -> str:
    """`en-US` → `en`."""
    return language.partition("-")[0]


def phrase(name: PhraseName, language: Language) -> str:
    """The sentence in a business's language."""
    return TEXTS[spoken_language(language)][name]


def bundled(name: PhraseName, language: Language) -> Path:
    """The sentence's sound that comes with the program (Ogg Opus, made by espeak-ng)."""
    return Path(__file__).parent / "recorded" / spoken_language(language) / f"{name}.ogg"
