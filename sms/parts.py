"""What a text costs as an SMS: the rules stand in the domain, where screens and campaigns count by them, too."""

from core.domain.sms_parts import Encoding, Parts, count_parts, make_plain

__all__ = ["Encoding", "Parts", "count_parts", "make_plain"]
