#!/usr/bin/env python3
"""A worker in Python's standard library, for a kind of job that runs where this program is.

    python3 examples/worker.py http://127.0.0.1:4000 TOKEN

The kind LINE_COUNT counts the lines of a file of this machine. docs/worker-protocol.md describes the protocol.
"""

import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request

SLOTS = 2
KIND = {
    "name": "LINE_COUNT",
    "description": "Counts the lines of a file on the machine of the worker.",
    "inputSchema": {
        "type": "object",
        "properties": {
            "path": {"type": "string", "minLength": 1},
            "linesPerSecond": {"type": "integer", "minimum": 1},
        },
        "required": ["path"],
    },
}


class Refused(Exception):
    """An answer that is an error. `code` is one of those in docs/errors.md."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Lost(Exception):
    """The claim belongs to another worker: nothing more may be written."""


class Stopped(Exception):
    """The job was asked to stop."""


def call(base, token, name, body, timeout):
    """Sends one request. Raises Refused for an error, OSError without an answer."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{base}/worker/{name}", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        try:
            [first] = json.load(error)["errors"]
        except (ValueError, KeyError):
            raise OSError(f"the server answered {error.code}") from error
        raise Refused(first["extensions"]["code"], first["message"]) from error


PASSING = ("UNAVAILABLE", "TOO_MANY", "INTERNAL_SERVER_ERROR")


class Session:
    """From its start until its claims are lost. Nothing is sent or written after that."""

    def __init__(self, base, token):
        self.base, self.token = base, token
        body = {"name": f"{socket.gethostname()}:{os.getpid()}", "kinds": [KIND]}
        answer = call(base, token, "start", body, 10)
        self.session, self.lease = answer["session"], answer["leaseMs"] / 1000
        self.beat_at = time.monotonic()
        self.lost = False
        self.running = {}

    def is_lost(self):
        """After two thirds of a lease without an answer, another worker may soon have the jobs."""
        if time.monotonic() - self.beat_at > self.lease * 2 / 3:
            self.lost = True
        return self.lost

    def claim(self):
        sent_at = time.monotonic()
        body = {
            "session": self.session,
            "running": SLOTS - len(self.running),
            "reverting": SLOTS,
            "holding": list(self.running),
            "stopping": [job_id for job_id, job in self.running.items() if job["stop"].is_set()],
        }
        answer = call(self.base, self.token, "claim", body, self.lease / 2)
        self.beat_at = sent_at
        for job in answer["jobs"]:
            if job["jobId"] not in self.running:
                job["stop"] = threading.Event()
                self.running[job["jobId"]] = job
                threading.Thread(target=self.run, args=(job,), daemon=True).start()
        for job_id in answer["stop"]:
            if job_id in self.running:
                self.running[job_id]["stop"].set()

    def send(self, name, job, fields):
        """A save or a report. It is repeated until it is answered: the answer to a repetition is the same."""
        body = {"session": self.session, "jobs": [{"jobId": job["jobId"], "epoch": job["epoch"], **fields}]}
        while not self.is_lost():
            try:
                [answer] = call(self.base, self.token, name, body, self.lease / 3)["jobs"]
                return answer["status"]
            except Refused as error:
                if error.code == "NOT_FOUND":
                    break
                if error.code not in PASSING:
                    raise
            except OSError:
                pass
            time.sleep(0.25)
        raise Lost

    def run(self, job):
        try:
            try:
                report = work(job, lambda **fields: self.step(job, fields))
            except Stopped:
                report = {"report": "stopped"}
            except Lost:
                return
            except Exception as error:  # The job fails, and the worker goes on.
                report = {"report": "failed" if job["task"] == "run" else "revertFailed", "error": str(error)}
            self.send("settle", job, report)
        except Lost:
            pass
        finally:
            self.running.pop(job["jobId"], None)

    def step(self, job, fields):
        """Saves a checkpoint, and stops here if the job was asked to."""
        status = self.send("save", job, fields)
        if status is None:
            raise Lost
        if job["stop"].is_set() or status != "RUNNING":
            raise Stopped


def work(job, step):
    """Does the work of a job from its checkpoint, and returns the report."""
    if job["task"] == "release":
        return {"report": "stopped"}
    if job["task"] == "revert":
        return {"report": "reverted"}
    path, rate = job["input"]["path"], job["input"].get("linesPerSecond")
    position = job["checkpoint"] or {"offset": 0, "lines": 0}
    offset, lines, size = position["offset"], position["lines"], os.path.getsize(path)
    saved_at = 0
    with open(path, "rb") as file:
        file.seek(offset)
        for line in file:
            offset, lines = offset + len(line), lines + 1
            if rate:
                time.sleep(1 / rate)
            if time.monotonic() - saved_at >= 0.4:
                step(
                    checkpoint={"offset": offset, "lines": lines},
                    fractionCompleted=offset / size,
                    counters={"lines": lines},
                )
                saved_at = time.monotonic()
    return {"report": "finished", "result": {"lines": lines}, "counters": {"lines": lines}}


def main(base, token):
    session = Session(base, token)
    print("ready", flush=True)
    while True:
        try:
            if session.is_lost():
                session = Session(base, token)
            session.claim()
        except Refused as error:
            if error.code == "NOT_FOUND":
                session.lost = True
            elif error.code not in PASSING:
                raise
            time.sleep(0.25)
        except OSError:
            time.sleep(0.25)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"Usage: {sys.argv[0]} URL TOKEN")
    try:
        main(sys.argv[1].rstrip("/"), sys.argv[2])
    except KeyboardInterrupt:
        pass
    except (Refused, OSError) as error:
        sys.exit(str(error))
