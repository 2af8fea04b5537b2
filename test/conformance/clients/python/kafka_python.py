"""Runs the jobs of a JSON file with kafka-python; answers one JSON line a job."""

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from jobs import LIMIT_S, collect, records_of, run


def settings_of(spec):
    secured = spec.get("security")
    settings = {"bootstrap_servers": spec["bootstrap"]}
    if secured is None:
        return settings
    settings |= {
        "security_protocol": secured["protocol"],
        "ssl_cafile": secured["ca"],
        "bootstrap_timeout_ms": 15_000,
    }
    if "mechanism" in secured:
        return settings | {
            "sasl_mechanism": secured["mechanism"],
            "sasl_plain_username": secured["username"],
            "sasl_plain_password": secured["password"],
        }
    return settings | {"ssl_certfile": secured["certificate"], "ssl_keyfile": secured["key"]}


def produce(spec, job):
    codec = None if job["codec"] == "none" else job["codec"]
    producer = KafkaProducer(
        **settings_of(spec),
        compression_type=codec,
        enable_idempotence=job.get("idempotent", False),
        acks=job.get("acks", "all"),
        linger_ms=20,
    )
    try:
        sent = []
        for time_ms, key, value, headers in records_of(job):
            sent.append(producer.send(
                job["topic"],
                partition=job.get("partition", 0),
                timestamp_ms=time_ms,
                key=key,
                value=value,
                headers=headers,
            ))
        producer.flush(timeout=LIMIT_S)
        for future in sent:
            future.get(timeout=LIMIT_S)
    finally:
        producer.close(timeout=5)


def poller(consumer):
    def poll(most):
        for records in consumer.poll(timeout_ms=200, max_records=most).values():
            for record in records:
                yield record.offset, record.timestamp, record.key, record.value, record.headers

    return poll


def consumer_of(spec, **extra):
    return KafkaConsumer(
        **settings_of(spec),
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
        collect(poller(consumer), job)
    finally:
        consumer.close()


def group(spec, job):
    consumer = consumer_of(spec, group_id=job["group"])
    try:
        consumer.subscribe([job["topic"]])
        collect(poller(consumer), job)
        consumer.commit()
    finally:
        consumer.close()


run(produce=produce, consume=consume, group=group)
