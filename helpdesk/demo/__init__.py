"""A small company that looks real: Lodos Ev, home goods from Istanbul, with its people, customers and conversations."""

from helpdesk.demo.people import ACCOUNTS
from helpdesk.demo.shop import fill

__all__ = ["ACCOUNTS", "fill"]
