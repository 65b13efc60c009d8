"""A loopback double of the W&B server: enough of its protocol for the real client, and able to misbehave.

`with Double() as server:` serves on a port of 127.0.0.1. What the client sent is in `server.runs`.
`server.mood` says how it answers from now on, also in the middle of a run; `vanish()` and `come_back()` take
it off the net and put it back.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import socket
import threading
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MOODS = ("serve", "deny", "fail", "hang")  # 200, 401, 500, accept and never answer
KEY = "a1b2c3d4" * 5  # a key of the right form; the double takes this one only
ENTITY = "someone"


@dataclass
class OnlineRun:
    """One run as the server came to know it; `exit_code` is None until the client says that it ended."""

    fields: dict[str, Any] = field(
        default_factory=dict
    )  # the variables of UpsertBucket: displayName, groupName, ...
    history: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    exit_code: int | None = None

    @property
    def config(self) -> dict[str, Any]:
        return {key: entry["value"] for key, entry in json.loads(self.fields["config"]).items()}


class Double:
    """A W&B server with one account, its runs by id, and a mood."""

    def __init__(self) -> None:
        self.mood = "serve"
        self.runs: dict[str, OnlineRun] = defaultdict(OnlineRun)
        self.requests: list[str] = []  # operation or path of each request, in order
        self.files: dict[str, bytes] = {}  # what was uploaded, by path
        self.released = threading.Event()  # lets the handlers that hang end with the test
        self.port = 0
        self.come_back()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def come_back(self) -> None:
        """Listen: on a free port the first time, on the same one ever after."""
        self.http = Listener(("127.0.0.1", self.port), Handler)
        self.http.double = self
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def vanish(self) -> None:
        """Close the port and every open connection: the next attempt to connect is refused."""
        self.http.shutdown()
        self.http.server_close()
        for connection in list(self.http.connections):
            with suppress(OSError):  # it may be closed already
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Double:
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.vanish()

    def answer(self, operation: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The `data` of a GraphQL answer; KeyError for an operation that the double does not know."""
        return {
            "Viewer": self.viewer,
            "ServerFeaturesQuery": self.features,
            "RunResumeStatus": self.resume_status,
            "UpsertBucket": self.upsert,
            "CreateRunFiles": self.create_files,
        }[operation](variables)

    def viewer(self, _: dict[str, Any]) -> dict[str, Any]:
        who = {
            "id": "u1",
            "entity": ENTITY,
            "username": ENTITY,
            "email": "",
            "flags": "{}",
            "teams": {"edges": []},
        }
        return {"viewer": who, "serverInfo": {"cliVersionInfo": None, "latestLocalVersionInfo": None}}

    def features(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"serverInfo": {"features": []}}

    def resume_status(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Where a run that was here before stands, so that the client appends to it."""
        if variables["name"] not in self.runs:
            return {"model": None}
        run, tail = self.runs[variables["name"]], {"eventsTail": "[]", "eventsLineCount": 0, "logLineCount": 0}
        history = {"historyLineCount": len(run.history), "historyTail": json.dumps([json.dumps(run.history[-1])])}
        bucket = tail | history | {"id": "b1", "name": variables["name"], "tags": run.fields.get("tags") or []}
        bucket |= {
            "displayName": run.fields["displayName"],
            "config": run.fields["config"],
            "wandbConfig": '{"t": 1}',
        }
        bucket |= {"summaryMetrics": json.dumps(run.summary)}
        return {"model": {"id": "m1", "name": "", "entity": {"id": "e1", "name": ENTITY}, "bucket": bucket}}

    def upsert(self, variables: dict[str, Any]) -> dict[str, Any]:
        run = self.runs[variables["name"]]
        run.fields |= {key: value for key, value in variables.items() if value is not None}
        project = {"name": variables["project"], "entity": {"name": variables["entity"] or ENTITY}}
        bucket = {
            "id": "b1",
            "name": variables["name"],
            "displayName": variables["displayName"],
            "project": project,
        }
        empty = {"description": None, "config": None, "sweepName": None, "historyLineCount": 0}
        return {"upsertBucket": {"bucket": bucket | empty, "inserted": True}}

    def create_files(self, variables: dict[str, Any]) -> dict[str, Any]:
        files = [{"name": name, "uploadUrl": f"{self.url}/storage/{name}"} for name in variables["files"]]
        return {"createRunFiles": {"runID": "b1", "uploadHeaders": [], "files": files}}

    def stream(self, run_id: str, chunk: dict[str, Any]) -> None:
        """Take one file_stream request: rows of history, the newest summary, the exit code."""
        run = self.runs[run_id]
        files = chunk.get("files") or {}
        if history := files.get("wandb-history.jsonl"):
            rows = [json.loads(line) for line in history["content"]]
            run.history[history["offset"] :] = rows  # a request that is tried again replaces what it sent before
        if summary := files.get("wandb-summary.json"):
            run.summary = json.loads(summary["content"][-1])
        if chunk.get("complete"):
            run.exit_code = chunk.get("exitcode")


def operation(query: dict[str, Any]) -> str:
    """The name of a GraphQL operation; wandb's Python side leaves it to the text."""
    named = re.search(r"(?:query|mutation)\s+(\w+)", query.get("query", ""))
    return query.get("operationName") or (named[1] if named else "")


class Listener(ThreadingHTTPServer):
    """The HTTP side; it keeps its connections so that they can be cut."""

    daemon_threads = True
    double: Double

    def __init__(self, *args: Any) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Silence: a client that hangs up is part of the game."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Listener

    def log_message(self, *_: object) -> None:
        """Silence: pytest shows what matters."""

    def body(self) -> bytes:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(data) if self.headers.get("Content-Encoding") == "gzip" else data

    def reply(self, status: int, payload: dict[str, Any]) -> None:
        data = json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def key(self) -> str:
        """The API key that came with the request."""
        return base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()[4:]

    def handle_any(self) -> None:
        double, body = self.server.double, self.body()
        query = json.loads(body) if self.path == "/graphql" else {}
        double.requests.append(operation(query) or self.path)
        if double.mood == "hang":
            double.released.wait()
        elif double.mood == "fail":
            self.reply(500, {"error": "the double was told to fail"})
        elif double.mood == "deny":
            self.reply(401, {"errors": [{"message": "user is not logged in"}]})
        elif query and self.key() != KEY:  # a careless server, to see that the key it tells goes no further
            self.reply(401, {"errors": [{"message": f"there is no user with the key {self.key()}"}]})
        elif query:
            self.graphql(query)
        else:
            if self.path.endswith("/file_stream"):
                double.stream(self.path.split("/")[-2], json.loads(body))
            elif self.command == "PUT":
                double.files[self.path.removeprefix("/storage/")] = body
            self.reply(200, {})

    def graphql(self, query: dict[str, Any]) -> None:
        try:
            self.reply(200, {"data": self.server.double.answer(operation(query), query.get("variables") or {})})
        except KeyError:  # an empty `data` would crash the client, an error does not
            self.reply(200, {"errors": [{"message": f"the double knows no {operation(query)}"}]})

    do_GET = do_POST = do_PUT = handle_any
