"""How claims are made in Hindi, in Devanagari, in Latin letters, and with English words among the Hindi ones.

Text is normalised before (`domain.text.normalised`): no nukta, no chandrabindu, `गयी` written `गई`.
"""

from __future__ import annotations

import re
from typing import Final

from domain.claims.grammar import Grammar, rule

_DID: Final = (
    r"(?:कर )?(?:दिया|दी|दिए|दीं|ली|लिया|लिए|चुका|चुकी|चुके|डाली|डाला|दिया गया|दी गई)(?![\u0900-\u097f])"
    r"|(?:kar |ker )?(?:diya|di|diye|liya|li|chuka|chuki|chuke)\b|(?:की|किया|किए) (?:है|हैं|गई|गया|जा चुकी|जा चुका)|\b(?:ki|kiya) (?:hai|gayi|gaya)\b"
    r"|कर रखी|कर रखा|कर के रख"
)
_BECAME: Final = (
    r"(?:हो|कर दी|कर दिया|की|किया|दी|दिया|ली|लिया) (?:गई|गया|गए|गईं|चुकी|चुका|चुके)|\b(?:ho|kar di|kar diya) (?:gayi|gai|gaya|gaye|chuki|chuka|chuke)\b"
    r"|हुई है|हुआ है|हुए हैं|जा चुकी|जा चुका|\bhui hai\b|\bhua hai\b"
)
_IS: Final = r"(?:(?:अब |पूरी तरह |पहले से )?(?:है|हैं|रहेगी|रहेगा)(?![\u0900-\u097f])|\b(?:hai|hain)\b)"
_DONE: Final = rf"(?:{_DID}|{_BECAME})"
_BOOK: Final = r"(?:बुक|बुकिंग|रिजर्व|आरक्षित|तय|पक्की|पक्का|कन्फर्म|कंफर्म|कन्फ़र्म|निर्धारित|शेड्यूल|दर्ज|फिक्स|लगा|फाइनल|सुनिश्चित|पुष्टि|सेट|\bbook|\bbooking|\bbooked|\breserve|\bfix|\bpakk[ai]|\bconfirm|\bconfirmed|\bschedule|\bscheduled|\bset\b|\bfinal)"
_MOVE: Final = r"(?:बदल|बदली|बदला|शिफ्ट|रीशेड्यूल|रिशेड्यूल|आगे बढा|पीछे कर|स्थानांतरित|मूव|चेंज|खिसका|\bbadal|\bshift|\breschedule|\bchange|\bmove)"
_CANCEL: Final = r"(?:रद्द|कैंसिल|कैंसल|कैन्सल|निरस्त|हटा|खारिज|\bcancel|\bcancelled|\bcanceled|\bradd)"
_MESSAGE: Final = r"(?:संदेश|सन्देश|मैसेज|मेसेज|सूचना|बात|रिक्वेस्ट|अनुरोध|नोट|खबर|\bmessage|\bsandesh|\bnote\b|\brequest|\bbaat\b)"
_PASS: Final = r"(?:भेज|पहुंचा|पहुंच|दे|बता|नोट|ले|लिख|रख|दर्ज|आगे बढा|छोड|सौंप|सेव|\bbhej|\bpahunch\w*|\bpahuncha|\bde\b|\bbata|\bnote|\ble\b|\blikh|\brakh|\bpass|\bforward|\bsave|\bsend)"
_STAFF: Final = r"(?:डॉक्टर|डॉ|टीम|स्टाफ|कर्मचारि|उन्हें|उनको|उनसे|मैनेजर|सहकर्मी|क्लिनिक|ऑफिस|रिसेप्शन|सबको|\bdoctor|\bdr\b|\bteam|\bstaff|\bunhe|\bunko|\bmanager)"
_CONNECT: Final = r"(?:जोड|ट्रांसफर|ट्रान्सफर|कनेक्ट|मिला|फॉरवर्ड|\bconnect|\btransfer|\bjod|\bmila)"
_DETAILS: Final = r"(?:जानकारी|नंबर|नम्बर|ईमेल|नाम|पता|विवरण|डिटेल|रिकॉर्ड|जन्मतिथि|फोन|\bdetails?|\bnumber|\bemail|\bnaam|\bpata\b|\brecord|\bjaankari)"
_SAVE: Final = r"(?:सेव|सुरक्षित|अपडेट|नोट|दर्ज|लिख|जोड|ठीक|सुधार|बदल|रख|\bsave|\bupdate|\bnote|\blikh|\bdarj|\bcorrect)"
_MAIL: Final = r"(?:ईमेल|एसएमएस|मैसेज पर|व्हाट्सएप|वॉट्सऐप|कन्फर्मेशन|लिंक|रिमाइंडर|टेक्स्ट|\bemail|\bsms\b|\bwhatsapp|\blink\b|\breminder|\bconfirmation)"
_APPOINTMENT: Final = r"(?:अपॉइंटमेंट|अपॉइन्टमेंट|अपाइंटमेंट|अप्वाइंटमेंट|बुकिंग|मुलाकात|विजिट|समय|स्लॉट|\bappointment|\bbooking|\bslot|\bvisit|\btime)"


