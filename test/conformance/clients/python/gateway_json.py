"""The gateway's JSON language over Python's websockets: gateway_json.py WS_URL TOPIC."""

import asyncio
import itertools
import json
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

URL, TOPIC = sys.argv[1:3]
LIMIT_S = 20
COUNT = 2000
ids = itertools.count(1)


class Client:
    def __init__(self, socket):
        self.socket = socket
        self.early = []

    async def next(self, wants):
        for at, message in enumerate(self.early):
            if wants(message):
                return self.early.pop(at)
        while True:
            text = await asyncio.wait_for(self.socket.recv(), LIMIT_S)
            message = json.loads(text)
            if wants(message):
                return message
            self.early.append(message)

    async def ask(self, **command):
        number = next(ids)
        await self.socket.send(json.dumps({"id": number, **command}))
        return await self.next(lambda message: message.get("id") == number)

    async def records(self, count):
        found = []
        while len(found) < count:
            frame = await self.next(lambda message: message["type"] == "records")
            found += frame["records"]
        return found


async def opened():
    client = Client(await connect(URL, subprotocols=["millrace.json"], max_size=None))
    hello = await client.next(lambda message: message["type"] == "hello")
    assert hello["protocol"] == 1, hello
    return client


async def negotiates():
    client = await opened()
    assert client.socket.subprotocol == "millrace.json", client.socket.subprotocol
    assert client.socket.protocol.extensions == [], "no extension is agreed"
    latency = await asyncio.wait_for(await client.socket.ping(), LIMIT_S)
    assert latency >= 0
    await client.socket.close()
    assert client.socket.close_code == 1000, client.socket.close_code


async def refuses():
    try:
        await connect(URL, subprotocols=["mqtt"])
    except InvalidStatus as refusal:
        assert refusal.response.status_code == 400
        assert json.loads(refusal.response.body)["retry"] is False
        return
    raise AssertionError("an unknown subprotocol was let in")


async def produces_and_reads():
    client = await opened()
    for start in range(0, COUNT, 500):
        rows = [{"key": f"k{i}", "value": f"v{i} \u00fc \U0001f600"} for i in range(start, start + 500)]
        answer = await client.ask(type="produce", topic=TOPIC, records=rows)
        assert answer["offsets"][0]["base"] == start, answer
    await client.ask(type="subscribe", sub=1, topic=TOPIC, **{"from": "earliest"})
    found = await client.records(COUNT)
    assert [record["offset"] for record in found] == list(range(COUNT))
    assert [record["value"] for record in found] == [f"v{i} \u00fc \U0001f600" for i in range(COUNT)]
    await client.socket.close()


async def sends_in_fragments():
    client = await opened()
    text = json.dumps({"type": "produce", "id": "f", "topic": TOPIC, "records": [{"value": "x" * 99}]})
    await client.socket.send(text[i : i + 7] for i in range(0, len(text), 7))
    answer = await client.next(lambda message: message.get("id") == "f")
    assert answer["type"] == "ok", answer
    await client.socket.close()


async def shares_a_group():
    """Two members read all; what the first does not acknowledge comes to the second."""
    group = {"id": f"{TOPIC}-group"}
    first, second = await opened(), await opened()
    await first.ask(type="subscribe", sub=1, topic=TOPIC, group=group)
    await first.next(lambda message: message["type"] == "assigned")
    found = await first.records(COUNT)
    done = [{"topic": TOPIC, "partition": 0, "offset": 1000}]
    answer = await first.ask(type="ack", sub=1, positions=done)
    assert answer["type"] == "ok", answer
    await first.socket.close()
    assert [record["offset"] for record in found[:COUNT]] == list(range(COUNT))
    await second.ask(type="subscribe", sub=1, topic=TOPIC, group=group)
    await second.next(lambda message: message["type"] == "assigned" and message["positions"])
    again = await second.records(COUNT - 1000)
    assert again[0]["offset"] == 1000, again[0]
    await second.socket.close()


async def waits_for_a_slow_reader():
    """What is not read waits in the log, and then comes without a gap."""
    client = Client(await connect(URL, subprotocols=["millrace.json"], max_queue=1, max_size=None))
    await client.ask(type="subscribe", sub=1, topic=TOPIC, **{"from": "earliest"})
    await asyncio.sleep(1)
    found = await client.records(COUNT)
    assert [record["offset"] for record in found[:COUNT]] == list(range(COUNT))
    await client.socket.close()


async def is_told_why_it_is_closed():
    client = await opened()
    await client.socket.send(b"\x00\x01")
    try:
        await client.next(lambda message: False)
    except ConnectionClosed as closed:
        assert closed.rcvd.code == 1003, closed.rcvd
        assert json.loads(closed.rcvd.reason)["code"] == "not_supported"
        return
    raise AssertionError("a binary message was taken")


STEPS = {
    "subprotocol, ping and pong, closing handshake": negotiates,
    "an unknown subprotocol is refused with 400": refuses,
    "produce and read back, text outside ASCII": produces_and_reads,
    "a command in many fragments": sends_in_fragments,
    "a group: what was not acknowledged comes again": shares_a_group,
    "a slow reader gets everything": waits_for_a_slow_reader,
    "a binary message closes with 1003 and a reason": is_told_why_it_is_closed,
}


async def main():
    for step, work in STEPS.items():
        error = None
        try:
            await work()
        except Exception as thrown:
            error = f"{type(thrown).__name__}: {thrown}"
        print(json.dumps({"step": step, "error": error}), flush=True)


asyncio.run(main())
