"""The grammar of whole utterances that a caller says to a receptionist.

A free loop over the words would be slow and wrong: the grammar holds what belongs together.
The notation is JSGF's (W3C note, 2000): `|`, `[optional]`, `(group)`, `+`, `<rule>`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from sandbox.hearing import vocabulary as words
from sandbox.hearing.automaton import Automaton, build


def _any(options: Iterable[str]) -> str:
    return " | ".join(options)


_LISTS: Final = {
    "first_name": _any(words.FIRST_NAMES),
    "last_name": _any(words.LAST_NAMES),
    "weekday": _any(words.WEEKDAYS),
    "month": _any(words.MONTHS),
    "digit": _any(words.DIGITS),
    "hour": _any(words.HOURS),
    "minute": _any(words.MINUTES),
    "day_of_month": _any(words.DAYS_OF_MONTH),
    "service": _any(words.SERVICES),
    "vowel_service": "exam | extraction | x_ray | emergency visit | emergency appointment",
    "insurer": _any(words.INSURERS),
}

_RULES: Final = {
    # Parts of sentences.
    "hello": "hello | hi | hey | good morning | good afternoon | good evening",
    "want": "i would like | i'd like | i want | i need | i'm looking",
    "can": "can i | could i | may i",
    "doctor": "doctor <last_name>",
    "person": "<doctor> | <first_name>",
    "half": "ayem | peeem | in the morning | in the afternoon | in the evening",
    "clock": "<hour> | <hour> <minute> | <hour> o_clock | half past <hour> | quarter past <hour>"
    " | quarter to <hour> | noon",
    "time": "<clock> [<half>]",
    "part": "morning | afternoon | evening",
    "day": "today | tomorrow | the day after tomorrow | [this | next] <weekday>",
    "date": "<month> [the] <day_of_month> | the <day_of_month> [of <month>]"
    " | <weekday> [the] <day_of_month> | <weekday> <month> [the] <day_of_month>",
    "moment": "<day> [<part>] | [on] <weekday> in the <part> | tonight | <date> | next week | this week"
    " | next month | <day> at <time> | <date> at <time> | any day next week | early next week",
    "on_moment": "[on | for] <moment>",
    "decade": "twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety",
    "unit": "one | two | three | four | five | six | seven | eight | nine",
    "year": "nineteen <decade> [<unit>] | two thousand [[and] (<unit> | ten | eleven | twelve)]",
    "birth": "<month> [the] <day_of_month> <year> | the <day_of_month> of <month> <year>",
    "visit": "(a | the) <service> [appointment] | an <vowel_service> | (an | the) appointment"
    " | an appointment for (a <service> | an <vowel_service>)",
    "with": "with <person>",
    "spoken_digits": "(<digit> | double <digit> | triple <digit>)+",
    # Whole utterances.
    "greet": "<hello> | <hello> there",
    "book": "[<hello>] (<want> to | <can> | i'm calling to | we need to)"
    " (book | make | schedule | get | set up) <visit> [<with>] [<on_moment>] [please]"
    " | [<hello>] (i need | i'd like | i would like | i want) <visit> [<with>] [<on_moment>] [please]"
    " | [<hello>] (can i | could i) come in [for a <service>] [<on_moment>] [please]"
    " | (a | an) <service> [<on_moment>] [please] | <service> [please]"
    " | it's for a <service> | just a <service> [please]",
    "when": "[how about | what about | maybe | let's say | let's do | i'd prefer | could we do | can we do]"
    " <on_moment> [please]"
    " | do you have (anything | something | any openings | any appointments | any time)"
    " [<on_moment>] [<with>]"
    " | (is there | have you got) (anything | something) (on | for) <moment>"
    " | (is there | have you got) (anything | something) (earlier | later | sooner | else)"
    " | do you have (anything | something) (earlier | later | sooner | else)"
    " | [what about] (something | anything) (earlier | later | else) [please]"
    " | in the <part> [please] | [the] <part> (please | is better | works best | would be better)"
    " | <part_plural> | as soon as possible | the earliest you have | the next available [appointment]"
    " | any time | any day | any time is fine | it doesn't matter | no preference | i don't mind"
    " | whenever you have (something | time) | <on_moment> (works | is fine | would be great | is better)"
    " | <on_moment> after <time> | after <time> | before <time>"
    " | [no] actually (<weekday> | <on_moment>) [instead] [please] | [could we do | let's do] <weekday> instead",
    "choose": "[i'll take | i will take | let's take | let's do | i'd like | give me]"
    " the (first | second | third | last | earlier | later) [one] [please]"
    " | (i'll take | let's take | let's do | how about | what about | give me) [the] <time> [please]"
    " | [at] <time> [please] | <time> (works | is fine | is good | is great | is perfect | sounds good)"
    " [for me] | the <time> [one] [please] | <day> at <time> (works | is fine | is good | please)"
    " | (i'll take | let's do) <moment>"
    " | (that | that one | either | either one | the first one | the second one)"
    " (works | is fine | is good | is perfect | sounds good)"
    " [for me] | neither | neither of those | none of those [work [for me]]"
    " | those don't work [for me] | something else",
    "name": "[yes] (my name is | it's | this is | the name is | i'm | name's) <first_name> [<last_name>]"
    " | <first_name> <last_name> | <first_name> | <last_name> | [the] last name is <last_name>"
    " | it's <last_name> | my first name is <first_name>"
    " | [<hello>] (this is | my name is | it's) <first_name> <last_name> [speaking]",
    "born": "[it's | my date of birth is | my birthday is | i was born] [on] <birth>",
    "phone": "[yes] [my number is | my phone number is | it's | the number is | that's | you can reach me at"
    " | call me [back] at | sure it's] [plus] <spoken_digits>"
    " | the number i'm calling from | this number | this number is fine | the one i'm calling from"
    " | [you can] use this number | same number | [you can] use the number i'm calling from",
    "yes": "yes | yes please | yeah | yep | sure | correct | that's correct | that's right | yes that's right"
    " | yes that's correct | right | exactly | ok | ok great | perfect | great | please do | go ahead"
    " | yes go ahead | sounds good | that sounds good | that's fine | yes that works | that works"
    " | of course | absolutely | yes it is | i am | i do | yes i do | yes i am | yes book it | please book it"
    " | please | yes thank you | that's perfect | [yes] i accept [the fee] | [yes] i'll be there"
    " | yes i will be there",
    "no": "no | nope | no thanks | no thank you | not really | that's wrong | that's not right | no that's wrong"
    " | that's not correct | no that's not right | i don't think so | not yet | never mind | forget it"
    " | no i don't | actually no | wait no | not today",
    "ask": "[<hello>] [i have a question] (<question>)",
    "question": "what are your [opening | office] hours [<on_moment>] | are you open <on_moment>"
    " | are you open on weekends | when do you (open | close) [<on_moment>]"
    " | what time do you (open | close) [<on_moment>]"
    " | where are you [located] | what is your address | what's your address | where is your office"
    " | how do i get there | can you give me directions"
    " | is there [free] parking [nearby] | where can i park | do you have [free] parking"
    " | do you (take | accept) [my] insurance | which insurance do you (take | accept)"
    " | do you (take | accept) <insurer> | do you (take | accept) (credit cards | cash | checks)"
    " | how much (is | does) a <service> [cost] | what does a <service> cost"
    " | how much do you charge for a <service> | how long does a <service> take"
    " | are you (taking | accepting) new patients | do you see (children | kids)"
    " | do you (do | offer) (<plural> | whitening | root canals | implants | braces)"
    " | what is your (phone number | e_mail | e_mail address | web_site)"
    " | is (it | the building | the office) wheelchair accessible"
    " | do you speak (spanish | french | german | chinese) | what is your cancellation policy"
    " | what should i bring [to my appointment] | who are your dentists"
    " | am i (speaking | talking) to a (person | robot | machine) | are you a (robot | real person | machine)"
    " | what services do you offer | do you offer payment plans",
    "staff": "[<hello>] (can i | could i | i'd like to | i want to | i need to | i would like to) (speak | talk)"
    " (to | with) (a person | someone | somebody | a human | a real person | the receptionist | the manager"
    " | the front desk | billing | emergencies | an operator | <person>) [please]"
    " | (put me through | transfer me | connect me) to (a person | someone | the front desk | billing | emergencies"
    " | <person>)"
    " [please] | a real person please | operator | a human please",
    "leave": "[<hello>] (can i | could i | i'd like to | i want to | i would like to) leave a message"
    " [for <person>] [please] | can you take a message [for <person>] | can you give <person> a message",
    "message": "[please] (tell | let) <person> [know] [that] (i am | i'm) running late"
    " | (please | could you) ask <person> to call me [back] [today | tomorrow | as soon as possible]"
    " | please [have someone] call me back [about (my bill | my invoice | my insurance | my appointment"
    " | my test results | my x_rays)]"
    " | i have a question about my (bill | invoice | insurance | treatment | appointment)"
    " | i need a copy of my (x_rays | records | bill | receipt) | my crown came off | my filling fell out"
    " | i (have | have had) a toothache [since yesterday | since last night]"
    " | i need a refill of my prescription | i left my (glasses | jacket | phone | bag | umbrella) at the office"
    " | (it's | it is) [not] urgent | the pain is getting worse [since the extraction]"
    " | (i am | i'm) in a lot of pain | i broke a tooth | my gums are bleeding",
    "change": "[<hello>] (i'd like to | i want to | i need to | i would like to | can i | could i | i have to"
    " | i'm calling to) (cancel | move | change | reschedule | confirm | check) my appointment [<on_moment>]"
    " [to <moment>] [please]"
    " | (cancel | move | reschedule) my appointment [please] | i can't make (it | my appointment) [<on_moment>]"
    " | when is my [next] appointment | do i have an appointment [<on_moment>] | cancel it [please]"
    " | actually can we (cancel | change) (it | that)"
    " | [please] put me on the waiting list [please] | (can | could) you put me on the waiting list"
    " | (move | change) it to <moment> [please] | i changed my mind | i've changed my mind",
    "bye": "goodbye | bye | bye bye | [ok] thank you [very much] | [ok] thanks [a lot] | thank you goodbye"
    " | thanks bye | ok bye | [no] that's all | [no] that's all thank you | [no] that's all thanks"
    " | no that's it | no that's it thank you | [no] thank you goodbye | that's everything [thank you]"
    " | no thank you that's all | have a nice day | thank you (bye | bye bye) | no thanks goodbye"
    " | that's all thank you goodbye | no goodbye | no bye | that's all goodbye | great thank you [goodbye]"
    " | perfect thank you [goodbye]",
    "other": "one moment [please] | hold on | just a second | sorry | pardon | what | excuse me"
    " | (could | can) you repeat that [please] | (could | can) you say that again [please]"
    " | sorry what did you say | are you there | hello are you there | i don't know"
    " | i don't remember | i'm not sure | wait | let me check",
}

_UTTERANCES: Final = [
    "greet",
    "book",
    "when",
    "choose",
    "name",
    "born",
    "phone",
    "yes",
    "no",
    "ask",
    "staff",
    "leave",
    "message",
    "change",
    "bye",
    "other",
]
"""Rules that are whole utterances."""


@cache
def automaton() -> Automaton:
    """What the recogniser can hear: whole utterances of the domain."""
    rules = _RULES | _LISTS
    rules["plural"] = _any(f"{s}s" for s in ("cleaning", "crown", "filling", "extraction", "exam"))
    rules["part_plural"] = "mornings | afternoons | evenings"
    rules["utterance"] = _any(f"<{name}>" for name in _UTTERANCES)
    return build(rules, "utterance")


@cache
def vocabulary() -> frozenset[str]:
    """Every token of the grammar."""
    return frozenset(word for row in automaton().arcs.values() for word in row)
