"""A channel fed by a webhook, for tests: JSON items, proven by an HMAC over the public URL and the raw body."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from channels.base import Capabilities, Channel, CheckStep, Setting
from channels.failures import ForgedRequest
from channels.messages import (
    Address,
    DeliveryUpdate,
    IncomingMessage,
    OutgoingMessage,
    RawItem,
    Receipt,
    WebhookRequest,
    WebhookResult,
)

HEADER = "X-Signature"


def sign(secret: str, url: str, body: bytes) -> str:
    return hmac.new(secret.encode(), url.encode() + body, hashlib.sha256).hexdigest()


class SignedChannel(Channel):
    kind = "signed"
    label = "Signed"
    settings = (Setting("secret", "Secret", "password"),)
    capabilities = Capabilities(webhook=True)

    @classmethod
    def normalise(cls, address: str) -> str:
        return address.strip().lower()

    def verify(self, request: WebhookRequest) -> WebhookResult:
        given = {name.lower(): value for name, value in request.headers.items()}.get(HEADER.lower(), "")
        if not hmac.compare_digest(given.encode(), sign(self.values["secret"], request.url, request.body).encode()):
            raise ForgedRequest("wrong signature")
        if request.method == "GET":
            return WebhookResult(body=parse_qs(urlsplit(request.url).query)["challenge"][0])
        items = [RawItem(item["id"], json.dumps(item).encode()) for item in json.loads(request.body)]
        return WebhookResult(items, 202, "taken")

    def parse(self, item: RawItem) -> Sequence[IncomingMessage | DeliveryUpdate]:
        said: Mapping[str, str] = json.loads(item.raw)
        return [IncomingMessage(Address(said["from"]), said["text"], visible_text=said["text"], subject=said["text"])]

    def send(self, message: OutgoingMessage, handover: Callable[[], None]) -> Receipt:
        handover()
        return Receipt(message.message_id)

    def check(self, *, send_to: str | None = None) -> Iterator[CheckStep]:
        yield CheckStep("connect_in", True)
