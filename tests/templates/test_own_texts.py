"""The merchant's own texts: fields in braces, what is refused, and a sandbox that nothing gets out of."""

import re

import pytest
from jinja2 import TemplateError

from core.campaign_views import Letter
from core.domain.campaigns import SMS_LENGTH
from handlers import letters
from handlers.rendering import Renderer
from handlers.wording import from_telegram
from handlers.wording.own import Unfit

from .test_same_in_every_language import LANGUAGES, ROOT

RENDERER = Renderer(ROOT)
OWN = RENDERER.own
MESSAGES = OWN.catalogue.messages
VERSIONS = [(key, channel) for key, told in MESSAGES.items() for channel in told.channels]
FIXED = {
    "notice/confirmation_closed",  # says that nothing is to be done
    "notice/digest",  # a list of reminders
    "notice/gift",  # a gift and its undoing in one text
    "notice/manual",  # giving and taking in one text
    "notice/recomputed",
    "notice/review_answer",  # what a manager wrote
    "notice/sms_failed",
    "notice/sms_unknown",
}
"""What the merchant's words would only spoil; all that goes to staff and owners is never theirs either."""
STAFFS = re.compile(
    r"notice/(?:access_ended|alert_\w+|branch_\w+|cards_loaded|exported|held|manual_\w+|member_joined|review_low)"
    r"|notice/role_changed"
)

# Ways out of Jinja and Python that are known, and a few that would take the machine down.
ATTACKS = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ balance.__class__ }}",
    "{{ balance['__class__'] }}",
    "{{ balance|attr('__class__') }}",
    "{{ [].append }}",
    "{{ self._TemplateReference__context }}",
    "{{ self }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__ }}",
    "{{ joiner() }}",
    "{{ namespace() }}",
    "{{ range(10) }}",
    "{{ dict(a=1) }}",
    "{{ config }}",
    "{{ request }}",
    "{{ label('menu.card') }}",
    "{{ now }}",
    "{% for i in range(1000000000) %}x{% endfor %}",
    "{% for c in balance recursive %}{{ loop(c) }}{% endfor %}",
    "{% set x = 1 %}",
    "{% set x %}a{% endset %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% call m() %}{% endcall %}",
    "{% import 'customer/card.j2' as x %}",
    "{% from 'customer/card.j2' import x %}",
    "{% include 'customer/card.j2' %}",
    "{% extends 'customer/card.j2' %}",
    "{% block a %}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with a = 1 %}{{ a }}{% endwith %}",
    "{% autoescape false %}{{ name }}{% endautoescape %}",
    "{% raw %}{{ name }}{% endraw %}{{ ''.__class__ }}",
    "{{ '%s'|format(balance) }}",
    "{{ '{0.__class__}'.format(balance) }}",
    "{{ name|safe }}",
    "{{ name|map('upper')|list }}",
    "{{ name|xmlattr }}",
    "{{ name|tojson }}",
    "{{ name|center(1000000000) }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 'a' ~ 'b' }}",
    "{{ balance + 1 }}",
    "{{ balance[0] }}",
    "{{ balance[::1] }}",
    "{{ [1, 2, 3] }}",
    "{{ (1, 2) }}",
    "{{ {'a': 1} }}",
    "{{ 1 if lipsum else 2 }}",
    "{{ name is callable }}",
    "{{ name is filter }}",
    "{{ name|points(**balance) }}",
    "{{ name|points(*balance) }}",
    "{{ 99999999999999999999999 }}",
    "{{ " + "(" * 800 + "1" + ")" * 800 + " }}",
    "{{ " + "not " * 800 + "name }}",
    "{{ " + "-" * 2000 + "1 }}",
    "{% if name %}" * 30 + "x" + "{% endif %}" * 30,
    "{{ x.__class__ if x else 1 }}",
    "{% trans %}x{% endtrans %}",
    "{% debug %}",
    "{% do name %}",
    "{{ caller() }}",
    "{{ super() }}",
    "{{ varargs }}",
    "{{ environment }}",
    "{{ undefined_thing }}",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_gets_out_of_the_sandbox(attack):
    told = MESSAGES["receipt"]
    body = f"Спасибо!\n{attack}"
    problems = OWN.check(told, "telegram", "ru", body)
    assert problems, "it would be saved"
    assert {each.what for each in problems} <= {
        "not_allowed",
        "unknown",
        "filter",
        "syntax",
        "too_deep",
        "source_long",
        "brace",
        "fails",
    }
    fresh = Renderer(ROOT)
    fresh.own.renew(1, {("notice/receipt", "ru", "telegram"): body})
    said = fresh.text("ru", "notice/receipt", **OWN.sample(told, "ru"))
    assert said == RENDERER.text("ru", "notice/receipt", **OWN.sample(told, "ru")), (
        "put there in another way, it is not sent"
    )
    assert fresh.own.take_broken() == [("notice/receipt", "ru", "telegram")]
    assert fresh.own.take_broken() == []


def letter(body):
    data = {"name": "<A>", "first_name": "<A>", "balance": 500}
    return Letter(1, body, None, None, has_picture=False, customer_id=1, language="ru", data=data)


