"""What a mail server's words mean for the next try."""

from __future__ import annotations

import pytest

from channels.failures import PermanentFailure, ProblemCode, TemporaryFailure
from channels.mailbox.smtp_answers import answered


@pytest.mark.parametrize(
    ("words", "code", "wait", "whole_inbox"),
    [
        ("451 4.7.1 Greylisting in action, please come back later", "busy", 300, False),
        ("450 4.2.0 <x@y>: Recipient address rejected: Greylisted, try again in 180 seconds", "busy", 180, False),
        ("451 4.7.1 Please try again after 5 minutes", "busy", 300, False),
        ("450 try again in 999999 hours", "busy", 6 * 3600, False),
        ("451 4.3.0 Temporary lookup failure", "busy", None, False),
        ("452 4.2.2 The recipient's mailbox is over its quota", "full", 3600, False),
        ("421 4.3.2 Service shutting down", "busy", None, True),
        ("421 4.7.28 Our system has detected an unusual rate limit of mail", "quota", 60, True),
        ("432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", "quota", 60, True),
        ("550 5.4.5 Daily user sending limit exceeded.", "quota", 3600, True),
        ("550 5.1.90 You've reached your daily limit for message recipients", "quota", 3600, True),
        ("535 5.7.8 Bad credentials", "login", None, True),
    ],
)
def test_what_heals_by_itself_is_tried_again_when_it_may_have(
    words: str, code: ProblemCode, wait: float | None, whole_inbox: bool
) -> None:
    with pytest.raises(TemporaryFailure) as failure:
        answered((int(words[:3]), words[4:].encode()), "recipient")
    assert (failure.value.code, failure.value.retry_after, failure.value.whole_inbox) == (code, wait, whole_inbox)


@pytest.mark.parametrize(
    ("words", "asked", "code"),
    [
        ("550 5.1.1 no such user", "recipient", "recipient"),
        ("552 5.2.2 mailbox full", "recipient", "full"),
        ("552 5.3.4 Message size exceeds fixed limit", "rejected", "too_large"),
        ("554 5.7.1 Message contains spam", "rejected", "policy"),
        ("550 5.7.1 Blocked using zen.example", "recipient", "policy"),
        ("550 5.7.1 relaying denied", "recipient", "recipient"),
        ("550 5.7.60 client does not have permissions to send as this sender", "sender", "sender"),
        ("554 5.6.0 malformed", "rejected", "rejected"),
    ],
)
def test_what_a_person_must_decide_is_said_in_the_right_words(words: str, asked: ProblemCode, code: ProblemCode) -> None:
    with pytest.raises(PermanentFailure) as failure:
        answered((int(words[:3]), words[4:].encode()), asked)
    assert (failure.value.code, failure.value.detail) == (code, words)
