"""What machines say on the telephone: mailboxes, menus, and another assistant that talks in circles."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, Literal

from domain.text import plain_words

Machine = Literal["voicemail", "robot"]

_MAILBOX: Final = re.compile(
    r"(?<!\S)(?:"
    # English
    r"(?:please )?(?:leave|record) (?:me |us )?(?:a|your|me a) (?:\w+ )?message (?:after|at) the (?:\w+ )?(?:tone|beep|signal)"
    r"|(?:after|at) the (?:tone|beep) (?:please )?(?:leave|record) (?:a|your) message"
    r"|(?:mailbox|mail box|voicemail box|inbox) (?:is )?(?:full|has not been set up|belonging to)"
    r"|(?:has|have) been forwarded to (?:an automated )?(?:voice ?mail|voice messaging)"
    r"|you (?:have|ve) reached the (?:voice ?mail|mailbox|answering machine) (?:of|for|box)"
    r"|(?:person|party|subscriber) (?:you are (?:trying to reach|calling)|you have (?:dialled|dialed|called)) is (?:not|un) ?available"
    # Spanish
    r"|(?:deje|dejad|grabe|deja) (?:\w+ )?(?:su |un |tu )?mensaje (?:despues|al oir|tras|cuando) (?:de )?(?:la |el |oiga )?(?:la |el )?(?:senal|tono|pitido)"
    r"|(?:despues de (?:la senal|oir el tono|oir la senal)) (?:deje|grabe) (?:su )?mensaje"
    r"|buzon de voz (?:esta lleno|de)|(?:ha|has) llamado al (?:buzon|contestador)"
    # Hindi
    r"|(?:बीप|टोन|सिग्नल) (?:के बाद|के पश्चात) (?:\S+ )?(?:संदेश|मैसेज) (?:छोड़|रिकॉर्ड)\S*"
    r"|(?:वॉइसमेल|वॉयस मेल|वॉइस मेल) (?:पर|में) (?:\S+ )?(?:संदेश|मैसेज|भेज)\S*"
    r")(?!\S)"
)
_MENU: Final = re.compile(
    r"(?<!\S)(?:"
    r"(?:to|for) (?:\w+ ){1,8}?(?:press|dial|say) (?:the )?(?:one|two|three|four|five|six|seven|eight|nine|zero|star|pound|hash|\d)"
    r"|press (?:the )?(?:one|two|three|four|five|six|seven|eight|nine|zero|star|pound|hash|\d)(?: key)? (?:for|to|now|if)"
    r"|(?:please )?listen carefully as our (?:menu )?options have changed"
    r"|your call is (?:very )?important to us|all (?:of )?our (?:agents|operators|representatives|lines) are (?:currently |still )?busy"
    r"|this call (?:may|will) be (?:recorded|monitored) for (?:quality|training)"
    r"|(?:para|si) (?:\w+ ){1,8}?(?:pulse|marque|oprima|presione|diga) (?:el )?(?:uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|cero|\d)"
    r"|(?:pulse|marque|oprima|presione) (?:el )?(?:uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|cero|\d) (?:para|si)"
    r"|su llamada es (?:muy )?importante para nosotros|todos nuestros (?:agentes|operadores) estan ocupados"
    r"|(?:के लिए) (?:एक|दो|तीन|चार|पाँच|पांच|छह|सात|आठ|नौ|शून्य|\d) (?:दबाएँ|दबाएं|दबाइए|दबाये)"
    r"|(?:एक|दो|तीन|चार|पाँच|पांच|\d) (?:दबाएँ|दबाएं|दबाइए)"
    r"|आपकी कॉल हमारे लिए (?:बहुत )?(?:महत्वपूर्ण|ज़रूरी)"
    r")(?!\S)"
)
_MENU_LINES: Final = 2
"""Of one call: a caller may well quote a single one."""
_CIRCLE_WORDS: Final = 6
_CIRCLE: Final = 4
"""The same sentence so often, word for word: a person changes something, or gives up."""


class MachineWords:
    """What of one caller's words only a machine would say."""

    def __init__(self) -> None:
        self._menu: set[str] = set()
        self._said: Counter[str] = Counter()

    def heard(self, text: str) -> Machine | None:
        """A finished transcript; the machine, once it is certain."""
        plain = " ".join(plain_words(text))
        if _MAILBOX.search(plain) and not _asks(plain):
            return "voicemail"
        self._menu |= {match.group() for match in _MENU.finditer(plain)}
        if len(self._menu) >= _MENU_LINES:
            return "robot"
        if len(plain.split()) >= _CIRCLE_WORDS:
            self._said[plain] += 1
            if self._said[plain] >= _CIRCLE:
                return "robot"
        return None


def _asks(plain: str) -> bool:
    """`Can I leave a message after the tone?` is a person's question."""
    return bool(
        re.search(
            r"(?<!\S)(?:can|could|may|should|shall|do|did) (?:i|we|you)(?!\S)|(?<!\S)(?:puedo|debo|tengo que)(?!\S)|(?<!\S)क्या मैं(?!\S)"
            r"|(?<!\S)(?:your|you) (?:\w+ )?(?:machine|recording|voice ?mail|system) (?:said|told|says)",
            plain,
        )
    )
