"""Klaviyo's filter language: op(field,value), several joined by a comma or by and(...).

Grammar: https://developers.klaviyo.com/en/docs/filtering_. Strings are quoted, instants are not.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from companion.simulator.klaviyo.clock import epoch
from companion.simulator.klaviyo.errors import Refusal, bad_parameter

TOKEN: Final = re.compile(
    r"""\s*(?:(?P<punct>[(),\[\]])|"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<word>[^\s(),\[\]"']+))"""
)
COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "greater-than": lambda left, right: left > right,
    "greater-or-equal": lambda left, right: left >= right,
    "less-than": lambda left, right: left < right,
    "less-or-equal": lambda left, right: left <= right,
}
ORDERS: Final = frozenset(COMPARE)
EXACT: Final = frozenset({"equals", "any"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. A moment's value is in epoch seconds; the value of `any` is always a list."""

    op: str
    field: str
    value: Any

    def holds(self, found: Any) -> bool:
        """Whether what was found in a resource satisfies this."""
        if self.op in COMPARE:
            return found is not None and COMPARE[self.op](found, self.value)
        if self.op == "contains":
            return found is not None and str(self.value).lower() in str(found).lower()
        if self.op == "has":
            return found is not None
        return found in self.value if isinstance(self.value, list) else bool(found == self.value)

    @property
    def values(self) -> list[Any]:
        """The value, or the values, an exact comparison names."""
        return self.value if isinstance(self.value, list) else [self.value]


Grammar = Mapping[str, frozenset[str]]


def parse(text: str | None, grammar: Grammar) -> list[Condition]:
    """The conditions of a `filter` parameter, all of which must hold. Raises Refusal 400.

    `grammar` names the fields of an endpoint and the operators each allows.
    """
    if not text:
        return []
    tokens = _tokens(text)
    conditions = _sequence(tokens, end=None)
    for condition in conditions:
        allowed = grammar.get(condition.field)
        if allowed is None:
            raise wrong(f"'{condition.field}' is not a filterable field for this endpoint.")
        if condition.op not in allowed:
            raise wrong(f"'{condition.op}' is not an allowed operator for '{condition.field}'.")
    return [_typed(condition) for condition in conditions]


def wrong(detail: str) -> Refusal:
    """A filter that cannot be understood."""
    return bad_parameter("filter", f"Invalid filter provided: {detail}")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    quoted: bool


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = TOKEN.match(text, at)
        if match is None:
            raise wrong(f"unexpected character at position {at}.")
        quoted = match["double"] if match["double"] is not None else match["single"]
        if quoted is None:
            tokens.append(_Token(match["punct"] or match["word"], quoted=False))
        else:
            tokens.append(_Token(re.sub(r"\\(.)", r"\1", quoted), quoted=True))
        at = match.end()
    tokens.reverse()  # a stack: the next token is at the end
    return tokens


def _sequence(tokens: list[_Token], end: str | None) -> list[Condition]:
    conditions: list[Condition] = []
    while True:
        op = _word(tokens)
        _expect(tokens, "(")
        if op == "and":
            conditions += _sequence(tokens, end=")")
        else:
            conditions.append(_comparison(op, tokens))
        if not tokens and end is None:
            return conditions
        if end and tokens and tokens[-1].text == end:
            tokens.pop()
            return conditions
        _expect(tokens, ",")


def _comparison(op: str, tokens: list[_Token]) -> Condition:
    field = _word(tokens)
    if op == "has":
        _expect(tokens, ")")
        return Condition(op, field, None)
    _expect(tokens, ",")
    value = _value(tokens)
    _expect(tokens, ")")
    return Condition(op, field, value)


def _value(tokens: list[_Token]) -> Any:
    if not tokens:
        raise wrong("a value is missing.")
    token = tokens.pop()
    if token.quoted or token.text != "[":
        return token
    values: list[_Token] = []
    while tokens and tokens[-1].text != "]":
        values.append(tokens.pop())
        if tokens and tokens[-1].text == ",":
            tokens.pop()
    _expect(tokens, "]")
    return values


def _typed(condition: Condition) -> Condition:
    if condition.op in ORDERS:
        return Condition(condition.op, condition.field, _orderable(condition.value))
    if isinstance(condition.value, Sequence):
        return Condition(condition.op, condition.field, [_plain(token) for token in condition.value])
    if condition.op == "any":
        raise wrong("'any' takes a list of values in square brackets.")
    return Condition(condition.op, condition.field, None if condition.value is None else _plain(condition.value))


def _orderable(token: Any) -> float:
    """An instant or a number; a quoted instant is refused, as Klaviyo does."""
    if not isinstance(token, _Token) or token.quoted:
        raise wrong("a date is written without quotation marks.")
    try:
        return float(token.text)
    except ValueError:
        pass
    try:
        return epoch(datetime.fromisoformat(token.text))
    except ValueError:
        raise wrong(f"'{token.text}' is not a date.") from None


def _plain(token: _Token) -> str | bool:
    if not token.quoted and token.text in {"true", "false"}:
        return token.text == "true"
    return token.text


def _word(tokens: list[_Token]) -> str:
    if not tokens or tokens[-1].quoted or not re.fullmatch(r"[\w.$-]+", tokens[-1].text):
        raise wrong("an operator or a field name is missing.")
    return tokens.pop().text


def _expect(tokens: list[_Token], text: str) -> None:
    if not tokens or tokens[-1].quoted or tokens[-1].text != text:
        raise wrong(f"'{text}' is missing.")
    tokens.pop()
