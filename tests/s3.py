"""An S3 store on loopback, by moto's server: one bucket for each."""
import itertools
from datetime import timedelta

import boto3
from moto.server import ThreadedMotoServer

from recordings.objects import Objects, s3_objects

_NUMBERS = itertools.count()
REGION = "eu-west-2"


class S3:
    """A server that may be stopped, as a store may refuse. All servers of a process keep the same things: each has its bucket."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        self.bucket = f"recordings-{next(_NUMBERS)}"
        self.endpoint = "http://{}:{}".format(*self._server.get_host_and_port())
        self.client = boto3.client("s3", endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id="test",
                                   aws_secret_access_key="test")
        self.client.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})

    def objects(self, prefix: str = "", patience: timedelta = timedelta(seconds=1)) -> Objects:
        return s3_objects(self.bucket, prefix, endpoint=self.endpoint, region=REGION, key="test", secret="test",
                          patience=patience)

    def stop(self) -> None:
        self._server.stop()

    def again(self) -> None:
        """The server that was stopped, at the same address with the same things."""
        host, port = self._server.get_host_and_port()
        self._server = ThreadedMotoServer(ip_address=host, port=port, verbose=False)
        self._server.start()

    def everything(self) -> dict[str, bytes]:
        """Every object of the bucket."""
        found = self.client.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {one["Key"]: self.client.get_object(Bucket=self.bucket, Key=one["Key"])["Body"].read() for one in found}
