"""What is dangerous in English, with what recognisers make of it."""

from __future__ import annotations

from typing import Final

from domain.safety.words import DangerWords

_WHO: Final = (
    r"(i|he|she|they|you|we|it|baby|child|kid|son|daughter|husband|wife|mother|mom|mum|father|dad|brother|sister"
    r"|grandmother|grandfather|grandma|grandpa|friend|toddler|boy|girl|man|woman|patient|partner|neighbor|neighbour"
    r"|somebody|someone|colleague|boyfriend|girlfriend)"
)
_IS: Final = r"(s|is|are|m|am|re|was just|has been|have been|ve been|been)"
_BREATHE: Final = r"(breathe?|breathing|breeding|breath)"
_NOT: Final = r"(not|n t|t|cannot|can not|never)"
_SERVICE: Final = (
    r"(ambulance|ambulances|paramedics?|police|cops|fire (brigade|department|service|engine))"
)

_EMERGENCY: Final = (
    # Breathing
    rf"((can|could) (t|not|hardly|barely)|cannot|cant|hardly|barely|struggling to|unable to|not able to) {_BREATHE}",
    rf"(is|isn|s|are|m|am|has|have|ve)( t| not| stopped| barely| hardly) {_BREATHE}",
    r"stopped breathing|(can t|cannot|can not) (catch|get) (my|his|her) breath|(gasping|fighting) for (air|breath)|(can t|cannot) get (any|enough) air|breathing (is|s) (really |very )?(bad|weird|shallow|fast)",
    rf"(trouble|difficulty|problems|hard time|struggling) (to )?{_BREATHE}",
    r"(turning|gone|going|went|lips are) blue",
    r"(is|s|m|am|are|re) (choking|suffocating)",
    r"(is|s|m|am|are) (drowning)|(has|s|got|been) (been )?electrocuted",
    # Heart, brain
    r"(having|have|has|had just|just had|suffering|got|is|s) (an?|the) (massive |mild )?(heart|hard|hart) (attack|a ?tack|a ?tac|at tack|a track)",
    r"^(\w+ )?(heart|hart) (attack|a ?tack)",
    r"(have|having|has|got|ve got|bad|terrible|severe|crushing|sharp|strong|with|feel|feeling) (a )?(\w+ )?(chest|chess) pains?",
    r"(pains?|pressure|tightness|squeezing) (in|on) (my|his|her|the|their) (\w+ )?(chest|chess)",
    r"chest feels like|(my|his|her) (chest|chess) (hurts?( (so|really|very|bad|badly|a lot))|is (tight|crushing)|feels (tight|heavy|crushed))",
    r"(having|is having|s having|just had|just having|has had|s had|suffering) an? (\w+ )?stroke",
    r"face (is|s|has) (drooping|dropping|fallen|hanging|droopy|gone numb)",
    r"(can t|cannot|can not|unable to) (move|feel) (my|his|her) (\w+ )?(arm|arms|leg|legs|face|side)",
    r"(no|doesn t have a|not got a|hasn t got a|t find a|no more) (pulse|heartbeat)",
    r"(grabbed|clutched|grabbing|clutching|holding) (my|his|her|the) chest",
    r"(chest (is|s) killing (me|him|her)|left arm (hurts|is numb|is tingling|went numb))",
    # Blood, injuries
    r"(so much|too much|a lot of|lots of) blood( coming| and| on|$)|(bleed|bleeding) (from|out of) (the |his |her |my )?(head|neck|ear|ears|eyes|stomach|belly|chest|artery)",
    r"(somebody|someone|people|person|man|woman|i m|i am|we re|we are|he s|she s|he is|she is|they re|kids?) (is |are )?(trapped|pinned|stuck under|crushed)|(can t|cannot) get out( of the (car|fire|house|building))?$",
    r"(won t|will not|can t|cannot|doesn t|does not|isn t going to) stop (the )?bleeding",
    r"bleeding (\w+ )?(badly|heavily|to death|out|everywhere|profusely)|bleeding (won t|doesn t|will not) stop",
    r"(blood (is )?(everywhere|all over|gushing|pouring|spurting)|losing (\w+ ){0,3}blood|(pool|lots?) of blood (on|everywhere))",
    r"(been|got|was just|just got|just been|were) (shot|stabbed|run over|hit by an? (car|bus|truck|train|lorry|van|motorbike))",
    r"(there s been|there has been|just had|just been in|we re in|i m in) an? (\w+ )?(car )?(accident|crash|wreck)",
    r"(fell|fallen) (\w+ ){1,4}(and |he |she |i |they )+(\w+ )?(can t|cannot|isn t|is not|s not|not) (\w+ )?(move|moving|get up|stand|walk|wake)",
    # Consciousness
    rf"{_WHO} (just |has just |s just |has |have |s )?(collapsed|keeled over)",
    r"(dropped|fell|fallen|lying|lies|collapsed) (down )?(to|on|onto) the (floor|ground|bathroom|kitchen)( floor)?( and)? (\w+ )?(isn t|is not|not|s not|won t|doesn t|can t) (\w+ )?(mov\w+|respond\w*|wake|waking|answer\w*|talk\w*|get)",
    r"(floor|ground|bed|street|road|couch|bathroom) unconscious|(is|s|are|lying|fell|found (him|her)|went) unconscious|unconscious (on|in)",
    r"(passed out|fainted|collapsed) (and|on the) (\w+ ){0,2}(won t|not|isn t|doesn t|can t|floor|t)",
    r"(won t|not|isn t|doesn t|can t|t) (wake|waking|come) (up|to|him up|her up|round)",
    rf"{_WHO} (is|s|are|has gone|went) (unresponsive|not responding|not respond)|isn t responding|won t respond",
    r"(having|has|having like|in) an? (\w+ )?(seizure|caesar|seizures|convulsion|fit (on|and|right))|is convulsing|s convulsing|having (seizures|convulsions)",
    r"foaming at the mouth",
    # Poison, allergy
    r"(took|taken|swallowed|has had|ate) (\w+ )?(too many|an? (whole|entire|full) (bottle|box|pack)|all (of )?(the|my|his|her)|an? (bottle|box|handful)) (of )?(\w+ )?(pills|tablets|medication|medicine|sleeping pills|drugs)",
    r"overdos(ed|ing)|(having|had|has|taken|took|is|an) (an )?overdose",
    r"(swallowed|drank|drunk|ate|eaten) (some |a |an |the )?(\w+ )?(bleach|poison|rat poison|antifreeze|batter(y|ies)|detergent|drain cleaner|acid|magnets?)",
    r"(has been|been|got|is|s) poisoned",
    r"throat (is|s|keeps) (closing|swelling|tightening)( up)?|(tongue|lips) (is|are|s) swelling( up)?",
    r"anaphyla(xis|ctic)( shock)?",
    # Fire, gas
    r"(there s|there is|it s|we have|we ve got|started) (a )?(\w+ )?fire (in|at|on|here|and|next|now)",
    r"smoke (is |s )?(\w+ )?(coming|pouring|filling|everywhere|billowing)|(full of|filled with) smoke",
    r"(house|home|kitchen|car|building|office|room|apartment|flat|place|garage|roof|curtains?|clothes|hair|bed|stove|oven|school|shop) (is|s|are|just caught|has caught|caught) (on )?fire",
    r"(building|house|home|kitchen|car|apartment|flat|roof|place) (is|s) burning( down)?",
    r"(smell|smells like|smelling) (of )?gas|gas (leak|is leaking)|carbon monoxide (alarm|is)",
    # Violence
    r"(breaking|broke|broken|trying to (break|get)|climbing) (in|into) (to )?(my|our|the) (house|home|apartment|flat|place|window|back door)",
    r"(man|guy|woman|stranger|somebody|someone|intruder|burglar)s? (is |s )?(in|inside|outside) (of )?(my|our|the) (\w+ )?(house|home|apartment|flat|door|room) with an? (\w+ )?(knife|gun|weapon|axe|bat)",
    r"(there s|there is|we have) (an? )?(intruder|burglar|active shooter|shooter|gunman)",
    r"(he|she|they|somebody|someone|man|guy|husband|boyfriend|ex)( s| has| s got| have| got| has got)? (got )?a (gun|knife|weapon)",
    r"(is|s|are|re) (here|outside|at (my|the) door|coming|downstairs|upstairs|in the (house|room)) (now )?with an? (gun|knife|weapon|axe|bat|machete)",
    r"(is|s|are|re|keeps) (hitting|beating|attacking|strangling|stabbing|shooting|raping|assaulting|choking) (me|us|her|him|people|my|at)",
    r"trying to (kill|rape|strangle|stab|murder|abduct|kidnap) (me|us|him|her|my)",
    r"(has been|been|was just|being|got) (kidnapped|attacked|raped|assaulted|held hostage|held at gunpoint|taken hostage)",
    # In so many words
    rf"(need|want|send|get|call|calling|calls|bring|fetch|dial|please) (me |us |him |her |for )?(an |the |a )?{_SERVICE}( please| now| right now| quick\w*| immediately| here| over| for| to)?$",
    rf"(need|send|get|call|dial) (me |us |for )?(an |the |a )?{_SERVICE} (right |at (my|our|the|home|\\d)|there s|there is|please|now|immediately|quick|quickly|to my|to our|here|over here|at once|for (my|him|her|me))( \w+)*",
    r"(call|dial|phone|get me|calling|ring) (9 1 1|911|nine one one|9 11|999|9 9 9|nine nine nine|triple nine|112|1 1 2|one one two|000|triple zero|111)",
    r"(medical|life threatening|real medical) emergency",
    r"(life (and|or) death|life threatening)",
    r"(help|somebody|someone) (me )?(he|she|they|somebody|someone) (is|s) (going to|gonna|trying to) (kill|hurt) (me|us)",
    r"(he|she|mom|mum|dad|baby|mother|father|husband|wife|somebody|someone|son|daughter|child|i|friend) (is|s|m|am) dying",
    r"baby (is|s) coming( now| right now| out)$|going into labou?r( now| right now)?$|in labou?r and",
)

