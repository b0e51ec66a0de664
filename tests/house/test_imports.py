"""Imports run one way (docs: The house); this walks every module's syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels import registry

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted([*ROOT.glob("helpdesk/**/*.py"), *ROOT.glob("channels/**/*.py")])

TOP = {"views", "api", "hooks", "sockets", "jobs", "cli"}
REACTING = {
    "sla",
    "incidents",
    "surveys",
    "automation",
    "reports",
    "engagement",
    "knowledge",
    "canned",
    "macros",
    "notifications",
    "scheduled",
}
PEOPLE = {"agents", "customers", "inboxes"}
ALLOWED_CHANNELS = {
    "channels", "channels.base", "channels.failures", "channels.messages", "channels.consent", "channels.registry",
    "channels.html.text", "channels.html.guard",
}  # fmt: skip
"""The contract, and the two tools on HTML that both sides need."""
BINDERS = {"helpdesk", "helpdesk.reactions", "helpdesk.workers", "helpdesk.serve", "helpdesk.prepare"}
"""Modules that put the rooms together, and so may name them all."""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def level(module: str) -> int:
    """How high a module of ours stands: it may import from its own level and below."""
    parts = module.split(".")
    if parts[0] == "channels":
        return 0
    if module == "helpdesk.error_pages":
        return 1  # the page of an error is a root helper
    suffixes = ("_cli", "_pages", "_views", "_api")
    if module in BINDERS or module.startswith("helpdesk.demo") or any(p in TOP or p.endswith(suffixes) for p in parts[1:]):
        return 5
    room = parts[1] if len(parts) > 1 else ""
    return 4 if room in REACTING else 3 if room == "tickets" else 2 if room in PEOPLE else 1


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def target(name: str) -> str:
    return name if is_module(name) else name.rpartition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_downwards(path: Path) -> None:
    module = name_of(path)
    upward = [
        name
        for name in map(target, imports_of(path))
        if name.split(".")[0] in ("helpdesk", "channels") and level(name) > level(module)
    ]
    assert not upward, f"{module} imports upwards: {upward}"


@pytest.mark.parametrize("path", [path for path in MODULES if path.is_relative_to(ROOT / "helpdesk")], ids=name_of)
def test_the_helpdesk_knows_channels_only_by_their_contract(path: Path) -> None:
    foreign = [
        name for name in map(target, imports_of(path)) if name.startswith("channels") and name not in ALLOWED_CHANNELS
    ]
    assert not foreign or name_of(path) == "helpdesk.mail_cli", f"{name_of(path)} imports {foreign}"


@pytest.mark.parametrize("path", [path for path in MODULES if path.is_relative_to(ROOT / "channels")], ids=name_of)
def test_channels_know_nothing_of_the_house(path: Path) -> None:
    house = {"helpdesk", "flask", "sqlalchemy", "rq", "flask_sqlalchemy", "flask_babel"}
    assert not [name for name in imports_of(path) if name.split(".")[0] in house]


@pytest.mark.parametrize("path", [path for path in MODULES if path.is_relative_to(ROOT / "helpdesk")], ids=name_of)
def test_no_room_compares_with_the_name_of_a_channel(path: Path) -> None:
    kinds = set(registry.kinds())
    compared = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        for side in [node.left, *node.comparators]
        for part in ast.walk(side)
        if isinstance(part, ast.Constant) and part.value in kinds and "channel" in ast.dump(node)
    ]
    assert not compared, f"{name_of(path)} asks for a channel by name in lines {compared}"
