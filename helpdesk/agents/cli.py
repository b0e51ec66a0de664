"""`bin/helpdesk agents|teams|tokens`."""

from __future__ import annotations

import secrets
import sys

import click
from flask.cli import AppGroup

from helpdesk.agents import actions
from helpdesk.agents.models import ROLES, Agent
from helpdesk.agents.passwords import set_password
from helpdesk.errors import NotFound
from helpdesk.extensions import db

agents = AppGroup("agents", help="People who answer.")
teams = AppGroup("teams", help="Groups of agents.")
tokens = AppGroup("tokens", help="Keys to the HTTP API.")
from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")


@agents.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(ROLES), default="agent", show_default=True)
@click.option("--team", "team_names", multiple=True, help="May be given several times.")
@from_stdin
def add_agent(email: str, name: str, role: str, team_names: tuple[str, ...], password_stdin: bool) -> None:
    """Add an agent. Without --password-stdin a password is made and printed once."""
    password = _password(password_stdin)
    agent = actions.add_agent(email, name, role, team_names, password)
    click.echo(f"Added {agent.email} ({agent.role}).")
    _show(password, password_stdin)


@agents.command("password")
@click.argument("email")
@from_stdin
def change_password(email: str, password_stdin: bool) -> None:
    """Give an agent a new password, for one who is locked out."""
    agent = _agent(email)
    password = _password(password_stdin)
    set_password(agent, password)
    db.session.commit()
    click.echo(f"{agent.email} has a new password, and is signed out everywhere.")
    _show(password, password_stdin)


@teams.command("add")
@click.argument("name")
def add_team(name: str) -> None:
    """Add a team."""
    click.echo(f"Added the team {actions.add_team(name).name}.")


@tokens.command("add")
@click.argument("name")
@click.option("--agent", "email", required=True, help="Whom the token acts as.")
def add_token(name: str, email: str) -> None:
    """Make an API token and print it, once."""
    click.echo(actions.add_token(_agent(email), name))


def _agent(email: str) -> Agent:
    agent = actions.agent_by_email(email)
    if agent is None:
        raise NotFound(f"There is no agent with the address {email}.")
    return agent


def _password(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else secrets.token_urlsafe(12)


def _show(password: str, given: bool) -> None:
    if not given:
        click.echo(f"Password: {password}")
