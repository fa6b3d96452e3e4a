"""What people choose first when a password is asked for, and what they do to it to make it long enough.

NIST SP 800-63B section 5.1.1.2 has passwords compared with such a list. Twelve characters rule the
best-known ones out already, so that this one holds what they are made longer from.
"""

from __future__ import annotations

import re

_WHOLE_TEXT = """
1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5y6 qazwsxedcrfv qwertyuiop asdfghjkl
zxcvbnm qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm qwertyasdfgh qwertyasdfzxcv qwer1234asdf
abcdefghijkl abcdefghijklm abcdefghijklmnopqrstuvwxyz abcd1234abcd abc123abc123 a1b2c3d4e5f6
123456abcdef 123123123123 112233445566 121212121212 987654321098 098765432109 012345678901
123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 123456789abc
letmeinletmein trustno1trustno1 correcthorsebatterystaple thequickbrownfox
mypasswordis mypassword thisismypassword passwordpassword passwordone newpassword
adminadmin administrator rootrootroot changemechangeme changethis defaultpassword
iloveyouiloveyou ilovemyfamily iloveyouforever iloveyousomuch lovelovelove
"""

_ROOTS_TEXT = """
password passwort passwd pass secret welcome willkommen qwerty qwertz azerty letmein admin
administrator root user guest login changeme default temp temporary test testing master dragon
monkey football baseball basketball superman batman pokemon starwars princess sunshine shadow
iloveyou iloveu loveyou trustno summer winter spring autumn monday friday january february
march april june july august september october november december computer internet
whatever michael jennifer jessica charlie freedom mustang corvette liverpool chelsea arsenal
company business office reception receptionist dentist dental practice clinic doctor assistant
hello goodmorning abc abcd abcdef asdf asdfgh zxcv
"""

_WHOLE, _ROOTS = frozenset(_WHOLE_TEXT.split()), frozenset(_ROOTS_TEXT.split())

_LEET = str.maketrans("013457@$!", "oleastasi")
_ENDS = re.compile(r"^[^a-z]+|[^a-z]+$")


def is_common(password: str) -> bool:
    """Whether it is on the list, or one of its words with digits and signs before or behind, letters
    replaced by look-alikes, or said several times over."""
    lower = password.casefold().replace(" ", "")
    plain = lower.translate(_LEET)
    for spelling in (_trim(lower), _trim(lower).translate(_LEET), _trim(plain)):
        if lower in _WHOLE or spelling in _WHOLE or _once(spelling) in _ROOTS:
            return True
    return len(set(lower)) < 4


def _trim(text: str) -> str:
    return _ENDS.sub("", text)


def _once(text: str) -> str:
    """`text` without its repetitions: `qwertyqwerty` is said twice."""
    repeated = re.fullmatch(r"(.+?)\1*", text)
    return repeated[1] if repeated else text
