"""Formatted text: from what a bot sends to text with entities, and from there to safe HTML for the page."""

from .entities import clean, fix, utf16_length
from .html_parser import parse_html
from .safe_html import to_safe_html

__all__ = ["clean", "fix", "parse_html", "to_safe_html", "utf16_length"]