_SELF_HARM: Final = (
    r"(want|wants|wanted|wanna|going|gonna|thinking (of|about)|thought (of|about)|plan|plans|planning|ready|about) (to |on )?(kill(ing)?|hang(ing)?|shoot(ing)?|hurt(ing)?|harm(ing)?|drown(ing)?) (myself|himself|herself|themselves)",
    r"i (ll|will|m gonna|m going to|could|should|might) (just )?kill myself",
    r"(don t|do not|doesn t|does not|no longer) (want|wish|wanna) (to )?(live|be alive|exist|wake up|be here|go on)( anymore| any more| any longer| again)?",
    r"(want|wants|wanna|going|gonna|thinking (of|about)|thought (of|about)|ready|plan|planning) (to )?(end(ing)?|take|taking) (my|his|her|their) (own )?life",
    r"(end|ending) it all",
    r"(i m|i am|feel|feeling|feels|he s|she s|is|been|am|getting) (so |very |really )?suicidal",
    r"(thinking|thoughts|thought|think|talks|talking|considering|contemplating) (\w+ )?(about |of )?(committing )?suicide|commit(ting)? suicide",
    r"(i|he|she|just|really|they) (just |really |only )?(want|wants|wanna|wish i (was|were)) (to )?(die|dead)",
    r"better off (without me|if i (was|were) (dead|gone))|better off dead",
    r"(cutting|cut|hurting|harming|burning) (myself|herself|himself) (again|every|on purpose|to feel|at night)|(been|am|m|keep|started) (cutting|harming) myself",
    r"(no|(don t|do not|can t) see (a|any|the)) (reason|point) (for me )?(to|in) (live|living|go on|going on)|(can t|cannot) (just )?(go on|keep) living|(can t|don t want to) go on (like this )?any ?more",
)

