"""A pytest plugin: kafka-python's tests of SASL and TLS get brokers that are there already.

SECURED_PORTS is JSON: the port of each transport. SECURED_FOLDER holds `ca-cert`.
"""

import json
import os

from kafka import KafkaAdminClient
from test.integration.fixtures import KafkaFixture, client_params

PORTS = json.loads(os.environ["SECURED_PORTS"])


def instance(broker_id, transport="PLAINTEXT", sasl_mechanism=None, **_others):
    fixture = KafkaFixture(
        "localhost",
        PORTS[transport],
        broker_id,
        transport=transport,
        sasl_mechanism=sasl_mechanism,
        external=True,
    )
    fixture.ssl_dir = os.environ["SECURED_FOLDER"]
    return fixture


def topic_names(self):
    """The suite asks kafka-topics.sh, which only its own installation has."""
    admin = KafkaAdminClient(**client_params(self, "names"))
    try:
        return admin.list_topics()
    finally:
        admin.close()


KafkaFixture.instance = staticmethod(instance)
KafkaFixture.get_topic_names = topic_names
KafkaFixture.start = lambda self: None
KafkaFixture.close = lambda self: None