@pytest.mark.parametrize("attack", ATTACKS)
def test_campaigns_know_the_same_sandbox(attack):
    body = f"Скидки!\n{attack}"
    assert letters.problems(RENDERER, "ru", body), "it would be saved"
    for render in (letters.letter_screen, letters.letter_sms):
        with pytest.raises((Unfit, TemplateError)):
            render(RENDERER, letter(body))


def test_a_campaign_says_its_fields_and_escapes_them():
    said = letter("<b>{имя}</b>, у вас {баланс}")
    assert letters.letter_screen(RENDERER, said).text == "<b>&lt;A&gt;</b>, у вас 5\xa0баллов"
    assert letters.letter_sms(RENDERER, said) == "<A>, у вас 5 баллов"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("key", "channel"), VERSIONS)
def test_files_and_beginnings_render_with_the_documented_fields(key, channel, language):
    told = MESSAGES[key]
    start = OWN.start(told, channel, language)
    for ui_language in LANGUAGES:
        assert OWN.check(told, channel, ui_language, start) == ()
    by_file = RENDERER.preview(told, channel, language, None, OWN.sample(told, language))
    own = RENDERER.preview(told, channel, language, start, OWN.sample(told, language))
    numbers = set(re.findall(r"[0-9]+", by_file))
    assert numbers <= set(re.findall(r"[0-9]+", own)), "the beginning says all that the file says"
    assert "{" not in own + by_file


def test_every_message_to_customers_can_be_worded_or_is_known_not_to_be():
    files = {
        f"{folder}/{path.stem}" for folder in ("notice", "sms") for path in (ROOT / "ru" / folder).glob("*.j2")
    }
    worded = {f"{'sms' if channel == 'sms' else 'notice'}/{key}" for key, channel in VERSIONS}
    assert {each for each in files - worded - FIXED if not STAFFS.fullmatch(each)} == set()
    assert worded <= files


@pytest.mark.parametrize("key", MESSAGES)
def test_within_a_message_a_word_means_one_field(key):
    told = MESSAGES[key]
    for language in LANGUAGES:
        words = [each.words[language] for each in told.fields]
        assert len(words) == len(set(words))
        for each in told.fields:
            assert told.field(each.words[language].upper()) == each
    assert told.must <= {each.name for each in told.own if each.always}


def test_a_line_of_empty_fields_is_left_out():
    told = MESSAGES["receipt"]
    body = "{Точка}\nСкидка: {скидка}\n\nСписано: {списано}, скидка {скидка}\nконец"
    data = OWN.sample(told, "ru") | {"discount": 0}
    assert RENDERER.preview(told, "telegram", "ru", body, data) == (
        "Тверская\n\nСписано: 300\u00a0баллов, скидка 0,00\u00a0₽\nконец"
    )
    assert RENDERER.preview(told, "telegram", "ru", body, data | {"points": 0}) == "Тверская\n\nконец"


def test_conditions_and_bare_variables_work_for_those_who_know_them():
    told = MESSAGES["receipt"]
    condition = "{% if discount > 10000 %}\nБольшая {{ discount|money }}\n{% else %}\nОбычная\n{% endif %}"
    body = condition + "\n{{ balance }}, {{ branch_name|upper }}"
    assert OWN.check(told, "telegram", "ru", body) == ()
    data = OWN.sample(told, "ru")
    assert (
        RENDERER.preview(told, "telegram", "ru", body, data)
        == "Большая 150,00\u00a0₽\n434,50\u00a0балла, ТВЕРСКАЯ"
    )
    small = data | {"discount": 500}
    assert RENDERER.preview(told, "telegram", "ru", body, small).startswith("Обычная\n")


def test_what_people_are_called_is_escaped():
    told = MESSAGES["receipt"]
    data = OWN.sample(told, "ru") | {"first_name": "<b>Анна", "branch_name": "A&B"}
    assert RENDERER.preview(told, "telegram", "ru", "{имя}, {точка}", data) == "&lt;b&gt;Анна, A&amp;B"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("Спасибо, {имяя}", "unknown"),
        ("Спасибо, {", "brace"),
        ("<b>Спасибо", "tag_unclosed"),
        ("Спасибо</b>", "tag_unopened"),
        ("<b><i>Спасибо</b></i>", "tag_unopened"),
        ("<script>x</script>", "tag_unknown"),
        ('<a href="x" onclick="y">x</a>', "tag_unknown"),
        ("{% if discount %}<b>{% endif %}x{% if discount %}</b>{% endif %}", "torn"),
        ("{% if discount %}x", "syntax"),
        ("{скидка}", "maybe_empty"),
        ("x" * 3501, "source_long"),
        ("{точка}" * 490, "long"),
    ],
)
def test_what_is_wrong_is_named(body, what):
    assert what in {each.what for each in OWN.check(MESSAGES["receipt"], "telegram", "ru", body)}


def test_a_misspelt_field_is_guessed_in_the_owners_language():
    problems = OWN.check(MESSAGES["receipt"], "telegram", "en", "Спасибо, {имяя} {balanse}")
    assert [(each.word, each.hint) for each in problems] == [("{имяя}", "first name"), ("{balanse}", "balance")]


