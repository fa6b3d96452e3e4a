"""How claims are made in English."""

from __future__ import annotations

import re
from typing import Final

from domain.claims.grammar import Grammar, rule

_ADVERBS: Final = (
    r"(?:(?:just|now|already|also|all|officially|successfully|gone ahead and|went ahead and|actually|duly"
    r"|safely|finally|hereby|(?!only|fully|early|solidly|completely|nearly|really|usually|normally|generally|actually not|unfortunately|hardly|barely|possibly|probably|likely)[a-z]+ly|been able to|managed to|both|then|go ahead and|gotten|got|indeed|properly|personally) )*"
)
_I: Final = rf"(?:\b(?:i|we)(?:'ve|'d| have| had)? (?:have )?|^(?:and )?(?:have )?(?=(?:just |now |already )*(?:booked|scheduled|cancelled|canceled|moved|rescheduled|reserved|transferred|connected)\b)){_ADVERBS}"
_COLLEAGUE: Final = rf"\b(?:she|he|they|the (?:doctor|team|staff|office|front desk|dentist|manager|hygienist)|my colleague|a colleague|someone|dr\.? \w+|doctor \w+|[a-z]+ in \w+)(?:'s|'ve| has| have)? {_ADVERBS}"
_IS: Final = (
    rf"(?:\b(?:is|are|was|were|am|(?:has|have|had) {_ADVERBS}been|got|gets|being|stays|remains)|'s(?: been)?|'re(?: been)?|'ve been|'m)"
    rf" {_ADVERBS}"
)
_OBJECT: Final = r"(?:[\w'.-]+ ){0,7}?"
_APPOINTMENT: Final = (
    r"(?:appointments?|bookings?|reservations?|visits?|slots?|times?|spots?|cleanings?|check-?ups?|consultations?"
    r"|sessions?|haircuts?|tables?|fillings?|treatments?|place|dates?|it|that|this|everything|them|both|one|you|him|her|[a-z]+(?: and [a-z]+)?)"
)
_WHOM: Final = r"(?:you(?: both| all| two)?|him|her|them|both of you|your \w+)"

_NUMBER: Final = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_BOOKED: Final = r"(?:booked|re-?booked|scheduled|reserved|verified|pre-?booked|penciled|pencilled|slotted|squeezed|secured|finali[sz]ed)"
_MOVED: Final = (
    r"(?:moved|rescheduled|re-scheduled|shifted|postponed|pushed back|pushed|brought forward|switched|swapped|changed"
    r"|bumped|transferred your (?:appointment|booking)|amended|rebooked)"
)
_CANCELLED: Final = r"(?:cancell?ed|called off|removed|deleted|taken (?:it|that|you|your \w+) (?:off|out)|dropped|revoked|withdrawn|cleared|voided)"
_SENT: Final = (
    r"(?:passed|forwarded|relayed|delivered|conveyed|handed (?:over|on)|taken (?:down )?(?:a|your|the|that) (?:message|note)"
    r"|left (?:a|your|the|him|her|them|dr\.? \w+|doctor \w+) (?:a )?(?:message|note|word)|put in (?:a|your) (?:request|message)"
    r"|logged (?:a|your|the) (?:message|request)|sent (?:a|your|the|that|this|it|him|her|them|dr|doctor|off)\b|submitted)"
)
_TOLD: Final = r"(?:told|informed|notified|alerted|let|asked|messaged|e-?mailed|paged|reached out to|spoken (?:to|with)|talked to|contacted|called|texted|briefed|updated)"
_STAFF: Final = (
    r"(?:him|her|them|dr\b|doctor|the (?:doctor|dentist|team|staff|office|hygienist|manager|front desk|clinic|nurse|practice|department|owner|stylist|therapist)"
    r"|everyone|someone|somebody|my colleagues?|our \w+|one of|a colleague|accounts|billing|reception|[a-z]+ know)"
)


_LISTED: Final = r"(?:waiting list|wait ?list|standby list|cancellation list)"
_DETAILS: Final = r"(?:details|information|info|number|phone|e-?mail|email address|address|name|record|file|contact|data|profile|date of birth|birthday|spelling|notes?)"
_MAIL: Final = r"(?:e-?mail|text|sms|confirmation|reminder|link|whatsapp|text message|calendar invite|invitation|invite|directions)"

