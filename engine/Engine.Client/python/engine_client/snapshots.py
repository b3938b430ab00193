"""The latest snapshot that the client has seen in each workspace, so that no answer comes from an older one."""

import threading
import time

DAY_LENGTH = 8


class SeenSnapshots:
    """A snapshot is older when the day that its id begins with is earlier; among snapshots of one day, when another one
    has taken its place since the client saw it."""

    def __init__(self):
        self._latest = {}
        self._lock = threading.Lock()

    def accept(self, workspace, snapshot):
        """Whether an answer from a snapshot may be given to the caller; it is the latest then."""
        if len(snapshot) < DAY_LENGTH:
            return True
        with self._lock:
            latest, replaced, since = self._latest.get(workspace, (snapshot, (), time.monotonic()))
            day, latest_day = snapshot[:DAY_LENGTH], latest[:DAY_LENGTH]
            if snapshot != latest and (day < latest_day or snapshot in replaced):
                return False
            if snapshot != latest:
                replaced, since = (*replaced, latest) if day == latest_day else (), time.monotonic()
            self._latest[workspace] = snapshot, replaced, since
            return True

    def follow(self, workspace, snapshot):
        """Follows a rollback: a snapshot is the latest, whatever was seen before."""
        with self._lock:
            self._latest[workspace] = snapshot, (), time.monotonic()

    def since(self, workspace):
        """When the latest one was seen first."""
        with self._lock:
            return self._latest[workspace][2]