@pytest.mark.parametrize(
    "body",
    [
        "Ваш код скоро придёт",
        "{% if points %}{код}{% endif %}: {баллы}",
        "{{ code if points else '' }} {баллы}",
        "{% if points %}{код}{% elif subtotal %}нет{% else %}{код}{% endif %} {баллы}",
        "{{ code|truncate(1) }} {баллы}",
        "{# {код} #} {баллы}",
    ],
)
def test_a_code_can_not_be_left_out(body):
    assert "must" in {each.what for each in OWN.check(MESSAGES["code_redeem"], "sms", "ru", body)}


def test_a_code_may_stand_in_every_branch():
    body = "{% if points %}{код}: {баллы}{% else %}{{ code }}! {баллы}{% endif %}"
    assert OWN.check(MESSAGES["code_redeem"], "sms", "ru", body) == ()


def test_formatting_of_telegram_is_kept_and_typed_tags_count():
    assert from_telegram("<b>{имя}</b> &lt;i&gt;x&lt;/i&gt;") == "<b>{имя}</b> <i>x</i>"
    assert from_telegram("{<b>имя</b>}") == "<b>{имя}</b>"
    assert from_telegram("{% if a &lt; 2 &amp;&amp; b %}&lt;{% endif %}") == "{% if a < 2 && b %}&lt;{% endif %}"
    assert from_telegram('<tg-emoji emoji-id="5">🎁</tg-emoji>') == "🎁"
    assert from_telegram("5 &lt; 7 &lt;script&gt;") == "5 &lt; 7 &lt;script&gt;"


def test_formatting_over_lines_survives_a_line_that_is_left_out():
    told = MESSAGES["receipt"]
    body = "<b>Чек {сумма}\nСкидка: {скидка}\n{точка}</b>"
    said = RENDERER.preview(told, "telegram", "ru", body, OWN.sample(told, "ru") | {"discount": 0})
    assert said == "<b>Чек 1\u00a0500,00\u00a0₽</b>\n<b>Тверская</b>"


def test_an_own_text_stands_before_the_file_in_its_language_and_channel_alone():
    fresh = Renderer(ROOT)
    data = OWN.sample(MESSAGES["code_redeem"], "ru")
    fresh.own.renew(3, {("sms/code_redeem", "ru", "sms"): "Секрет {код} ({баллы})"})
    assert fresh.sms("ru", "sms/code_redeem", **data) == "Секрет 4821 (300 баллов)"
    assert fresh.sms("en", "sms/code_redeem", **data).startswith("Tell the cashier")
    fresh.own.renew(4, {})
    assert fresh.sms("ru", "sms/code_redeem", **data).startswith("Код 4821")


def test_a_text_that_comes_out_too_long_or_fails_gives_way_to_the_file():
    fresh = Renderer(ROOT)
    told = MESSAGES["receipt"]
    fresh.own.renew(1, {("notice/receipt", "ru", "telegram"): "{имя} {сумма}"})
    data = OWN.sample(told, "ru")
    assert fresh.text("ru", "notice/receipt", **data) == "Анна 1\u00a0500,00\u00a0₽"
    assert "Баланс" in fresh.text("ru", "notice/receipt", **data | {"first_name": "x" * 5000})
    assert "Баланс" in fresh.text("ru", "notice/receipt", **data | {"first_name": "x" * 9000})
    assert fresh.own.take_broken() == [("notice/receipt", "ru", "telegram")]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("💌 <b>{имя}, давно вас не видели!</b>", "💌 <b>Давно вас не видели!</b>"),
        ("{имя}! Скидка: {скидка}", "Скидка: 5\u00a0%"),
        ("Спасибо, {имя}!", "Спасибо!"),
        ("<b>{имя}</b>, спасибо", "<b></b>Спасибо"),
    ],
)
def test_whoever_has_no_name_is_greeted_without_it(body, said):
    told = MESSAGES["discount_ends"]
    data = OWN.sample(told, "ru") | {"name": None, "first_name": None}
    assert RENDERER.preview(told, "telegram", "ru", body, data) == said
    assert "Анна" in RENDERER.preview(told, "telegram", "ru", body, OWN.sample(told, "ru"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_sms_fits_with_the_line_that_says_how_to_refuse_more(language: str) -> None:
    link = f"t.me/{'b' * 32}?start=stop_{'9' * 9}-{'0' * 10}"
    line = RENDERER.label(language, "sms_stop.line", link=link)
    assert SMS_LENGTH + len(f"\n{line}") <= 640, "SMS Aero takes no more"


def test_an_example_speaks_the_texts_language() -> None:
    """Whoever words the English texts previews them with English words, whatever the message."""
    cyrillic = re.compile("[а-яё]", re.IGNORECASE)
    for told in MESSAGES.values():
        words = [value for value in OWN.sample(told, "en").values() if isinstance(value, str)]
        assert not [word for word in words if cyrillic.search(word)], told.key
        assert OWN.sample(told, "ru").keys() == OWN.sample(told, "en").keys()
