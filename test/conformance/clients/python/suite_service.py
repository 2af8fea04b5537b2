"""Stands in for kafka-python's test/service.py, which its archive lacks: an external broker only."""


class ExternalService:
    """A broker that someone else started; there is nothing to start, stop or read."""

    def __init__(self, host, port):
        self.host = host
        self.port = port

    def start(self):
        pass

    def stop(self):
        pass

    def dump_logs(self):
        pass


class SpawnedService:
    def __init__(self, *_args):
        raise RuntimeError("these tests run against a broker that is already there")