RULES: Final = (
    rule(
        "mailed",
        rf"(?:आपको|आपके|\baapko|\baapke)\b.*?{_MAIL}.*?(?:भेज|\bbhej|\bsend).*?(?:{_DONE})",
        by_me=True,
    ),
    rule(
        "mailed",
        rf"(?:आपको|\baapko).*?{_MAIL}.*?(?:भेज|\bbhej) (?:दूंगी|दूंगा|देंगे|रही हूं|रहा हूं|doong[ai]|denge|rahi hoon|raha hoon)|(?:आपको|\baapko).*?{_MAIL}.*?(?:भेजूंगी|भेजूंगा|भेजेंगे)",
        firmness="announced",
        by_me=True,
    ),
    rule(
        "listed",
        rf"(?:वेटिंग लिस्ट|प्रतीक्षा सूची|\bwaiting list).*?(?:{_DONE}|(?:जोड|डाल|रख|लिख|आ) ?(?:{_DONE})|{_IS})",
    ),
    rule("cancelled", rf"{_CANCEL}\w* ?(?:{_DONE}|{_IS})", by_me=True),
    rule(
        "moved",
        rf"(?:{_APPOINTMENT}|इसे|उसे|आपको|आपकी|\bise|\buse|\baapki).*?{_MOVE}\w* ?(?:{_DONE}|{_IS})|^{_MOVE}\w* ?(?:{_DONE})|(?:नया समय|नई तारीख|\bnaya time).*?{_IS}",
        by_me=True,
    ),
    rule(
        "connected",
        rf"(?:आपको|आपकी कॉल|कॉल|\baapko|\bcall).*?{_CONNECT}\w* ?(?:{_DONE})|(?:लाइन पर|\bline par).*?(?:आ गए|आ गई|{_IS})",
        by_me=True,
    ),
    rule(
        "connected",
        rf"{_CONNECT}\w* ?(?:कर |kar )?(?:रही|रहा|रहे|rahi|raha|rahe) (?:हूं|हैं|है|hoon|hun|hain)|(?:आपको|आपकी कॉल|\baapko).*?{_CONNECT}\w* ?(?:कर |kar )?(?:देती|देता|दूंगी|दूंगा|देते|deti|deta|doongi|doonga|dete)(?: (?:हूं|हैं))?",
        firmness="announced",
        by_me=True,
    ),
    rule(
        "sent",
        rf"{_MESSAGE}.*?{_PASS}\w* ?(?:{_DONE})|{_STAFF}.*?(?:बता|सूचित|कह|खबर|बात|जानकारी दे|सूचना दे|संदेश दे|\bbata|\binform|\bkeh|\bbaat)\w*(?: कर)? ?(?:{_DONE})|{_MESSAGE}.*?(?:मिल गया|मिल गई|पहुंच गया|पहुंच गई|\bmil gaya|\bpahunch gaya)|(?:वापस कॉल|कॉलबैक|कॉल बैक|\bcallback).*?(?:{_DONE})",
        by_me=True,
    ),
    rule(
        "sent",
        rf"(?:{_STAFF}|{_MESSAGE}|यह|ये|इसे|\bye\b|\byeh\b).*?(?:बता|कह|पहुंचा|भेज|दे|सूचित कर|बोल|\bbata|\bkeh|\bpahuncha|\bbhej|\bde|\bbol) ?(?:दूंगी|दूंगा|देंगे|देती हूं|देता हूं|रही हूं|रहा हूं|doongi|doonga|dungi|dunga|denge|deti hoon|deta hoon)",
        firmness="announced",
        by_me=True,
    ),
    rule(
        "sent",
        r"(?:आपको|आपसे|\baapko|\baapse).*?(?:कॉल|फोन|संपर्क|\bcall|\bphone|\bsampark) (?:करेंगे|करेंगी|करेगा|करेगी|कर लेंगे|kareng[ei]|kareg[ai])",
        firmness="announced",
    ),
    rule(
        "saved",
        rf"{_DETAILS}.*?{_SAVE}\w* ?(?:{_DONE})|^(?:मैंने |हमने |maine )?(?:यह |इसे |ये |ye )?(?:नोट|दर्ज|सेव|लिख|अपडेट|\bnote|\bsave|\bupdate)\w* ?(?:{_DONE})|{_DETAILS}.*?(?:सेव|सुरक्षित|अपडेट|दर्ज|\bsave|\bupdate)\w* ?{_IS}",
        by_me=True,
    ),
    rule(
        "held",
        r"(?:समय|स्लॉट|इसे|\bslot|\btime).*?(?:रोक|होल्ड|सुरक्षित|\bhold|\brok)\w*(?: कर)? ?(?:कर )?(?:लिया|दिया|रखा|रखी|रही हूं|रहा हूं|गया|liya|diya|rakha|rahi hoon)",
    ),
    rule(
        "confirmed",
        rf"(?:उपस्थिति|आने की|आपका आना|\battendance).*?(?:पुष्टि|दर्ज|कन्फर्म|नोट|पक्का|\bconfirm|\bnote)\w* ?(?:{_DONE}|{_IS})",
        by_me=True,
    ),
    rule(
        "booked",
        rf"{_BOOK}\w* ?(?:{_DONE}|{_IS})|(?:{_APPOINTMENT}).*?(?:बन|मिल|ले|लगा|हो|रख|दे|\bban|\bmil|\ble|\bho|\brakh) ?(?:{_DONE}|गई|गया|गए|gayi|gai|gaya)|(?:आपका नाम|\baapka naam).*?(?:लिख|दर्ज|डाल|\blikh) ?(?:{_DONE})",
        by_me=True,
    ),
    rule(
        "booked",
        r"(?:मिलते हैं|मुलाकात होगी|मिलेंगे|इंतजार (?:करेंगे|रहेगा|करेंगी)|\bmilte hain|\bmilenge)(?:$| )|(?:बुकिंग कोड|कन्फर्मेशन कोड|\bbooking code).*?(?:है|\bhai)",
    ),
    rule(
        "standing",
        rf"(?:आपकी|आपका|आपके|उनकी|\baapki|\baapka|\baapke).*?(?:{_APPOINTMENT}).*?(?:को|बजे|तारीख|\bko|\bbaje)? ?{_IS}|(?:{_APPOINTMENT}) (?:मिली|मिला|दिख|मिल रही|दिखाई)",
    ),
    rule(
        "done",
        rf"(?:मैंने|हमने|\bmaine).*?(?<!देख )(?<!सुन )(?<!समझ )(?<!ढूंढ )(?<!खोज )(?<!पूछ )(?<!बता )(?:{_DID})(?: है| hai)?$",
        by_me=True,
    ),
    rule(
        "done",
        rf"(?:काम|सब|सब कुछ|वह|वो|यह|\bkaam|\bsab|\bho\b)? ?(?:{_BECAME}|(?:तैयार|पूरा|\bdone|\bpoora) ?(?:{_IS}|हो (?:गया|गई)))$|^(?:मैंने |हमने |maine )(?:यह |वह |इसे |ye )?(?:{_DID})(?: है)?$",
        by_me=True,
    ),
)

