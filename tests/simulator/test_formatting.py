"""Telegram's HTML: the same entities and the same complaints, to the byte, as the real server's."""

import pytest

from simulator.errors import ApiError
from simulator.formatting import clean, fix, parse_html, to_safe_html, utf16_length

STADIUM = "🏟 🏟&lt;"  # 5 UTF-16 units and a sign; 13 bytes


def entity(kind: str, offset: int, length: int, **extra: str) -> dict[str, object]:
    return {"type": kind, "offset": offset, "length": length, **extra}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (f"{STADIUM}<abacaba", "Unclosed start tag at byte offset 13"),
        (f"{STADIUM}<abac aba>", 'Unsupported start tag "abac" at byte offset 13'),
        ("1 < 2 <b>x</b>", 'Unsupported start tag "" at byte offset 2'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("<DIV>", 'Unsupported start tag "div" at byte offset 0'),
        (f"{STADIUM}<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 13'),
        (
            f"{STADIUM}<i    aba>",
            'Expected equal sign in declaration of an attribute of the tag "i" at byte offset 13',
        ),
        (f"{STADIUM}<i    aba  =  ", 'Unclosed start tag "i" at byte offset 13'),
        (f"{STADIUM}<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 27"),
        (f'{STADIUM}<i    aba  =  "&lt;&gt;>', "Unclosed start tag at byte offset 13"),
        (f"{STADIUM}</", "Unexpected end tag at byte offset 13"),
        (f"{STADIUM}<b></b></", "Unexpected end tag at byte offset 20"),
        (f"{STADIUM}<i>a</i   ", "Unclosed end tag at byte offset 17"),
        (
            f"{STADIUM}<i>a</em   >",
            'Unmatched end tag at byte offset 17, expected "</i>", found "</em>"',
        ),
        ("<b>Привет", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>x</b>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"),
        (
            "&#xDFDF;",
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units",
        ),
    ],
)
def test_what_can_not_be_parsed_is_refused_in_the_real_words(source: str, words: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_html(source)
    assert refused.value.code == 400
    assert refused.value.description == f"Bad Request: can't parse entities: {words}"


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ('&lt;&gt;&amp;&quot;&laquo;&#12345678;&#128512;&#x41;"', '<>&"&laquo;&#12345678;😀A"', []),
        ("&ltb&gt", "<b>", []),
        ("a & b &unknown;", "a & b &unknown;", []),
        ("🏟 🏟<i>🏟 &lt🏟</i>", "🏟 🏟🏟 <🏟", [entity("italic", 5, 6)]),
        (
            "🏟 🏟<i>🏟 &gt;<b aba   =   caba>&lt🏟</b></i>",
            "🏟 🏟🏟 ><🏟",
            [entity("italic", 5, 7), entity("bold", 9, 3)],
        ),
        ("<STRONG>a</><em>b</em>", None, None),
        ("x<b></b>", "x", []),
        ("<u>a</u><ins>b</ins>", "ab", [entity("underline", 0, 1), entity("underline", 1, 1)]),
        ("<s>a</s><strike>b</strike><del>c</del>", "abc", [entity("strikethrough", i, 1) for i in range(3)]),
        (
            '<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>',
            "ab",
            [entity("spoiler", 0, 1), entity("spoiler", 1, 1)],
        ),
        (
            "<a href='http://e.org/?a=1&amp;b=2'>x</a>",
            "x",
            [entity("text_link", 0, 1, url="http://e.org/?a=1&b=2")],
        ),
        ("<a href=telegram.org>x</a>", "x", [entity("text_link", 0, 1, url="http://telegram.org/")]),
        ("<a>telegram.org</a>", "telegram.org", [entity("text_link", 0, 12, url="http://telegram.org/")]),
        ("<a>telegram.org </a>", "telegram.org ", []),
        ("<a href='nothing'>x</a>", "x", []),
        ("<pre>a</pre>", "a", [entity("pre", 0, 1)]),
        ("<pre><code class='language-python'>a</code></pre>", "a", [entity("pre", 0, 1, language="python")]),
        ("<code class='language-python'>a</code>", "a", [entity("code", 0, 1)]),
        ("<blockquote>a</blockquote>", "a", [entity("blockquote", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [entity("expandable_blockquote", 0, 1)]),
        (
            "<tg-emoji emoji-id='5368324170671202286'>👍</tg-emoji>",
            "👍",
            [entity("custom_emoji", 0, 2, custom_emoji_id="5368324170671202286")],
        ),
    ],
)
def test_what_can_be_parsed_gets_the_real_entities(source: str, text: str | None, entities: object) -> None:
    if text is None:  # names of start tags are put into lower case, names of end tags are not
        assert parse_html(source) == ("ab", [entity("bold", 0, 1), entity("italic", 1, 1)])
        return
    assert parse_html(source) == (text, entities)


def test_text_is_trimmed_and_its_entities_with_it() -> None:
    text, entities = parse_html("\n <b> x </b>\n")
    assert fix(text, entities) == ("x", [entity("bold", 0, 1)])


def test_formatting_inside_code_is_dropped() -> None:
    assert fix(*parse_html("<code>a<b>b</b></code>"))[1] == [entity("code", 0, 2)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start ref_1", [("bot_command", "/start")]),
        ("go /help@shop_bot now", [("bot_command", "/help@shop_bot")]),
        ("1/2 and a/b", []),
        ("see https://example.org/a?b=1.", [("url", "https://example.org/a?b=1")]),
        ("t.me/shop_bot?start=x", [("url", "t.me/shop_bot?start=x")]),
        ("hi @anna_sample #скидка", [("mention", "@anna_sample"), ("hashtag", "#скидка")]),
        ("a@example.org", [("email", "a@example.org")]),
        ("+79160000001", [("phone_number", "+79160000001")]),
        ("9160000001 1500", []),
    ],
)
def test_links_commands_and_the_like_are_found(text: str, found: list[tuple[str, str]]) -> None:
    entities = fix(text, [])[1]
    assert [(e["type"], text[e["offset"] : e["offset"] + e["length"]]) for e in entities] == found


def test_control_characters_become_spaces() -> None:
    assert clean("a\0b\tc\r\nd") == "a b c\nd"


def test_length_is_counted_in_utf16() -> None:
    assert [utf16_length(text) for text in ("a", "я", "😀", "👨‍👩‍👧")] == [1, 1, 2, 8]


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("<b>a &lt;script&gt;</b>\n&quot;", "<b>a &lt;script&gt;</b>\n&quot;"),
        ("<b>1<i>😀</i></b>3", "<b>1<i>😀</i></b>3"),
        (
            "<a href='https://e.org/?a=\"b'>x</a>",
            '<a href="https://e.org/?a=&quot;b" target="_blank" rel="noopener noreferrer">x</a>',
        ),
        ("<tg-spoiler>a</tg-spoiler>", '<span class="spoiler">a</span>'),
        ("/card", '<span class="bot_command">/card</span>'),
    ],
)
def test_html_for_the_page_is_safe(source: str, html: str) -> None:
    assert to_safe_html(*fix(*parse_html(source))) == html


def test_entities_that_cross_are_closed_and_reopened() -> None:
    crossing = [entity("bold", 0, 2), entity("italic", 1, 2)]
    assert to_safe_html("abc", crossing) == "<b>a<i>b</i></b><i>c</i>"


@pytest.mark.parametrize("address", ["javascript://e.org/%0aalert(1)", "data:text/html;x.y"])
def test_links_that_could_run_scripts_are_no_links(address: str) -> None:
    assert "href" not in to_safe_html("x", [entity("text_link", 0, 1, url=address)])
