"""kafkatest's VerifiableConsumer on librdkafka: a line of JSON for each thing that happens."""

import argparse
import json
import signal
import time

from confluent_kafka import Consumer, KafkaException

STRATEGIES = {"CooperativeSticky": "cooperative-sticky", "Range": "range"}
BATCH = 200
WAIT_S = 0.2


def tell(name, **fields):
    event = {"timestamp": int(time.time() * 1000), "name": name, **fields}
    print(json.dumps(event), flush=True)


def places(partitions):
    return [{"topic": each.topic, "partition": each.partition} for each in partitions]


def settings(given):
    config = {
        "bootstrap.servers": given.bootstrap_server,
        "group.id": given.group_id,
        "group.protocol": given.group_protocol,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
    if given.group_protocol == "classic":
        name = given.assignment_strategy.split(".")[-1].removesuffix("Assignor")
        config["partition.assignment.strategy"] = STRATEGIES[name]
        if given.session_timeout is not None:
            config["session.timeout.ms"] = given.session_timeout
    return config


def commit(consumer):
    """In a rebalance it may be refused; what is kept is committed later, the rest by on_revoke."""
    try:
        consumer.commit(asynchronous=False)
        tell("offsets_committed", success=True, offsets=[])
    except KafkaException as thrown:
        tell("offsets_committed", success=False, offsets=[], error=str(thrown))


def on_revoke(consumer, partitions):
    commit(consumer)
    tell("partitions_revoked", partitions=places(partitions))


def consume(consumer):
    """All that is handed out is committed before more is asked for."""
    messages = [each for each in consumer.consume(BATCH, WAIT_S) if each.error() is None]
    counts = {}
    for each in messages:
        at = (each.topic(), each.partition())
        counts[at] = counts.get(at, 0) + 1
        value = each.value().decode()
        topic, partition = at
        tell("record_data", topic=topic, partition=partition, offset=each.offset(), value=value)
    if not messages:
        return
    tell("records_consumed", count=len(messages), partitions=[])
    commit(consumer)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap-server", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--group-id", required=True)
    parser.add_argument("--group-protocol", default="classic")
    parser.add_argument("--assignment-strategy", default="RangeAssignor")
    parser.add_argument("--session-timeout", type=int)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    ending = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
    consumer = Consumer(settings(given))
    consumer.subscribe(
        [given.topic],
        on_assign=lambda _, all: tell("partitions_assigned", partitions=places(all)),
        on_revoke=on_revoke,
    )
    tell("startup_complete")
    while not ending:
        consume(consumer)
    consumer.close()
    tell("shutdown_complete")


main()
