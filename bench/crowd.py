"""Many Socket.IO clients in one light process: ``python -m bench.crowd HOST PORT COOKIE COUNT TICKET``.

Prints ``ready`` when all have joined the queue, then for each change that all have received a JSON list: the ticket's
version and when each client had it (CLOCK_MONOTONIC, which all processes of a machine share).
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections import defaultdict  # noqa: E402

import gevent  # noqa: E402
from gevent.event import Event  # noqa: E402
from gevent.lock import Semaphore  # noqa: E402
from gevent.pool import Group  # noqa: E402
from websocket import WebSocket, create_connection  # noqa: E402

AT_ONCE = 20  # handshakes at a time


class Crowd:
    """The clients, and when each of them heard of each version of one ticket."""

    def __init__(self, address: str, cookie: str, count: int, number: int) -> None:
        self.address, self.cookie, self.count, self.number = address, cookie, count, number
        self.joined, self.all_here, self.doors = 0, Event(), Semaphore(AT_ONCE)
        self.heard: dict[int, list[float]] = defaultdict(list)

    def run(self) -> None:
        """Let everybody in, then listen until the process is stopped."""
        group = Group()
        for _client in range(self.count):
            group.add(gevent.spawn(self._client))
        self.all_here.wait()
        print("ready", flush=True)
        group.join()

    def _client(self) -> None:
        with self.doors:
            line = self._connect()
        while True:
            packet = line.recv()
            if packet == "2":
                line.send("3")
            elif isinstance(packet, str) and packet.startswith('42["ticket:changed"'):
                self._hear(packet, time.monotonic())

    def _connect(self) -> WebSocket:
        url = f"ws://{self.address}/socket.io/?EIO=4&transport=websocket"
        line = create_connection(url, cookie=self.cookie, suppress_origin=True, timeout=None)
        line.recv()
        line.send("40")
        if not line.recv().startswith("40"):
            raise RuntimeError("The server refused a client.")
        line.send('420["queue:join",{"view":"open"}]')
        while not line.recv().startswith("430"):
            pass
        self.joined += 1
        if self.joined == self.count:
            self.all_here.set()
        return line

    def _hear(self, packet: str, at: float) -> None:
        payload = json.loads(packet[2:])[1]
        if payload["number"] != self.number:
            return
        heard = self.heard[payload["version"]]
        heard.append(at)
        if len(heard) == self.count:
            print(json.dumps([payload["version"], heard]), flush=True)


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192) if hard > 0 else 8192, hard))
    host, port, sent_cookie, clients, ticket = sys.argv[1:]
    Crowd(f"{host}:{port}", sent_cookie, int(clients), int(ticket)).run()