RULES: Final = (
    # Before "sent" and "booked": what goes to the caller, and the waiting list.
    rule(
        "mailed",
        rf"{_I}(?:sent|e-?mailed|texted|mailed|forwarded|messaged|shot|dropped)\b(?: \w+){{0,3}}? (?:you|your phone|over|out|it|that)\b(?=.*\b{_MAIL}\b)|{_I}(?:sent|e-?mailed|texted|mailed|shot) (?:you|your)\b|{_I}(?:sent|e-?mailed|texted) (?:a|an|the|out a|over a|over the) (?:\w+ )?{_MAIL}\b(?!.* to (?:dr|the (?:doctor|team|staff)|him|her|them)\b)",
        by_me=True,
    ),
    rule(
        "mailed",
        rf"\b(?:a|an|the|your) (?:\w+ ){{0,3}}{_MAIL}(?: \w+)?{_IS}?(?: has been| was| is)? ?{_ADVERBS}(?:sent|on its way|on the way|e-?mailed|texted|in your inbox)",
    ),
    rule(
        "mailed",
        rf"\b(?:i|we)(?:'ll| will| am going to|'m going to|'re going to|'m|'re) {_ADVERBS}(?:be )?(?:send|sending|text|texting|e-?mail|e-?mailing|mail|mailing|shoot|message|messaging) (?:you|it to you|that to you|over (?:a|the|your)|out (?:a|the|your)|(?:a|the|your) (?:\w+ )?{_MAIL})\b",
        firmness="announced",
        by_me=True,
    ),
    rule(
        "listed",
        rf"(?:{_I}(?:put|added|placed|got|signed|entered|have)|{_IS})\b.*\b{_LISTED}\b(?!.*\b(?:is|has) (?:long|full|short|closed))",
        by_me=False,
    ),
    rule("listed", rf"{_I}(?:wait-?listed) ", by_me=True),
    # Moving and cancelling.
    rule(
        "moved",
        rf"{_I}{_MOVED}\b(?! (?:out|in|house|here|into|our|offices?|the (?:subject|office|practice|clinic)|my mind|hands|(?:to|from) (?!(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|the \d|\d|next|half|noon|{_NUMBER}\b)))",
        by_me=True,
    ),
    rule(
        "moved",
        rf"(?:\b(?:your|the|his|her|their|that|this|it|you|everything|\w+'s)(?: \w+){{0,4}} ?{_IS}|^{_IS}){_MOVED}\b",
    ),
    rule(
        "moved",
        r"\b(?:your|the) new (?:appointment )?(?:time|date|slot|appointment) (?:is|will be)(?: now)? (?!(?:up|still|not|to be|what|free)\b)",
    ),
    rule(
        "moved",
        r"\b(?:the )?(?:change|changes|move|reschedul\w+|switch)(?: \w+){0,3}?(?: has been| have been| is| are|'s|was)? (?:done|made|complete|completed|confirmed|gone through|went through|set|in place|successful)\b",
    ),
    rule(
        "moved",
        rf"{_I}made (?:the|that|this|your) (?:change|switch|move|changes|adjustment)\b",
        by_me=True,
    ),
    rule("cancelled", rf"{_I}{_CANCELLED}\b", by_me=True),
    rule(
        "cancelled",
        rf"{_I}(?:taken|took|removed|got) (?:care of the cancellation|(?:it|that|you|your \w+|\w+) off (?:the|our) (?:books?|schedule|calendar|diary|list))",
        by_me=True,
    ),
    rule(
        "cancelled",
        rf"(?:\b(?:your|the|his|her|their|that|this|it|you|everything|both|\w+'s|appointments?)(?: [\w'.:]+){{0,8}}? ?{_IS}|^{_IS}){_CANCELLED}\b",
    ),
    rule(
        "cancelled",
        r"\b(?:the |your )?cancell?ation (?:has been |is |was |'s |went )?(?:done|made|complete|completed|confirmed|gone through|through|processed|successful|all set)\b",
    ),
    rule(
        "cancelled",
        r"\byou (?:no longer have|don't have) (?:an|that|the|any) (?:appointment|booking)\b.*\b(?:any ?more|now)\b|\b(?:you're|it's|that's|it is) (?:now )?(?:no longer booked|off the (?:books|schedule|calendar|list|diary))\b|\b(?:appointment|booking) (?:is|has been)(?: now)? (?:gone|off the (?:books|schedule|calendar))\b",
    ),
    # A message, a word to the staff.
    rule("sent", rf"{_I}{_SENT}", by_me=True),
    rule("sent", rf"{_I}{_TOLD} (?!you\b|me\b|us\b)(?=.*\b{_STAFF}\b)", by_me=True),
    rule(
        "sent",
        rf"{_I}(?:arranged|scheduled|set up|requested|put (?:you )?(?:in|down) for|booked|organi[sz]ed|logged) (?:for )?(?:a |the |your )?(?:call ?-?back|someone to|somebody to|\w+ to (?:call|ring|phone))",
        by_me=True,
    ),
    rule(
        "sent",
        rf"\b(?:your|the|that|this) (?:\w+ )?(?:message|note|request|call-?back(?: request)?|word|voicemail)(?: \w+){{0,4}}? ?{_IS}(?:taken|passed|forwarded|sent|delivered|logged|recorded|saved|kept|noted|left|with (?:the|dr|doctor|him|her|them)|on its way|in (?:the|their)|submitted|scheduled|arranged|booked|set|through|relayed|received)",
    ),
    rule(
        "sent",
        rf"\b(?:(?:the|our) (?:\w+ )?(?:team|staff|doctor|dentist|office|hygienist|manager|nurse|department)|(?:my|a|your) colleagues?|dr\.? \w+|doctor \w+|she|he|they|everyone)(?:'s|'ve| has| have| is| are|'re)? {_ADVERBS}(?:been )?(?:notified|informed|told|alerted|aware|made aware|been made aware|let know|got your message|your message|knows? (?:that )?you (?:called|rang|phoned|want|need)|knows about|know about|received your message|have your message|has your message|gotten your message)\b",
    ),
    rule(
        "sent",
        rf"\b(?:i|we)(?:'ve| have) got (?:your|the|that) message\b|\b(?:i|we)(?:'ve| have) (?:{_ADVERBS})(?:your|that|the) message (?:down|noted|saved|recorded)\b|{_I}(?:noted|recorded|saved|kept|written down|wrote down|jotted down|got down|logged|left|put through|taken) (?:down )?(?:your|that|the|a|this) (?:\w+ )?(?:message|request|complaint|note)\b",
        by_me=True,
    ),
    rule(
        "sent",
        rf"\b(?:i|we)(?:'ll| will| shall|'m going to| am going to|'re going to| are going to) {_ADVERBS}(?:be sure to |make sure to |make sure (?:that )?|see to it that |ensure (?:that )?|definitely |certainly |gladly |happily |personally )?(?:pass|forward|relay|convey|deliver|hand) (?:it|that|this|your|the|them|him|her|all|along|on|over)\b(?! back| you)",
        firmness="announced",
        by_me=True,
    ),
    rule(
        "sent",
        rf"\b(?:i|we)(?:'ll| will| shall|'m going to| am going to|'re going to| are going to|'m|'re) {_ADVERBS}(?:be sure to |make sure to |make sure (?:that )?|definitely |certainly |gladly )?(?:let|letting|tell|telling|inform|informing|notify|notifying|alert|alerting|ask|asking|have|having|get|getting|message|remind|contact|call|e-?mail) (?:{_STAFF})(?! (?:the )?(?:time|phone|line))\b",
        firmness="announced",
        by_me=True,
    ),
    rule(
        "sent",
        rf"\b(?:i|we)(?:'ll| will| shall|'m going to|'re going to) {_ADVERBS}(?:leave|send|give|drop|put|write|take down) (?:\w+ ){{0,4}}?(?:a )?(?:message|note|word|your message|request)\b(?! for (?:yourself)\b)(?=.*\b(?:{_STAFF}|for|through|along|on)\b)",
        firmness="announced",
        by_me=True,
    ),
    rule(
        "sent",
        r"\b(?:someone|somebody|she|he|they|the (?:doctor|team|staff|dentist|office|manager|hygienist|nurse|owner|practice)|dr\.? \w+|doctor \w+|a colleague|one of \w+(?: \w+)?|a member of (?:the |our )?(?:staff|team)|our (?:team|staff|\w+)|we)(?:'ll| will| is going to| are going to)(?: \w+)? (?:call(?:ing)?|ring|phone|get back|be in touch|reach out|return your call|contact|follow up|get in touch|be calling|give you a (?:call|ring)|be giving you)(?: with)?(?: to)?(?: you| back| your| shortly|$| soon| in touch| as soon| later| today| tomorrow| this| within| about)",
        firmness="announced",
    ),
    rule(
        "sent",
        r"\b(?:your|the|that) (?:message|note|request) (?:will|is going to|'ll) (?:be )?(?:passed|forwarded|sent|delivered|relayed|reach|get|go)\b|\b(?:she|he|they|dr\.? \w+|the (?:doctor|team|staff))(?:'ll| will) (?:get|have|receive|see) (?:your|the|this|that) (?:message|note|request)\b",
        firmness="announced",
    ),
    # A person.
    rule(
        "connected",
        rf"{_I}(?:connected|transferred|put) (?:you|your call|the call)(?: through)?\b(?! (?:in|down|on|off|into the|at))|{_I}(?:got|have|reached) (?:dr\.? \w+|doctor \w+|someone|somebody|\w+) (?:on the (?:line|phone)|here for you)|{_I}handed you (?:over|to)",
        by_me=True,
    ),
    rule(
        "connected",
        rf"\b(?:you(?:'re| are|'ve been| have been)|your call(?: is|'s| has been)?) {_ADVERBS}(?:connected|transferred|put through|being (?:connected|transferred|put through)|through to|on (?:the line )?with (?:dr|the|a))\b|\b(?:dr\.? \w+|doctor \w+|someone|a colleague|\w+)(?: is|'s) (?:now )?on the (?:line|phone)(?: now)?(?: for you| with you)?$|\bthe (?:transfer|connection) (?:is|has been|'s) (?:complete|done|made|in progress|through)\b|\byou're through to\b",
    ),
    rule(
        "connected",
        rf"(?:\b(?:i'm|i am|we're|we are) (?:\w+ )?|^){_ADVERBS}(?:connecting|transferring|putting|forwarding|patching|passing|handing) (?:you|your call|the call)\b(?! (?:on|down|in)\b(?! to))",
        firmness="announced",
        by_me=True,
    ),
    rule(
        "connected",
        rf"\b(?:i|we)(?:'ll| will| am going to|'m going to) {_ADVERBS}(?:connect|transfer|put|patch|pass|hand|forward|get) (?:you|your call|the call|dr\.? \w+|someone)(?: (?:straight|right|directly))?(?: (?:through|over|across|on to|onto|to (?!know|call)|with|now|right now|right away|on the (?:line|phone)|$))",
        firmness="announced",
        by_me=True,
    ),
    rule(
        "connected",
        r"\b(?:please hold|hold (?:on|the line)|stay on the line|one moment)\b(?:.*) (?:while|as) (?:i|we) (?:connect|transfer|put|pass|hand|get (?:dr|someone|\w+ on))|\b(?:ringing|calling|dialing|getting) (?:dr\.? \w+|them|her|him|the \w+|someone) (?:for you )?(?:right )?now\b",
        firmness="announced",
        by_me=True,
    ),
    # The caller's details.
    rule(
        "saved",
        rf"{_I}(?:saved|updated|stored|recorded|added|entered|corrected|changed|put|kept|registered|fixed|noted|filed|written down|taken down|amended|set up|created|logged)\b (?:down )?{_OBJECT}{_DETAILS}\b(?!.*\b{_LISTED})",
        by_me=True,
    ),
    rule(
        "saved",
        rf"\b(?:your|the|that|this|his|her) (?:new )?(?:\w+ )?{_DETAILS}(?: [\w']+)? ?{_IS}(?:saved|updated|stored|recorded|added|entered|corrected|changed|registered|noted|on file now|in the system|in our system|fixed|amended)\b",
    ),
    rule(
        "saved",
        rf"{_I}(?:noted|saved|recorded|updated|written|jotted|logged|made a note of|corrected|fixed) (?:that|this|it|all that|everything)\b(?: down)?|{_I}(?:made|added|put|left) a note\b|\b(?:it's|it is|that's|that is|everything is) (?:now )?(?:noted|saved|on file|recorded|in the system|updated)\b|\byou're (?:now )?(?:registered|in (?:the|our) system)\b",
        by_me=True,
    ),
    # Held.
    rule(
        "held",
        rf"(?:{_I}(?:held|put|placed|kept|set aside|reserved|blocked)|\b(?:i'm|we're|i am|we are) {_ADVERBS}(?:holding|keeping|saving|reserving|setting aside)) (?:a hold on )?{_OBJECT}(?:slot|time|spot|it|that|place|appointment|one|{_APPOINTMENT})\b.*\b(?:for (?:you|now|two|a|the next|him|her|them)|on hold|aside|while)\b|\b(?:it|that|the (?:slot|time|spot|appointment)|that (?:slot|time|spot)|{_APPOINTMENT}) ?{_IS}(?:held|on hold|being held|set aside)\b|{_I}(?:held|blocked)\b|\b(?:i'm|we're|i am) {_ADVERBS}holding\b(?! (?:music|pattern|the line))",
    ),
    # Attendance.
    rule(
        "confirmed",
        rf"{_I}(?:confirmed|noted|marked|recorded|put down|registered) {_OBJECT}(?:attendance|coming|attending|you'll (?:be there|come|attend)|you are coming|you're coming|as coming|presence|that you)\b|\byour attendance ?{_IS}(?:confirmed|noted|recorded|marked)|\byou(?:'re| are) (?:now )?(?:marked|down|confirmed) as (?:coming|attending|confirmed)\b",
    ),
    rule("confirmed", rf"{_I}confirmed\b(?! with\b| that (?:we|there|it|they|dr)\b)", by_me=True),
    # Booked.
    rule("booked", rf"{_I}{_BOOKED}\b(?! (?:out|up|solid|until|through|by)\b)", by_me=True),
    rule(
        "booked",
        rf"{_I}(?:made|arranged|set up|placed|fixed|created|entered|confirmed|completed|registered|got|put in|put through|processed) {_OBJECT}(?:appointment|booking|reservation)s?\b(?! (?:type|history|times?|slots?|card|code|reminder|under|with (?:that|this) code|that|free|available|open|opening|for you on file|in)\b)",
        by_me=True,
    ),
    rule(
        "booked",
        r"\b(?:i|we) (?:was|were|have been|'ve been) (?:\w+ )?able to (?:\w+ )?(?:book|confirm|make|schedule|reserve|complete|secure|set up|place|get you (?:in|a)|arrange)\b",
        by_me=True,
    ),
    rule(
        "booked",
        rf"{_I}set (?:up )?(?:your|the|that|an|a) {_OBJECT}(?:appointment|booking|reservation)|\b(?:i|we)(?: now)? have (?:the |a )?confirmation (?:of|for) your\b|\byou(?:'ve| have)? (?:now |successfully )?(?:got|booked|secured|reserved) (?:an? |the |your )?(?:appointment|reservation|booking|table|slot)",
        by_me=True,
    ),
    rule(
        "booked",
        rf"{_I}(?:put|got|have|signed|slotted|squeezed|fit|fitted|pencill?ed|added|entered|set|placed|written|marked|locked|gotten) {_WHOM} (?:{_ADVERBS})?(?:in|down|up|into the (?:schedule|calendar|diary|book)|on the (?:schedule|calendar|books)|for|scheduled|booked|confirmed|set)\b(?! (?:as|with the (?:name|number)|our system|the system|hold|under)\b)|{_I}(?:put|got|have) [a-z]+(?: and [a-z]+)? (?:down|booked|scheduled|confirmed|all set)\b(?! (?:as|with the name|out|up)\b)",
        by_me=True,
    ),
    rule(
        "booked",
        rf"{_I}(?:put|added|entered|locked|got) (?:it|that|this|your appointment|the appointment|everything|{_APPOINTMENT}) (?:{_ADVERBS})?(?:in|into|down|on|to) (?:the|our|your|her|his|dr\.? \w+'s) (?:schedule|calendar|diary|books?|agenda)\b|{_I}(?:locked|got) (?:it|that|this|you|your \w+) (?:all )?(?:in|booked|scheduled|set up|sorted)\b|{_I}secured\b",
        by_me=True,
    ),
    rule(
        "booked",
        rf"(?:\b(?:you|your|it|this|that|everything|(?:the |a |an )?(?:appointment|booking|reservation|visit|table|seat|session|\w+ appointment)s?|both|they|he|she|\w+'s)\b(?: (?!slot\b|time slot\b|(?:exact |same )?request\b|call\b|question\b)[\w'.:&-]+){{0,12}}? ?{_IS}|^(?:you|it|that|this){_IS}|^{_IS})(?:{_BOOKED}|confirmed|made|placed|arranged|complete|completed|set(?! (?:of|by|at|the)\b)|set up|in place|locked in|successful(?:ly made)?|a success|good to go|finali[sz]ed|created|registered|fixed|saved|confirm|through|entered|processed|in the (?:system|calendar|book|diary|schedule)|on the (?:schedule|calendar|books))\b(?! (?:out|up|solid|until|through|aside|by (?:someone|somebody|another|law)|of|with (?:someone|another)|as\b))",
    ),
    rule(
        "booked",
        r"\b(?:he's|she's|they're) (?:now |both |already |all )*(?:all set|down for|confirmed|booked (?:in|for|on|with)|scheduled (?:for|on|with))\b|\b(?:you(?:'re| are)|that's you|(?:we|i)(?: have|'ve got|'ve) (?:you|him|her|them) coming(?: in)?|we have you|i have you|we've got you|i've got you|you've got|that puts you) (?:now |both |already |officially |all |good |then )*(?:all set(?! (?:up )?(?:to|with the) )|set for|down for|in for|on for|on (?:the|her|his|our|their|dr \w+'s|doctor \w+'s|\w+'s) (?:schedule|calendar|books|list for)|in (?:the|her|his|our) (?:calendar|schedule|diary|book)|good to go|confirmed|booked|scheduled|sorted|expected|in on)\b(?! (?:your|the phone|hold))|\bthat's you (?:all )?(?:booked|sorted|set|in|done|confirmed)\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b.{0,40} (?:is|'s) (?:now )?(?:booked|confirmed|reserved|scheduled|yours|set|in the (?:book|diary|calendar))\b.*\bfor you\b",
    ),
    rule(
        "booked",
        r"\b(?:the|that|this|your) (?:slot|time|spot|place|table)(?: \w+){0,6}? (?:is|'s) (?:all |now )?(?:yours|reserved for you|secured|booked for you|confirmed|locked in)\b|\b(?:it's|that's|it is) (?:all )?yours\b|\bconsider (?:it|yourself|that) (?:booked|done|scheduled|confirmed)\b",
    ),
    rule(
        "booked",
        r"\b(?:the |your )?(?:booking|reservation|appointment|scheduling)(?: \w+){0,8}? (?:was|is|has been|has|'s|went|came) (?:now |all |a )?(?:successful(?:ly)?|success|complete|done|through|gone through|thru|accepted|ready|confirmed|good|fine|finished)\b|\b(?:your|the) (?:booking|confirmation) (?:code|number|reference) is\b",
    ),
    rule(
        "booked",
        r"^(?:great|good|wonderful|perfect|excellent|okay|alright|and|so|then)?,? ?(?:(?:i|we)(?:'ll| will) )?(?:look(?:ing)? forward to seeing you|see(?:ing)? you)\b(?= (?:then|there|on\b|at\b|tomorrow|today|next|this|for your|mon|tue|wed|thu|fri|sat|sun|both|in [\w]+ (?:day|week|month|hour)))|\b(?:we|i|she|he|they|dr\.? \w+|doctor \w+|the \w+)(?:'ll| will|'re| are| is|'s) (?:be )?(?:see(?:ing)?|expect(?:ing)?|wait(?:ing)? for|look(?:ing)? forward to seeing) you\b(?= (?:then|there|on\b|at\b|tomorrow|next|this|for your|mon|tue|wed|thu|fri|sat|sun|both|today))",
    ),
    # Anything.
    rule(
        "done",
        r"\b(?:it's|it is|that's|that is|everything's|everything is|this is|all is|that's been|it's been|it has been|that has been) (?:now |all |been |already |just )*(?:done|taken care of|sorted|arranged|handled|all set|squared away|in order|settled|complete|completed|good to go|organi[sz]ed|finished|gone through|fixed up)\b(?! (?:by|in)\b)|\b(?:i|we)(?:'ve| have)? (?:just |now |already )*(?:taken care of|took care of|sorted|handled|arranged|organi[sz]ed|dealt with|seen to|got) (?:it|that|this|everything|all of that|your \w+)(?: out| sorted| done| arranged)?(?: for you)?$|\b(?:i|we)(?:'ve| have) (?:just |now |already )*(?:done (?:it|that|so)|arranged|sorted|seen to)\b|\byour request (?:has been|is|was) (?:done|completed|processed|fulfilled|complete|successful)\b",
        by_me=True,
    ),
    # An appointment that is there.
    rule(
        "standing",
        r"\b(?:you|he|she|they)(?:'ve| have|'ve got| have got|'ve already got| already have| do have| still have| had| has|'s got)(?: \w+)? (?:an|a|your|two|three|another|one|the) (?:\w+ ){0,4}?(?:appointments?|bookings?|reservations?|cleaning|check-?up|visit|consultation|session|filling)\b(?! (?:card|code|type|history|number|reminder))",
    ),
    rule(
        "standing",
        r"\b(?:i|we)(?:'ve| have| can)?(?: do)?(?: now)? (?:see|found|have|find|got|located|pulled up)(?: here)? (?:that )?(?:your|an|the|a|two|one|you (?:have|down|in|booked|scheduled)|(?:\w+'s)) (?:\w+ ){0,3}?(?:appointments?|bookings?|reservations?|down|booked|scheduled)\b(?! (?:time|slot|type|free|available|opening|history|card)s?\b)(?!.*\b(?:available|free|open|openings?|options)\b)",
    ),
    rule(
        "standing",
        r"\b(?:your|his|her|their|the next|your next|\w+'s) (?!.*\b(?:available|free|open|possible)\b)(?:\w+ ){0,3}?(?:appointment|booking|reservation|visit|cleaning|check-?up|consultation|session|filling)(?: (?:with|for|at) [\w'. ]+?)? ?(?:is|'s|was|will be|stands|takes place|starts|begins|is still) (?:now |still |currently |already |scheduled )?(?:on\b|at\b|for\b|for this|today|tomorrow|next|this|in place|on the books|coming up|mon|tue|wed|thu|fri|sat|sun|the \d|\d|january|february|march|april|may|june|july|august|september|october|november|december|half|noon)",
    ),
    rule(
        "booked",
        r"^(?:(?:great|good|wonderful|perfect|excellent|okay|alright|so|then) )?(?:your )?(?:appointment|booking|reservation|table)s?(?: [\w'.:]+){0,10}? (?:booked|confirmed|scheduled|made|reserved|set|done|complete|completed|created|placed|successful|succesful)(?: (?:for|at|on|with) .*| successfully)?$",
    ),
)

