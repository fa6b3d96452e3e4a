"""What callers of a receptionist say: the recogniser's measure."""

from __future__ import annotations

from typing import Final

PHRASES: Final = """
Hello.
Hi, I'd like to book an appointment.
I'd like to book a cleaning for next Tuesday.
I need an appointment tomorrow afternoon.
Can I make an appointment for a filling on Friday morning?
Hello, I would like to schedule a checkup with doctor Chen.
Could I come in for a cleaning on Monday?
I have a toothache since yesterday.
Do you have anything tomorrow?
Do you have anything earlier?
How about Wednesday in the afternoon?
As soon as possible.
Next Thursday please.
The first one please.
The second one.
I'll take ten thirty.
Two fifteen works for me.
Nine thirty AM please.
None of those work for me.
That works.
My name is Anna Miller.
This is David Garcia.
John Smith.
It's Maria Lopez.
My name is Emily Johnson.
Two oh two five five five oh one two three.
My number is two oh two five five five one nine eight seven.
It's double five three seven nine oh one.
The number I'm calling from.
Yes, please.
Yes, that's correct.
No, thank you.
No, that's wrong.
What are your opening hours on Saturday?
Are you open on Sunday?
Is there parking nearby?
Where are you located?
How much is a teeth whitening?
Do you take insurance?
Do you accept Delta Dental?
Are you accepting new patients?
Can I speak to a person?
I'd like to talk to the receptionist please.
I'd like to leave a message for doctor Patel.
Please ask doctor Chen to call me back tomorrow.
I need a copy of my x-rays.
I need to cancel my appointment.
I'd like to reschedule my appointment.
Can I move my appointment to next Friday?
When is my next appointment?
No, that's all thank you.
Goodbye.
Thank you bye.
Sorry, could you repeat that please?
The day after tomorrow.
November twenty fourth at three thirty.
What is your cancellation policy?
Do you speak Spanish?
I changed my mind.
In the morning please.
The fifth of March nineteen eighty.
My date of birth is July twenty second nineteen seventy five.
Actually Thursday instead.
Yes I accept the fee.
Please put me on the waiting list.
""".strip().splitlines()


def spoken(phrase: str) -> str:
    """Without the marks that espeak-ng would pause at, and as it should read them."""
    return phrase.replace(",", "").replace(" AM", " A M").rstrip(".?")
