"""`/api/v1/customers` and `/api/v1/merges`."""

from __future__ import annotations

from typing import Any

from flask import url_for

from helpdesk.api.endpoints import Endpoints
from helpdesk.api.tokens import acting
from helpdesk.cursors import LARGEST_ID, Page
from helpdesk.customers import actions, merge, queries
from helpdesk.customers.actions import Known
from helpdesk.customers.models import Customer, CustomerMerge
from helpdesk.customers.shapes_api import Customer as CustomerShape
from helpdesk.customers.shapes_api import CustomerChange, CustomerPage, CustomerQuery, MergeRequest
from helpdesk.customers.shapes_api import Merge as MergeShape

endpoints = Endpoints("customers", "Customers, their identities and merges")
ID = f"<int(max={LARGEST_ID})"
CUSTOMER = f"/customers/{ID}:customer_id>"


@endpoints.get("/customers", CustomerPage, query=CustomerQuery)
def list_customers(query: dict[str, Any]) -> Page[Customer]:
    """List customers

    Those with a ticket that the token's agent sees, or with no ticket at all; newest first.
    """
    found = {"words": query.get("q", ""), "address": query.get("address", "")}
    return queries.listed(acting(), **found, cursor=query.get("cursor"), limit=query["limit"])


@endpoints.post("/customers", CustomerShape, body=CustomerChange)
def add_customer(body: dict[str, Any]) -> tuple[Customer, int, dict[str, str]]:
    """Add a customer

    409 when an address is another customer's.
    """
    customer = actions.create(acting(), body, _identities(body) or [])
    return customer, 201, {"Location": url_for("api_customers.get_customer", customer_id=customer.id)}


@endpoints.get(CUSTOMER, CustomerShape)
def get_customer(customer_id: int) -> Customer:
    """Get a customer"""
    return queries.get(acting(), customer_id)


@endpoints.patch(CUSTOMER, CustomerShape, body=CustomerChange)
def change_customer(body: dict[str, Any], customer_id: int) -> Customer:
    """Change a customer

    409 when an address is another customer's, or the customer was merged.
    """
    return actions.change(acting(), customer_id, body, _identities(body))


@endpoints.post(f"{CUSTOMER}/merge", MergeShape, body=MergeRequest)
def merge_customers(body: dict[str, Any], customer_id: int) -> CustomerMerge:
    """Merge another customer into this one

    His identities, tickets and timeline become this one's; what this one lacks is filled in.
    """
    return merge.merge(acting(), customer_id, body["customer"])


@endpoints.post(f"/merges/{ID}:merge_id>/undo", MergeShape)
def undo_merge(merge_id: int) -> CustomerMerge:
    """Undo a merge

    Both are again what they were before. 409 when it is undone already.
    """
    return merge.undo(acting(), merge_id)


def _identities(body: dict[str, Any]) -> list[Known] | None:
    given = body.pop("identities", None)
    return [Known(**identity) for identity in given] if given is not None else None