_BOOKING_WORD: Final = r"(?:booked|scheduled|reserved|confirmed|appointment (?:booked|made|scheduled|confirmed)|booking (?:complete|confirmed|made|done))"
# What no rule above names: somebody says of themselves that they did something. Harmless are the deeds of
# talking, looking and understanding.
_HARMLESS: Final = (
    r"(?:found|find|looked|looking|checked|seen|see|saw|heard|hear|understood|got(?! (?:you|your|it|that|this|him|her|them) (?!on the)\w)|had|have|has|been|misheard|tried|searched|asked (?:you|for your|if|whether|about)"
    r"|said|mentioned|explained|told you|talked|spoke|spoken|thought|wondered|read|answered|counted|opened|gone through|gone over|come|missed|misunderstood|noticed|listed|given you|gave you|offered|repeated|apologi[sz]ed"
    r"|enjoyed|learned|learnt|forgotten|forgot|lost|known|met|lived|worked|used|taken patients|taken (?:a|another) look|accepted|always|never|closed|opened|run|already (?:told|said|mentioned|explained|given)|not|no|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|half|quarter|several|a|an|some|any|the|another|other|only|plenty|time|times|openings?|availab\w*|room|space|nothing|everything|more|both|many|it|you|your|that|this|these|those|to|until|dr|doctor|our|lots|free|just (?:the|one|two|a)"
    r"|mon\w*day|tues\w*|wednes\w*|thurs\w*|friday|satur\w*|sun\w*|tomorrow|today|\d\w*|located|identified|discovered|selected|pulled|retrieved|chosen|suggested|recommended|come up|ended|picked|compiled|narrowed|specified|provided|included|searched for|matched|decided|obtained|figured|come across|your)\b"
)
GENERAL: Final = (
    rule("done", rf"\b(?:i|we)(?:'ve| have) (?:(?:just|now|already|also|successfully|gone ahead and|both) )*(?!{_HARMLESS})[a-z]+(?:ed|en|wn|ne|ut|pt|id|de|nt|ft|ld|et|ot|ung|un|ck(?:ed)?)\b|\b(?:i|we) (?:was|were|have been|'ve been) (?:\w+ )?able to (?!find|see|assist|reach|offer|give|be of|provide|hear|locate|understand|look|help|speak|talk|check|get (?:through|a (?:list|few|couple))|search|pull|come up)[a-z]+\b", by_me=True),
    rule("standing", r"\b(?:your|his|her) (?:\w+ ){0,3}?(?:appointment|booking|reservation|visit|slot|spot)(?: (?:with|for|on|at) [\w'.: ]+?)? ?(?:is|are|'s|has been|'s been) (?!not\b|about\b|an?\b|one\b|only\b|usually\b|free\b|covered\b|included\b|due\b|always\b|likely\b|going\b|just\b|the\b|under\b|\d+ (?:dollars|minutes|hours)|\w+ (?:dollars|minutes|hours)|for (?:yourself|you|a|an|the|your)\b)\w+"),
    rule("sent", r"\b(?:your|the) (?:message|note|request) (?:is|has been|'s|was) (?:now |already )?(?:on|with|in|at|waiting|there|down|safe)\b", by_me=True),
    rule("saved", rf"\b(?:i|we)(?:'ve| have) (?:now )?got (?:your|the|that) (?:\w+ )?{_DETAILS} (?:on file|in the (?:system|file)|saved|down now|noted)", by_me=True),
)  # fmt: skip

