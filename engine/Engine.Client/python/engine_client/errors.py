"""What the client itself says of a call that it fails."""

import grpc


class OlderSnapshotError(grpc.RpcError):
    """Every engine answers from an older snapshot than was seen before. With refuse_older alone."""

    def __init__(self, workspace, snapshot):
        self._details = (
            f"every engine answers workspace '{workspace}' from an older snapshot than was seen before, such as "
            f"{snapshot}. Publish the newer one everywhere, or set refuse_older to False to follow a rollback")
        super().__init__(self._details)

    def code(self):
        return grpc.StatusCode.UNAVAILABLE

    def details(self):
        return self._details
