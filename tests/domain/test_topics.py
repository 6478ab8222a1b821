"""What people are told about, by which ways, and what the merchant may change of it."""

from typing import Any

import pytest

from core.domain.programme import Programme
from core.domain.topics import TOPICS, URGENT, Topic, TopicChoice, choice, topic_of

URGENT_ONES = {
    "code",
    "registration",
    "sms",
    "alert",
    "confirmation",
    "till",
    "receipts",
    "refund",
    "reply",
    "job",
    "referral",
}
ORDER = ["code", "alert", "receipts", "job", "referral", "birthday", "campaign"]


def test_each_topic_stands_by_its_name() -> None:
    assert all(name == topic.name for name, topic in TOPICS.items())
    assert topic_of("expired") is TOPICS["expired"]
    assert topic_of("of old") == Topic("of old", None, 10)
    assert not any((Topic("x", None, 1).marketing, Topic("x", None, 1).at_most_once, Topic("x", None, 1).quiet))
    assert not any((Topic("x", None, 1).may_sms, Topic("x", None, 1).sms))


def test_what_one_person_waits_for_goes_before_what_many_are_told() -> None:
    assert {name for name, topic in TOPICS.items() if topic.priority <= URGENT} == URGENT_ONES
    assert min(topic.priority for name, topic in TOPICS.items() if name not in URGENT_ONES) == URGENT + 1
    assert [TOPICS[name].priority for name in ORDER] == [0, 5, 10, 15, 20, 50, 90]
    assert {TOPICS[name].priority for name in ("registration", "sms")} == {0}
    assert {TOPICS[name].priority for name in ("confirmation", "till", "refund", "reply")} == {10}


def test_reminders_and_campaigns_are_told_once_at_most_by_day_and_with_consent() -> None:
    many = [topic for name, topic in TOPICS.items() if name not in URGENT_ONES]
    assert all(topic.at_most_once and topic.quiet for topic in many)
    assert {topic.consent for topic in many} == {"reminders", "offers"}
    assert {topic.name for topic in many if topic.marketing} == {"win_back", "campaign"}
    assert {name for name, topic in TOPICS.items() if topic.consent == "offers"} == {"win_back", "campaign"}
    assert {name for name, topic in TOPICS.items() if topic.consent == "receipts"} == {
        "receipts",
        "refund",
        "referral",
    }
    assert {topic.name for topic in TOPICS.values() if topic.quiet} - {topic.name for topic in many} == {
        "reply",
        "referral",
    }
    assert not any(TOPICS[name].at_most_once or TOPICS[name].marketing for name in URGENT_ONES)


def test_ways_by_sms() -> None:
    by_sms = {name for name, topic in TOPICS.items() if topic.sms}
    assert by_sms == {"code", "registration", "expiry_soon", "birthday", "win_back", "campaign"}
    may = {name for name, topic in TOPICS.items() if topic.may_sms}
    assert by_sms <= may
    assert may - by_sms == {"level", "activation", "expired", "discount_ends", "digest"}


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ((1, True, True, True), TypeError),
        (("x", 1, True, True), ValueError),
        (("x", True, None, True), ValueError),
        (("x", True, True, "no"), ValueError),
    ],
)
def test_a_choice_is_of_yes_and_no(values: tuple[Any, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        TopicChoice(*values)


def test_the_merchant_chooses_what_need_not_be_told() -> None:
    off = TopicChoice("expired", False, True, True)
    assert choice(Programme(topics=(off,)), "expired") == off
    assert choice(Programme(topics=(off,)), "birthday") == TopicChoice("birthday", True, True, True)
    assert choice(Programme(), "expired") == TopicChoice("expired", True, True, False)
    # There are no words of a receipt for an SMS, and a code can't be switched off.
    chosen = (TopicChoice("receipts", True, True, True), TopicChoice("code", False, False, False))
    assert choice(Programme(topics=chosen), "receipts") == TopicChoice("receipts", True, True, False)
    assert choice(Programme(topics=chosen), "code") == TopicChoice("code", True, True, True)