BARE: Final = (
    rule("booked", rf"(?:all |and |it's |now )*{_BOOKING_WORD}(?: in)?(?: (?:for|on|at|with|under) .*)?"),
    rule("cancelled", r"(?:all |and |it's |now )*(?:cancell?ed|appointment cancell?ed)(?: for you| as requested)?"),
    rule("moved", r"(?:all |and |it's |now )*(?:moved|rescheduled|changed|switched)(?: (?:to|for) .*)?"),
    rule("sent", r"(?:and )?(?:message|note) (?:taken|sent|delivered|passed on|saved|received)"),
    rule("connected", r"(?:connecting|transferring) you(?: now)?|you're (?:being )?connected"),
    rule("done", r"(?:okay |great |perfect |alright )?(?:and )?(?:all )?(?:done|all set|sorted|all sorted|success|taken care of|consider it done|there you go)(?: for you)?"),
    rule("saved", r"(?:details )?(?:saved|updated|all noted|noted down)(?: in (?:the|our) system)?"),
)  # fmt: skip

_DENIES: Final = re.compile(
    r"\b(?:not|never|n't|cannot|cant|without|unable|nothing|nobody|no one|no longer able|neither|nor|fail\w*|unsuccessful\w*"
    r"|if|unless|whether|in case|once|when|whenever|as soon as|after|before|until|till|so that (?:i|we) can|in order|provided|assuming|supposing|suppose|imagine|pretend"
    r"|would|could|should|might|may|can(?! see\b)|to be|want|wants|wanted|like to|wish\w*|hope\w*|try|trying|tried|need|needs|needed|let me|let's|allow me"
    r"|about to|going to be|ready to|has to be|have to be|must be|will be (?:booked|cancelled|moved|confirmed|scheduled|made|set|saved)|'ll be (?:booked|set|confirmed|scheduled)|which|what|how|who|why|where|either|asked me|ask(?:ed)? (?:whether|if)"
    r"|think|believe|hear|heard|you (?:said|mentioned|told|say|mean)|sounds|please confirm|double ?check|check(?:ing)? (?:that|if|whether)|(?<!able to )confirm (?:that|the following|these|this|your|with)|say(?:s|ing)? that (?:it|i|you)|tell you that|claim|cannot say"
    r"|yet|shortly|ask|offer|option|rather|instead of|just kidding|wrong|only (?:after|once|when))\b|n't\b|\?"
)
_OTHERS: Final = re.compile(
    r"\b(?:fully|solidly?|completely|double) booked|\bbooked (?:out|up|solid|until|through|by (?:someone|somebody|another|other)|with (?:someone|another|other)|on (?:that|this) day)\b|\b(?:someone|somebody) else\b|\banother (?:caller|patient|client|person|customer)\b|\b(?:was|been|is|just|already) taken\b"
    r"|\b(?:already|just) (?:been )?(?:booked|reserved)\b(?=.*\b(?:sorry|afraid|unfortunately|else|another)\b)|\b(?:sorry|afraid|unfortunately)\b.*\b(?:already|just) (?:been )?(?:booked|reserved|taken)\b"
    r"|\b(?:that|this|the|each|every|which|any|both|these|those|most|all|no) (?:\w+ )?(?:slots?|times?|one|hours?|spots?|morning|afternoon|day|week|line|lines|office|clinic|practice|room|parking|o'clock)(?: at [\w: ]+| on \w+)?(?: (?:slot|one))?(?: (?:is|are|was|were|has|have|had|got))?(?:'s)? (?:just |already |now |been |all )*(?:booked|scheduled|reserved|confirmed|closed|cancelled)\b(?! for you)"
    r"|\b(?:dr\.?|doctor) \w+(?: is|'s| was) (?:\w+ )?(?:booked|scheduled)|\b(?:appointments|visits|bookings|cancell?ations|messages|calls|reminders|reservations|new patients|walk-ins|these|most|such|cleanings|sessions) (?:are|can|have to|must|need|is|should|take|last|usually|made|cancelled|rescheduled|booked)\b"
    r"|\bwe(?:'re| are) (?:fully |all )?(?:booked|scheduled|closed|open|set up|located)\b|\bi(?:'m| am) (?:set up|an)|\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|morning|afternoon|week|month)s?(?: is| are|'s) (?:all |now |already |fully |completely )*(?:booked|full|taken|closed)"
    r"|\beverything (?:on|in|this|next|from|before|after|until)\b|\bcancell?ed (?:within|less than|with less)|\blate cancell?|\bif cancell?ed|\b(?:class|event|meeting|party|seminar|clinic|course|workshop)(?: (?:on|in|at) \w+)? (?:is|was|has been)"
)
_SPLIT: Final = re.compile(
    r"(?<=[^\d]),\s+|(?<=\d),\s+(?=\D)|[;!?…]+\s*|\s[–—-]+\s|:\s+(?=\D)|\.\s+(?=(?:and|so|i|we|you|your|is|would)\b)"
    r"|\s+(?=(?:but|so (?:i|we|you|your|it|that|the)|because|although|though|however)\b)"
    r"|\s+(?=and (?:is|are|can|could|would|will|do|does|did|shall|should|may|i|we|you|your|it|the|that|dr|she|he|they|please|what|when|then|also|i'll|i've|we'll|we've|i'm|have|has)\b)"
    r"|\s+(?=(?:if|unless|once|when|until|before|after|as soon as|while|where|whether)\b)"
)  # fmt: skip
_TAG: Final = re.compile(
    r"(?:right|ok|okay|alright|all right|correct|yes|yeah|good|fine|sound good|sounds good|does that sound good|is that (?:right|ok|okay|fine|correct|alright)|does that work(?: for you)?|got it|you see|then|great|cool|isn't (?:it|that)|aren't you|haven't i|anything else|any questions|how does that sound)"
)
_ASKS: Final = re.compile(
    r"(?:and |so |or |but |okay |then |now |great |well )*(?:shall|should|would|could|can|may|do|does|did|is|are|was|were|have (?:i|you|we|they)|has (?:he|she|it|the|your|anyone)|will|what|which|when|where|who|whom|how|why|am i)\b(?! (?:forward|done|you'd|i've|we've|it's|booked|scheduled))"
)
_ASIDE: Final = re.compile(
    r"(?:and |so |but |then )*(?:please|but|we(?:'re| are) (?:open|closed)|we (?:open|close)|the (?:office|clinic|practice|doors?|parking)|arrive|come|be here|plan to|try to|make sure|remember|bring|don't|if|in case|doors|parking|otherwise|because|though|although|until|your co|it (?:takes|lasts|costs)|that (?:takes|lasts)|since|not|instead of|rather than|as (?:the|your)|while|before|after|when|where|our)\b"
)
_SUPPOSES: Final = re.compile(
    r"(?:and |so |but |then |okay |just )*(?:once|please (?:confirm|verify|check|note if)|kindly (?:confirm|verify|ensure|check)|if|when|as soon as|unless|until|before|after|in case|whenever|suppose|supposing|provided|assuming)\b"
)
_BUSY: Final = re.compile(
    r"\b(?:is|are|was|were|taken|booked|free|full|gone|have|has|had|can|can't|could|would|works?|open|opens|close|closes|closed|takes|costs|lasts|i|we)\b|'s\b"
)
_FILLER: Final = re.compile(
    r"\b(?:okay|ok|well|great|good news|good|perfect|wonderful|excellent|alright|all right|right|sure|certainly|absolutely|of course|lovely|super|fantastic|thanks?|thank you|awesome|yes|yep|very well|no problem|not a problem|no worries|don't worry|there we go|sorry for the wait|not to worry)\b[,.!]?\s*(?=\S)"
)  # fmt: skip


_SAYING: Final = re.compile(
    r"\b(?:i can (?:now )?(?:confirm|tell you)|i'm (?:happy|pleased|glad|delighted) to (?:say|tell you|confirm|let you know|inform you)|just to let you know|to let you know|i wanted to let you know|let me tell you|let me confirm|this is to confirm|it looks like|looks like|as (?:i said|discussed|you asked|requested)|i'd like to (?:confirm|tell you|let you know)|(?:just )?to (?:recap|confirm|summari[sz]e))(?: that)? "
)


def _simplify(text: str) -> str:
    text = text.replace("dr. ", "dr ").replace("can't wait to see", "look forward to seeing")
    text = _SAYING.sub("", text)
    return _FILLER.sub("", text) or text


ENGLISH: Final = Grammar(
    split=_SPLIT,
    tag=_TAG,
    asks=_ASKS,
    denies=_DENIES,
    others=_OTHERS,
    aside=_ASIDE,
    supposes=_SUPPOSES,
    busy=_BUSY,
    rules=(*RULES, *GENERAL),
    bare=BARE,
    simplify=_simplify,
)
