"""Runs the jobs of a JSON file with confluent-kafka (librdkafka); answers one JSON line a job."""

import base64
import json
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

LIMIT_S = 40


def decode(text):
    return None if text is None else base64.b64decode(text)


def encode(data):
    return None if data is None else base64.b64encode(data).decode()


def produce(spec, job):
    producer = Producer({
        "bootstrap.servers": spec["bootstrap"],
        "compression.type": job["codec"],
        "enable.idempotence": job.get("idempotent", False),
        "acks": job.get("acks", "all"),
        "linger.ms": 20,
        "message.timeout.ms": LIMIT_S * 1000,
    })
    failures = []

    def delivered(error, _message):
        if error is not None:
            failures.append(str(error))

    with open(job["file"], encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            producer.produce(
                job["topic"],
                partition=job.get("partition", 0),
                timestamp=record["t"],
                key=decode(record["k"]),
                value=decode(record["v"]),
                headers=[(name, decode(value)) for name, value in record["h"]],
                on_delivery=delivered,
            )
            producer.poll(0)
    left = producer.flush(LIMIT_S)
    if left or failures:
        raise RuntimeError(f"{left} not delivered, failures: {failures[:3]}")


def collect(consumer, job):
    left = job["count"]
    deadline = time.monotonic() + LIMIT_S
    with open(job["file"], "w", encoding="utf-8") as out:
        while left > 0:
            if time.monotonic() > deadline:
                raise RuntimeError(f"still {left} records missing at the time limit")
            message = consumer.poll(0.2)
            if message is None:
                continue
            if message.error():
                if message.error().code() == KafkaError._PARTITION_EOF:
                    continue
                raise KafkaException(message.error())
            out.write(json.dumps({
                "o": message.offset(),
                "t": message.timestamp()[1],
                "k": encode(message.key()),
                "v": encode(message.value()),
                "h": [[name, encode(value)] for name, value in message.headers() or []],
            }) + "\n")
            left -= 1


def consumer_of(spec, extra):
    return Consumer({
        "bootstrap.servers": spec["bootstrap"],
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        **extra,
    })


def consume(spec, job):
    consumer = consumer_of(spec, {"group.id": "not-joined", "check.crcs": True})
    try:
        partition = job.get("partition", 0)
        consumer.assign([TopicPartition(job["topic"], partition, job.get("from", 0))])
        collect(consumer, job)
    finally:
        consumer.close()


def group(spec, job):
    protocol = job.get("protocol", "classic")
    consumer = consumer_of(spec, {"group.id": job["group"], "group.protocol": protocol})
    try:
        consumer.subscribe([job["topic"]])
        collect(consumer, job)
        consumer.commit(asynchronous=False)
    finally:
        consumer.close()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    kinds = {"produce": produce, "consume": consume, "group": group}
    for number, job in enumerate(spec["jobs"]):
        try:
            kinds[job["do"]](spec, job)
            answer = {"job": number, "ok": True}
        except Exception as error:  # every failure of a job is its answer
            answer = {"job": number, "ok": False, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