_THREAT: Final = (
    r"(i m|i am|we re|i) (going to|gonna|will|ll|want to|swear i ll|am going to)( \w+)? (kill|murder|shoot|stab|strangle|hurt|beat up|bomb|blow up) (you|your|him|her|them|everyone|everybody|all of you|the (doctor|dentist|staff|receptionist|manager|place|office)|dr|doctor|somebody|someone|people|this place)",
    r"i (ll|will|m going to|m gonna) (find|get|track down|hunt) (you|him|her|them) and (\w+ )?(kill|shoot|hurt|beat|stab)",
    r"i (ll|will) (kill|murder|shoot|stab|strangle|hurt|bomb|find and kill) (you|him|her|them|everyone|everybody|all of you|the \w+|dr|doctor|somebody|someone)",
    r"(burn|burning|blow|bomb|shoot|torch) (up |down )?(your|the|this|that) (whole |entire |fucking |damn )?(office|place|building|clinic|practice|house|shop|store|school)( up| down)?",
    r"bomb in (your|the|this|that) (\w+ )?(building|office|clinic|house|place|school|shop|store|car|basement)",
    r"(coming|come|be) (over |down |back |up )?(there|here|by) (\w+ )?with (a|my) (gun|knife|shotgun|rifle|bat|weapon|bomb)",
    r"(hurt|kill|shoot|stab) (somebody|someone|everybody|everyone|all of you|you all|the (doctor|dentist|staff))",
    r"where you live and (i m|i am|i ll|i will|we re) (going to |gonna )?(get|find|come|kill|hurt) (you|for you|to you|after you)",
    r"(he|she|you|they) (is|s|are|re) (a )?dead (man|men|woman|meat|people)|you re (all )?dead",
    r"with your (life|lives)",
)

