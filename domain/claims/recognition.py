"""Which claims a sentence makes.

By grammar, not by a model: what a caller may believe is decided by code, at once, and the same way every
time. Clause by clause: a clause that asks, denies, supposes or speaks of other people's appointments
claims nothing; of the rest, the first rule that fits a kind makes the claim.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from domain.claims.claim import Claim
from domain.claims.clauses import Clause, clauses_of
from domain.claims.english import ENGLISH
from domain.claims.english_times import english_moment
from domain.claims.grammar import Grammar, Rule
from domain.claims.hindi import HINDI
from domain.claims.hindi_times import hindi_moment
from domain.claims.kinds import Spoken
from domain.claims.moments import SaidMoment
from domain.claims.spanish import SPANISH
from domain.claims.spanish_times import spanish_moment
from domain.text import normalised

_GRAMMARS: Final[dict[Spoken, Grammar]] = {"en": ENGLISH, "es": SPANISH, "hi": HINDI}
_MOMENTS: Final[dict[Spoken, Callable[[str], SaidMoment]]] = {
    "en": english_moment,
    "es": spanish_moment,
    "hi": hindi_moment,
}
_DEVANAGARI: Final = re.compile(r"[\u0900-\u097f]")
_LATIN: Final = re.compile(r"[a-zA-Z]")


def spoken_languages(text: str) -> Sequence[Spoken]:
    """Which languages a sentence may be in; the assistant answers in the caller's, whatever the business's
    is."""
    if _DEVANAGARI.search(text):
        return ("hi",)
    return ("en", "es", "hi") if _LATIN.search(text) else ()


def claims_of(sentence: str, language: Spoken | None = None) -> Sequence[Claim]:
    """The claims that `sentence` makes in `language`, or in any that it may be in."""
    languages = (language,) if language else spoken_languages(sentence)
    return [claim for one in languages for claim in _claims(sentence, one)]


def assertions(sentence: str, language: Spoken) -> str:
    """What is left of `sentence` without the clauses that ask, suppose, deny, or speak of other people's
    appointments; normalised."""
    grammar = _GRAMMARS[language]
    clauses = _clauses(sentence, language)
    left = [
        clauses[index].text
        for index in _open(clauses, grammar)
        if not _denies_or_tells_of_others(clauses[index].text, grammar)
    ]
    return ", ".join(left) if len(left) < len(clauses) else normalised(sentence)


def asks(beginning: str) -> bool:
    """Whether a sentence that begins so asks, in its first clause: it claims nothing there."""
    text = normalised(beginning).lstrip("¿ ")
    return "¿" in beginning or any(
        _GRAMMARS[language].asks.match(text) for language in spoken_languages(text)
    )


def moment_of(sentence: str, language: Spoken) -> SaidMoment:
    """The days and times that `sentence` names, whatever of."""
    return _MOMENTS[language](", ".join(clause.text for clause in _clauses(sentence, language)))


@lru_cache(maxsize=8)
def _clauses(sentence: str, language: Spoken) -> Sequence[Clause]:
    # Kept for a moment: a sentence is asked for its claims, for what else it asserts, and for its times.
    return clauses_of(sentence, _GRAMMARS[language])


def _open(clauses: Sequence[Clause], grammar: Grammar) -> Iterator[int]:
    """The indexes of the clauses that neither ask nor suppose."""
    supposed = False
    for index, clause in enumerate(clauses):
        if grammar.supposes.match(clause.text):
            # "Once that is done, you're all set": the rest holds only then.
            supposed = True
        elif clause.asks:
            supposed = False
        if not (supposed or clause.asks):
            yield index


def _denies_or_tells_of_others(clause: str, grammar: Grammar) -> bool:
    text = grammar.simplify(clause)
    return bool(grammar.denies.search(text) or grammar.others.search(text))


def _claims(sentence: str, language: Spoken) -> list[Claim]:
    grammar = _GRAMMARS[language]
    clauses = _clauses(sentence, language)
    claims: list[Claim] = []
    for index in _open(clauses, grammar):
        for rule in _rules(clauses[index].text, grammar):
            if all(claim.kind != rule.kind for claim in claims):
                claims.append(
                    Claim(
                        kind=rule.kind,
                        firmness=rule.firmness,
                        language=language,
                        by_me=rule.by_me,
                        moment=_moment(clauses, index, language),
                    )
                )
    return _without_doubles(claims)


def _rules(clause: str, grammar: Grammar) -> list[Rule]:
    text = grammar.simplify(clause)
    bare = [rule for rule in grammar.bare if rule.pattern.fullmatch(text)]
    if bare:
        return bare
    if grammar.others.search(text):
        return []
    for rule in grammar.rules:
        found = rule.pattern.search(text)
        # A denial before the claim in its clause, or within it, denies it.
        if found is not None and not grammar.denies.search(text[: found.end()]):
            return [rule]
    return []


def _without_doubles(claims: list[Claim]) -> list[Claim]:
    """An appointment that is there, said beside its booking, is one claim."""
    kinds = {claim.kind for claim in claims}
    if kinds & {"booked", "moved", "cancelled"}:
        claims = [claim for claim in claims if claim.kind not in ("standing", "done")]
    return claims


def _moment(clauses: Sequence[Clause], index: int, language: Spoken) -> SaidMoment:
    """When the deed of this clause is said to be: what the clause names, and those beside it that name
    nothing but a time ("you're booked, Tuesday the 24th, at two")."""
    grammar, read = _GRAMMARS[language], _MOMENTS[language]
    parts = [clauses[index].text]
    for step in (-1, 1):
        at = index + step
        while 0 <= at < len(clauses) and _only_time(clauses[at].text, grammar, read):
            if step < 0:
                parts.insert(0, clauses[at].text)
            else:
                parts.append(clauses[at].text)
            at += step
    return read(", ".join(parts))


def _only_time(text: str, grammar: Grammar, read: Callable[[str], SaidMoment]) -> bool:
    if grammar.aside.match(text) or grammar.busy.search(text) or not read(text):
        return False
    return len(text.split()) <= 9
