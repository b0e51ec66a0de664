"""Signatures: lines of text with variables, written by admins and agents, filled in within a sandbox.

Only variables, filters of the list below and ``{% if %}`` are allowed, not nested deeper than people write: nothing that
loops or calls, so that a template costs what its length costs, and one that was saved can be filled in.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from helpdesk.errors import Invalid
from helpdesk.folding import storable

VARIABLES = {
    "agent": ("name", "email", "signature"),
    "team": ("name",),
    "inbox": ("name", "address"),
    "ticket": ("number",),
}
MOST_CHARS = 4_000
MOST_DEPTH = 40
"""Levels of the parsed template: an “if” is one, a filter is one. Python gives up at some hundreds, Jinja2 before."""
_FILTERS = frozenset({"upper", "lower", "title", "default"})
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.If, nodes.Filter, nodes.Const,
    nodes.Not, nodes.And, nodes.Or,
)  # fmt: skip

Values = Mapping[str, Mapping[str, str]]


def checked(template: str) -> str:
    """The template as it is stored. Raises Invalid with a sentence when it could not be filled in."""
    kept = storable(template.replace("\r\n", "\n")).strip()
    if len(kept) > MOST_CHARS:
        raise Invalid(_("A signature can have %(most)s characters.", most=MOST_CHARS))
    render(kept, {name: dict.fromkeys(parts, "x") for name, parts in VARIABLES.items()})
    _refuse_whole_records(kept)
    return kept


def render(template: str, values: Values) -> str:
    """The template filled in; lines that stay empty at its ends are dropped. Raises Invalid."""
    try:
        _refuse_more_than_variables(template)
        return _ENVIRONMENT.from_string(template).render(values).strip()
    except TemplateSyntaxError as error:
        sentence = _("Line %(line)s cannot be read: %(why)s", line=error.lineno, why=error.message or "")
        raise Invalid(sentence) from error
    except UndefinedError as error:
        raise _no_such_variable() from error
    except (TemplateError, SecurityError, TypeError, ValueError) as error:
        raise Invalid(_("This signature cannot be filled in: %(why)s", why=str(error))) from error


def names() -> list[str]:
    """Every variable, as it is written."""
    return [f"{{{{{name}.{part}}}}}" for name, parts in VARIABLES.items() for part in parts]


def _refuse_more_than_variables(template: str) -> None:
    try:
        level: list[nodes.Node] = [_ENVIRONMENT.parse(template)]
    except RecursionError as error:
        raise _too_deep() from error
    for _depth in range(MOST_DEPTH):
        for node in level:
            _refuse_foreign(node)
        level = [part for node in level if not isinstance(node, nodes.Getattr) for part in node.iter_child_nodes()]
    if level:
        raise _too_deep()


def _refuse_foreign(node: nodes.Node) -> None:
    if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.Filter) and node.name not in _FILTERS):
        raise Invalid(_("A signature can hold variables, with “if” around them, and nothing else."))
    if isinstance(node, (nodes.Name, nodes.Getattr)) and not _is_variable(node):
        raise _no_such_variable()


def _is_variable(node: nodes.Node) -> bool:
    """Whether it is one of ours: not the half of one, a part of a value, or what Jinja2 itself brings."""
    if not (isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name)):
        return False
    return node.attr in VARIABLES.get(node.node.name, ())


def _no_such_variable() -> Invalid:
    return Invalid(_("There is no such variable; there are: %(names)s.", names=", ".join(names())))


def _too_deep() -> Invalid:
    return Invalid(_("This signature is nested too deeply to be filled in."))


def _refuse_whole_records(template: str) -> None:
    """A record as a whole would be written with its braces and quotes; of one saved earlier an answer must not fail."""
    parsed = _ENVIRONMENT.parse(template)
    in_parts = {id(part.node) for part in parsed.find_all(nodes.Getattr)}
    if any(id(name) not in in_parts for name in parsed.find_all(nodes.Name)):
        raise Invalid(_("Write which part of it: %(names)s.", names=", ".join(names())))


_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