_YOU: Final = r"(you|you re|you are|your|ya|u)"
_INSULT: Final = (
    r"(idiot|moron|bitch|asshole|arsehole|bastard|cunt|retard|wanker|dickhead|motherfucker|whore|slut|twat"
    r"|imbecile|scumbag|piece of (shit|crap|garbage)|dumbass|prick)s?"
)
_ABUSE: Final = (
    r"f(u|o)ck (you|off|yourself|your)|go f(u|o)ck yourself|screw you|piss off|sod off|up yours",
    r"(what|how|who) the (f(u|o)ck|hell) is wrong with you",
    r"go to hell|drop dead|burn in hell",
    rf"{_YOU} (are |re |such |an? |bunch of |just |all |f(u|o)cking |stupid |useless |dumb |fat |little |goddamn |damn |bloody |worthless )*{_INSULT}",
    rf"(stupid|fucking|useless|dumb|goddamn|worthless|bloody) ({_INSULT}|robot|machine|computer)$",
    r"(suck|lick) my \w+|(show me|send me) your (tits|boobs|ass)|what are you wearing|(are|re) you (naked|horny)|wanna f(u|o)ck",
    r"shut (the f(u|o)ck |the hell )?up (you|bitch|idiot|stupid)|shut the f(u|o)ck up",
)

