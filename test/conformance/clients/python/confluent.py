"""Runs the jobs of a JSON file with confluent-kafka (librdkafka); answers one JSON line a job."""

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from jobs import LIMIT_S, collect, records_of, run


def settings_of(spec):
    """What it connects with; a refused login is an error at once, where librdkafka tries on."""

    def failed(error):
        if error.code() == KafkaError._AUTHENTICATION:
            raise KafkaException(error)

    secured = spec.get("security", {}).get("librdkafka", {})
    return {"bootstrap.servers": spec["bootstrap"], "error_cb": failed, **secured}


def produce(spec, job):
    producer = Producer({
        **settings_of(spec),
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

    for time_ms, key, value, headers in records_of(job):
        producer.produce(
            job["topic"],
            partition=job.get("partition", 0),
            timestamp=time_ms,
            key=key,
            value=value,
            headers=headers,
            on_delivery=delivered,
        )
        producer.poll(0)
    left = producer.flush(LIMIT_S)
    if left or failures:
        raise RuntimeError(f"{left} not delivered, failures: {failures[:3]}")


def poller(consumer):
    def poll(_most):
        message = consumer.poll(0.2)
        if message is None:
            return
        if message.error():
            if message.error().code() == KafkaError._PARTITION_EOF:
                return
            raise KafkaException(message.error())
        headers = message.headers() or []
        yield message.offset(), message.timestamp()[1], message.key(), message.value(), headers

    return poll


def consumer_of(spec, extra):
    return Consumer({
        **settings_of(spec),
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        **extra,
    })


def consume(spec, job):
    consumer = consumer_of(spec, {"group.id": "not-joined", "check.crcs": True})
    try:
        partition = job.get("partition", 0)
        consumer.assign([TopicPartition(job["topic"], partition, job.get("from", 0))])
        collect(poller(consumer), job)
    finally:
        consumer.close()


def group(spec, job):
    protocol = job.get("protocol", "classic")
    consumer = consumer_of(spec, {"group.id": job["group"], "group.protocol": protocol})
    try:
        consumer.subscribe([job["topic"]])
        collect(poller(consumer), job)
        consumer.commit(asynchronous=False)
    finally:
        consumer.close()


run(produce=produce, consume=consume, group=group)
