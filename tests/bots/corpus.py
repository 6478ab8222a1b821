"""What people, their keyboards and their phones send instead of an answer (engineering, “Bad input”)."""

from typing import Any

from tests.bots import recording as send

SUMS = [
    "1\u00a0000,50",
    "1\u2009000,50",
    "1\u202f000.50",
    "1e5",
    "-5",
    "\u22125",
    "NaN",
    "inf",
    "0",
    "0,00",
    "1,005",
]
SUMS += ["1 50", "12 34 56", "1500р", "1_000", "0x1F", "1,2,3", "9" * 30, "9" * 4096, "1500 9161234567", ",", "+5"]
DIGITS = ["٣٤٥٦", "१२३४", "①②③④", "１２３４", "𝟙𝟚𝟛𝟜", "五百", "Ⅷ"]
PHONES = [
    "+7",
    "8",
    "89",
    "8916123456",
    "8 916 123 45 678",
    "8 (900)",
    "+7 916 123-45-67 доб. 5",
    "112",
    "0000000000",
]
PHONES += [
    "+999999999999999",
    "+1 202 555 01",
    "+380441234567",
    "9161234567 1500",
    "8-9l6-l23-45-67",
    "tel:+79161234567",
]
DATES = [
    "29.02",
    "29.02.2023",
    "31.04.2000",
    "01.01.2999",
    "01.01.1800",
    "00.00.0000",
    "5 марта",
    "1990-13-45",
    "1.1.1",
]
SCRIPTS = [
    "\u202eдом\u202c",
    "\u202e\u202d",
    "שלום",
    "👨‍👩‍👧‍👦",
    "👍🏿" * 100,
    "🏳️‍🌈",
    "é" * 3,
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚",
    "\u2800",
    "\ufeff",
    "\ud83d",
]
CODE = [
    "<b>",
    "</b>&amp;<script>alert(1)</script>",
    "{{7*7}}",
    "{% raw %}",
    "{name}",
    "%s%n",
    "a\x00b",
    "\x1b[31m",
]
CODE += [
    '=HYPERLINK("http://example.com")',
    "@SUM(A1)",
    "'; DROP TABLE customer; --",
    "../../etc/passwd",
    "\\",
    "`",
    "*_[](",
]
TEXTS = [
    "",
    " ",
    ".",
    "-",
    "None",
    "null",
    "true",
    "two\nlines",
    "\n\n1\n2\n3",
    "а" * 4096,
    "я " * 5000,
    "/",
    "//",
    "//start",
]
TEXTS += ["/nosuchcommand", "/start@another_bot", "/start " + "x" * 64, "@kopilka", "#", "Отмена", "да"]
TYPED = [text for text in SUMS + DIGITS + PHONES + DATES + SCRIPTS + CODE + TEXTS if text != "\ud83d"]


def unusual(person: int, other: int) -> dict[str, dict[str, Any]]:
    """Everything that is no typed text, by what it is; ``other`` is somebody else's account."""
    sender = {"id": other, "is_bot": False, "first_name": "Other"}
    file = {"file_id": "f", "file_unique_id": "f"}
    at = {"message_id": 6, "date": 1_772_000_000, "chat": {"id": person, "type": "private"}}
    own = {"id": person, "is_bot": False, "first_name": "Sample", "language_code": "ru"}
    group = {"id": -100, "type": "supergroup", "title": "Sample"}
    text = {"text": "9161234567 1500"}
    return {
        "a sticker": send.sticker(person),
        "a voice": send.message(person, voice=file | {"duration": 1}),
        "a video note": send.message(person, video_note=file | {"duration": 1, "length": 1}),
        "a document": send.message(person, document=file | {"file_name": "a.exe"}, caption="1500"),
        "a location": send.message(person, location={"latitude": 0.0, "longitude": 0.0}),
        "a die": send.message(person, dice={"emoji": "🎲", "value": 1}),
        "a foreign contact": send.contact(person, "+79161234567", whose=other),
        "a contact of nobody": send.message(person, contact={"phone_number": "0", "first_name": ""}),
        "a forward": send.message(
            person, **text, forward_origin={"type": "user", "sender_user": sender, "date": 1_772_000_000}
        ),
        "a forward of somebody hidden": send.message(
            person, **text, forward_origin={"type": "hidden_user", "sender_user_name": "X", "date": 1_772_000_000}
        ),
        "a reply": send.message(person, **text, reply_to_message=at | {"from": sender, "text": "x"}),
        "through a bot": send.message(person, **text, via_bot={"id": 5, "is_bot": True, "first_name": "Bot"}),
        "an edit": {"edited_message": at | {"from": own, "edit_date": 1_772_000_001} | text},
        "an edited channel post": {"edited_channel_post": at | {"edit_date": 1} | text},
        "in a group": {"message": at | {"from": own, "chat": group} | text},
        "of nobody in a channel": {
            "channel_post": at | {"chat": {"id": -1, "type": "channel", "title": "x"}} | text
        },
        "a pinned message": send.message(person, pinned_message=at | {"text": "x"}),
        "a new kind of thing": send.message(person, something_of_tomorrow={"a": 1}),
    }


UNANSWERED = {"an edit", "an edited channel post", "in a group", "of nobody in a channel", "a pinned message"}
"""What a bot may keep silent on: it isn't meant for it, or was answered when it was said first."""