WORDS: Final = DangerWords(
    dangers={
        "emergency": _EMERGENCY,
        "self_harm": _SELF_HARM,
        "threat": _THREAT,
        "abuse": _ABUSE,
    },
    certain=(
        r"(don t|do not|t) know if (he|she|they|it|my \w+) (is|s|are) (still )?(breathing|alive|conscious)",
    ),
    harmless=(
        r"(is|are|was|were|s|re|been) killing me",
        r"kill(s|ed)? (for|time|the (weeds|appointment|subscription|noise|lights|engine))",
        r"(prices?|shoes|feet|tooth|back|knees?) kill me",
        r"to die for|die(d)? laughing|dying (to|for)",
        r"(phone|battery|laptop|lawn|plants?|garden|car|tablet|signal|line|connection) (is|s|are) dying",
        r"(gave|give|giving|given) (me|us|him|her) an? heart attack",
        r"stroke of \w+",
        r"(breathing|breathe|breath)? ?(through|out of|from|with) (my|his|her|the|this|that) (nose|nostrils?|mask|snorkel|machine)",
        rf"{_BREATHE} (exercises?|techniques?|classes|easy|easily|deeply)",
        r"fire (alarm|drill|exit|inspection|extinguisher|place|door|safety|marshal|warden|lane|escape)( \w+)?",
        r"(mouth|tongue|back|feet|skin|throat|eyes|guys|knee|shoulder|team|ears?|lips|stomach|muscles?) (is|are|s|re) (still )?on fire",
        r"you( guys)? (are|re) on fire",
        r"(drowning|swimming|buried) in (\w+ )?(paperwork|emails?|work|calls|debt|bills|tickets|invoices|mail)",
        r"(flu|booster|allergy|covid|tetanus|vaccine|money|long|mug|screen) shots?",
        r"if i miss \w+",
        r"gas station|laughing gas",
        r"hit by an? (\w+ )?(fee|bill|charge|fine|cold|bug)",
        r"chok(ing|ed) up",
        r"(first aid|cpr|training|course|courses|class|classes|hotline|prevention|awareness|workshop)( \w+)* (suicide|strokes?|seizures?|choking|overdose|heart attacks?)( and \w+)?",
        r"suicide (prevention|hotline|awareness|squad)( \w+)?",
        r"call (911|9 1 1|999|112) (on|in) (your|the|an|case)( \w+)?",
        r"(hang up and )?(call|dial) (911|9 1 1|999|112) in an emergency",
        r"chess (club|pains me|game|match|board|team|lesson)",
        r"life or death matter of taste",
        r"die my hair",
        r"live in (this|that|the|my) (apartment|flat|house|city|town|street|place)",
        r"(boss|wife|mom|mum|mother|dad|father|dentist|doctor|teacher|coach) (is |s )?(going to|gonna|will|ll|would) (kill|murder) me",
        r"(kill|murder) me if i \w+|(cut|cutting) myself (off|some slack|short|shaving)",
        r"(end|ending) it (all )?(at|on|by|around|there|here|early|now with)",
        r"(man|guy|woman|person|plumber) in my (house|home) (fixing|repairing|cleaning|painting|working)",
        r"only joking|just kidding",
    ),
    parts=r"\b(?:but|and now|and then|and right now|because|so that)\b",
    past=(
        r"\b(yesterday|ago|used to|when i was|history of|in the past|previously|recover\w*|survivor|once"
        r"|as a (child|kid|teenager)|last (night|week|month|year|summer|winter|spring|fall|autumn|time|january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
        r"|in (19|20)\d\d|back in|since (my|his|her|the)|after (my|his|her|the) (heart|stroke|accident|surgery)|under control|family history|every night|at night|when (he|she|i|they) (sleeps?|am asleep))\b"
    ),
    present=r"\b(now|right now|again right|still|at the moment|currently|just now)\b",
    conditional=(
        r"\b(?<!know )(?<!wonder )(?<!sure )(?<!as )(?<!tell )(if|in case|whenever|unless|suppose|do (you|they)|does (your|it|the|dr|anybody|insurance)|should (i|we)|would (you|i)|do i|how (much|do|would)|is it ok)\b"
    ),
    negated=(
        r"(isn t|is not|s not|not|aren t|wasn t|never|without|no|no more|nobody is|no one is|nothing like|neither"
        r"|(don t|do not|doesn t|does not|didn t|haven t|hasn t) (need|have|want|think|see|feel|got|had)( an?| the| any| to)?)"
    ),
)
