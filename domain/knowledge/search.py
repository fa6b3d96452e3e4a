"""Finding the entries that answer a caller's question, and none where nothing does."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from domain.database import Scope
from domain.text import clean_line

LEAST_RELEVANCE = 0.4
"""Share of a question's weight that an entry must cover. Below it stand entries that share only a
word in passing with the question; telling a caller one of those is making something up."""

_LONGEST_QUESTION = 500

# English lexemes that carry no subject ("how much does it cost to …"): they would tie a question to
# every entry that is phrased as one. PostgreSQL's own stop words lack them.
_SUBJECTLESS = [
    "accept",
    "also",
    "ask",
    "call",
    "could",
    "find",
    "get",
    "give",
    "go",
    "got",
    "guy",
    "help",
    "hello",
    "hey",
    "hi",
    "know",
    "let",
    "like",
    "look",
    "make",
    "mayb",
    "mean",
    "much",
    "mani",
    "need",
    "offer",
    "ok",
    "okay",
    "pleas",
    "possibl",
    "question",
    "realli",
    "say",
    "see",
    "someth",
    "take",
    "tell",
    "thank",
    "thing",
    "think",
    "treat",
    "tri",
    "use",
    "want",
    "well",
    "wonder",
    "would",
    "yeah",
    "yes",
]

# Weight of a word: the rarer among the business's entries, the more it says (inverse document
# frequency); a word that no entry has weighs most, so that a question about something unknown is
# not answered through its common words. Relevance of an entry: the weight of the question's words
# that it holds (half for those only in its answer), over the weight of them all.
_QUERY = text(
    r"""
    WITH asked AS (
        SELECT lexeme,
               ('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''')::tsquery AS query
          FROM unnest(to_tsvector('english', :question))
         WHERE lexeme <> ALL (CAST(:subjectless AS text[]))
    ), known AS (
        SELECT id, question, answer, words FROM knowledge_entries WHERE active
    ), weighed AS (
        SELECT asked.lexeme, asked.query,
               ln(1 + (SELECT count(*) FROM known) / (0.5 + count(known.id))) AS weight
          FROM asked LEFT JOIN known ON known.words @@ asked.query
         GROUP BY asked.lexeme, asked.query
    ), ranked AS (
        SELECT known.id, known.question, known.answer,
               sum(weighed.weight * CASE WHEN ts_filter(known.words, '{a}') @@ weighed.query
                                         THEN 1.0 ELSE 0.5 END)
                 / (SELECT sum(weight) FROM weighed) AS relevance
          FROM known JOIN weighed ON known.words @@ weighed.query
         GROUP BY known.id, known.question, known.answer
    )
    SELECT id, question, answer, CAST(relevance AS float8) AS relevance
      FROM ranked
     WHERE relevance >= :least
     ORDER BY relevance DESC, id
     LIMIT :limit
    """
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An entry that answers a question; `relevance` is from LEAST_RELEVANCE to 1."""

    entry_id: UUID
    question: str
    answer: str
    relevance: float


async def search(scope: Scope, *, question: str, limit: int = 3) -> list[Answer]:
    """The active entries that answer `question`, the best first; empty when none does.

    Words are compared by their English stems (PostgreSQL full-text search). Raises Invalid on
    `question` when it is empty or longer than 500 characters.
    """
    asked = clean_line(question, field="question", longest=_LONGEST_QUESTION)
    rows = await scope.session.execute(
        _QUERY,
        {
            "question": asked,
            "subjectless": _SUBJECTLESS,
            "least": LEAST_RELEVANCE,
            "limit": limit,
        },
    )
    return [
        Answer(entry_id=row.id, question=row.question, answer=row.answer, relevance=row.relevance)
        for row in rows
    ]
