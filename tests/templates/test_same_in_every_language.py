"""Every language says the same things: files, labels, placeholders and variables match, and all compiles."""

import ast
import re
import string
from pathlib import Path

import pytest
from babel import Locale
from jinja2 import meta

from core.domain.errors import LoyaltyError
from handlers.input_error import Reason
from handlers.rendering import LABELS, Renderer, read_labels
from handlers.scan import Unreadable

ROOT = Path(__file__).parents[2] / "templates"
CODE = [path for room in ("handlers", "bot") for path in (ROOT.parent / room).rglob("*.py")]
LANGUAGES = sorted(path.parent.name for path in ROOT.glob(f"*/{LABELS}"))
TELEGRAM_TAGS = {
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "span",
    "tg-spoiler",
    "a",
    "code",
    "pre",
}
TELEGRAM_TAGS |= {"tg-emoji", "blockquote"}
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
LABEL_CALL = re.compile(r"""\blabel\(\s*["']([^"']+)["']""")


@pytest.fixture(scope="module")
def renderer():
    return Renderer(ROOT)


def names(language):
    return {str(path.relative_to(ROOT / language)) for path in (ROOT / language).rglob("*.j2")}


def sources(language):
    return {name: (ROOT / language / name).read_text("utf-8") for name in sorted(names(language))}


def placeholders(word):
    return {field for _, field, _, _ in string.Formatter().parse(word) if field is not None}


def test_there_are_both_languages():
    assert LANGUAGES == ["en", "ru"]


def test_every_language_has_the_same_files():
    assert names("ru") == names("en")


def test_every_language_has_the_same_labels():
    words = {language: read_labels(ROOT / language / LABELS) for language in LANGUAGES}
    assert words["ru"].keys() == words["en"].keys()
    for key, word in words["ru"].items():
        other = words["en"][key]
        assert type(word) is type(other), key
        if isinstance(word, str):
            assert placeholders(word) == placeholders(other), key
            for either in (word, other):
                assert either == either.strip() != "", key


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_those_of_the_language(language):
    forms = len(Locale.parse(language).plural_form.tags | {"other"})
    wanted = {2: 2, 4: 3}[forms]
    for key, word in read_labels(ROOT / language / LABELS).items():
        if isinstance(word, list):
            assert len(word) == wanted, key


@pytest.mark.parametrize("menu", ["menu", "staff_menu"])
def test_a_menu_press_means_one_thing(renderer, menu):
    keys = [key for key in read_labels(ROOT / "ru" / LABELS) if key.startswith(f"{menu}.")]
    words = [word for key in keys for word in renderer.labels(key)]
    assert len(keys) >= 5
    assert len(words) == len(set(words))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_compiles_for_messages_and_for_sms(renderer, language):
    for environment in (renderer._html[language], renderer._plain[language]):
        for name in names(language):
            environment.get_template(name)


def test_every_language_uses_the_same_variables(renderer):
    for name in names("ru") & names("en"):
        used = {}
        for language in LANGUAGES:
            environment = renderer._html[language]
            tree = environment.parse((ROOT / language / name).read_text("utf-8"))
            used[language] = meta.find_undeclared_variables(tree) - environment.globals.keys()
        assert used["ru"] == used["en"], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_use_only_the_tags_telegram_knows(language):
    for name, source in sources(language).items():
        tags = set(re.findall(r"</?([A-Za-z][\w-]*)", JINJA.sub("", source)))
        allowed = set() if name.startswith("sms/") else TELEGRAM_TAGS
        if not name.startswith("web/"):
            assert tags <= allowed, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_name_labels_that_exist(language):
    known = read_labels(ROOT / language / LABELS)
    for name, source in sources(language).items():
        for key in LABEL_CALL.findall(source):
            assert key in known, (name, key)


def words_named_in_code():
    """Every literal name of a template or a label that the code asks for, with the file that does."""
    for path in CODE:
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                said = [arg.value for arg in call.args[:2] if isinstance(arg, ast.Constant)]
                for name in (name for name in said if isinstance(name, str)):
                    yield path.name, call.func.attr, name


def test_the_code_names_labels_that_exist():
    words = read_labels(ROOT / "ru" / LABELS)
    named = {(file, name) for file, method, name in words_named_in_code() if method in ("label", "labels")}
    assert [(file, name) for file, name in named if "." in name and name not in words] == []


def test_the_code_names_templates_that_exist():
    templates = names("ru")
    named = {(file, name) for file, method, name in words_named_in_code() if method in ("text", "plain", "sms")}
    assert [(file, name) for file, name in named if "/" in name and f"{name}.j2" not in templates] == []


def refusals(root):
    for kind in root.__subclasses__():
        yield kind.code
        yield from refusals(kind)


BOUNDS = {
    "input_too_long": {"high"},
    "input_card": {"low", "high"},
    "input_amount": {"low", "high"},
    "input_code": {"low", "high"},
    "input_name": {"low", "high"},
    "input_no_letter": {"typed", "high"},
    "input_too_old": {"high"},
    "image_too_heavy": {"megabytes"},
    "image_too_large": {"megapixels"},
}


def test_every_refusal_has_its_sentence():
    codes = {*refusals(LoyaltyError), *map("input_{}".format, Reason), *map("image_{}".format, Unreadable)}
    assert len(codes) > 40
    assert {f"errors/{code}.j2" for code in codes} - names("ru") == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refused_input_is_said_with_the_bounds_it_brings(renderer, language):
    for code in [*map("input_{}".format, Reason), *map("image_{}".format, Unreadable)]:
        values = dict.fromkeys(BOUNDS.get(code, ()), 64)
        said = renderer.text(language, f"errors/{code}", **values)
        assert "64" in said if values else said, code


GENITIVE = re.compile(
    r"\b(?:до|от|без|из|меньше|больше|(?:не|Не) хват\w+)\s+(?:<b>)?(?:\{\{[^}]*\|points|\{(?:долг|баллы)\})"
)


def test_no_words_ask_for_another_case_of_points():
    """Points are written as a count asks, «2 балла»: after «не хватает» it would have to be «2 баллов»."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in [*(ROOT / "ru").rglob("*.j2"), ROOT / "ru" / "starts.toml"]
        for match in GENITIVE.finditer(path.read_text("utf-8"))
    ]
    assert found == []