BARE: Final = (
    rule("booked", r"(?:बुक|कन्फर्म|पक्का|पक्की|confirm|book)(?: हो गया| हो गई)?(?: है)?"),
    rule("done", r"(?:हो गया|हो गई|हो गया है|हो गया जी|ho gaya|done|तैयार है)"),
)  # fmt: skip

_B: Final = r"(?<![\u0900-\u097f\w])"
_E: Final = r"(?![\u0900-\u097f\w])"
_DENIES: Final = re.compile(
    rf"{_B}(?:नहीं|नही|न|ना|मत|बिना|अगर|यदि|जब|जैसे ही|तभी|ताकि|शायद|कोई|क्या|कौन|कब|कैसे|कहां|किस|होने पर|होने के बाद|करने के बाद|करने से पहले|से पहले|के बाद|होते ही|सकती|सकता|सकते|चाहते|चाहती|चाहें|चाहिए|बाकी|अभी तक|nahi|nahin|agar|yadi|jab|jaise hi|kya|kab|sakti|sakta|chahte|baad|pehle|bina|mat){_E}"
)
_OTHERS: Final = re.compile(
    r"(?:एक|किसी|दूसरे|दूसरी) (?:मरीज|ग्राहक|पेशेंट|व्यक्ति)|(?:किसी और|किसी अन्य|दूसरे|kisi aur)|(?:वह|यह|वो|ये) (?:समय|स्लॉट|time|slot)[^,]*(?:बुक|भर|ले)|(?:पूरा|पूरी|पूरे|सारे|सभी|सारा)[^,]*(?:बुक|भरा|भरी|भर|book)|(?:डॉक्टर|डॉ)\.? \S+ (?:पूरी तरह )?(?:बुक|व्यस्त)|(?:पहले से|पहले ही)[^,]*(?:बुक|भरा|book)"
)
_SPLIT: Final = re.compile(
    r"(?<=[^\d]),\s+|(?<=\d),\s+(?=\D)|[;!?।…]+\s*|\s[–—-]+\s|:\s+(?=\D)|\.\s+|\s+(?=(?:लेकिन|मगर|पर (?=आप|मैं|अभी)|क्योंकि|इसलिए|lekin|magar)\b)|\s+(?=और (?:आप|मैं|क्या|अब|आपका|आपकी|हम|कुछ))"
)  # fmt: skip
_TAG: Final = re.compile(r"(?:ठीक है|ठीक|है ना|सही|सही है|हां|ओके|theek hai|ok|hai na|ना)")
_ASKS: Final = re.compile(
    rf"(?:तो |और |अच्छा |to )?(?:क्या|कब|कौन|किस|कहां|कैसे|kya|kab|kaun|kaise){_E}"
)
_ASIDE: Final = re.compile(r"(?:कृपया|लेकिन|हम (?:खुले|बंद)|क्लिनिक|अगर|यदि|kripya|agar|तक|साथ)")
_SUPPOSES: Final = re.compile(
    rf"(?:और |तो )?(?:अगर|यदि|जब|जैसे ही|एक बार|agar|jab|jaise hi|yadi){_E}"
)
_BUSY: Final = re.compile(r"(?:है|हैं|था|थी|खाली|सकते|सकती|खुले|बंद|लगता|लगते)(?![\u0900-\u097f])")
_FILLER: Final = re.compile(
    r"(?:^|(?<= ))(?:जी हां|जी|ठीक है|बहुत अच्छा|अच्छा|धन्यवाद|बढिया|बिल्कुल|ज़रूर|जरूर|लीजिए|ji|theek hai|bilkul|zaroor)(?= \S)\s"
)


def _simplify(text: str) -> str:
    return _FILLER.sub("", text).replace("डॉ. ", "डॉ ") or text


HINDI: Final = Grammar(
    split=_SPLIT,
    tag=_TAG,
    asks=_ASKS,
    denies=_DENIES,
    others=_OTHERS,
    aside=_ASIDE,
    supposes=_SUPPOSES,
    busy=_BUSY,
    rules=RULES,
    bare=BARE,
    simplify=_simplify,
)
