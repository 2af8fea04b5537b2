"""The jobs of a JSON file, for any client: one JSON line answers each."""

import base64
import json
import sys
import time

LIMIT_S = 40


def decode(text):
    return None if text is None else base64.b64decode(text)


def encode(data):
    return None if data is None else base64.b64encode(data).decode()


def records_of(job):
    """What a produce job is to send: time, key, value and headers of each record."""
    with open(job["file"], encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            headers = [(name, decode(value)) for name, value in record["h"]]
            yield record["t"], decode(record["k"]), decode(record["v"]), headers


def collect(poll, job):
    """Writes what `poll` yields, as (offset, time, key, value, headers), until all have come."""
    left = job["count"]
    deadline = time.monotonic() + LIMIT_S
    with open(job["file"], "w", encoding="utf-8") as out:
        while left > 0:
            if time.monotonic() > deadline:
                raise RuntimeError(f"still {left} records missing at the time limit")
            for offset, time_ms, key, value, headers in poll(left):
                out.write(json.dumps({
                    "o": offset,
                    "t": time_ms,
                    "k": encode(key),
                    "v": encode(value),
                    "h": [[name, encode(each)] for name, each in headers],
                }) + "\n")
                left -= 1


def run(**kinds):
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    for number, job in enumerate(spec["jobs"]):
        try:
            kinds[job["do"]](spec, job)
            answer = {"job": number, "ok": True}
        except Exception as error:  # every failure of a job is its answer
            answer = {"job": number, "ok": False, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
