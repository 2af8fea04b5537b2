"""Runs the jobs of a JSON file with kafka-python; answers one JSON line a job."""

import base64
import json
import sys
import time

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

LIMIT_S = 40


def decode(text):
    return None if text is None else base64.b64decode(text)


def encode(data):
    return None if data is None else base64.b64encode(data).decode()


def produce(spec, job):
    codec = None if job["codec"] == "none" else job["codec"]
    producer = KafkaProducer(
        bootstrap_servers=spec["bootstrap"],
        compression_type=codec,
        enable_idempotence=job.get("idempotent", False),
        acks=job.get("acks", "all"),
        linger_ms=20,
    )
    try:
        sent = []
        with open(job["file"], encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                sent.append(producer.send(
                    job["topic"],
                    partition=job.get("partition", 0),
                    timestamp_ms=record["t"],
                    key=decode(record["k"]),
                    value=decode(record["v"]),
                    headers=[(name, decode(value)) for name, value in record["h"]],
                ))
        producer.flush(timeout=LIMIT_S)
        for future in sent:
            future.get(timeout=LIMIT_S)
    finally:
        producer.close(timeout=5)


def collect(consumer, job):
    left = job["count"]
    deadline = time.monotonic() + LIMIT_S
    with open(job["file"], "w", encoding="utf-8") as out:
        while left > 0:
            if time.monotonic() > deadline:
                raise RuntimeError(f"still {left} records missing at the time limit")
            for records in consumer.poll(timeout_ms=200, max_records=left).values():
                for record in records:
                    out.write(json.dumps({
                        "o": record.offset,
                        "t": record.timestamp,
                        "k": encode(record.key),
                        "v": encode(record.value),
                        "h": [[name, encode(value)] for name, value in record.headers],
                    }) + "\n")
                    left -= 1


def consumer_of(spec, **extra):
    return KafkaConsumer(
        bootstrap_servers=spec["bootstrap"],
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **extra,
    )


def consume(spec, job):
    consumer = consumer_of(spec)
    try:
        partition = TopicPartition(job["topic"], job.get("partition", 0))
        consumer.assign([partition])
        consumer.seek(partition, job.get("from", 0))
        collect(consumer, job)
    finally:
        consumer.close()


def group(spec, job):
    consumer = consumer_of(spec, group_id=job["group"])
    try:
        consumer.subscribe([job["topic"]])
        collect(consumer, job)
        consumer.commit()
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
