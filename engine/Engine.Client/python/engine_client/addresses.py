"""The engines that DNS has for one host, as for a headless service of Kubernetes."""

import socket
import threading

LEAST_PAUSE = 1.0


class Addresses:
    """Asks for them in a thread of its own: from the first wait on, every refresh seconds and after a lost connection.

    found: gets them as HOST:PORT. While DNS has no answer, the ones before stay.
    """

    def __init__(self, host, port, refresh, found):
        self._host, self._port, self._refresh, self._found = host, port, refresh, found
        self._lock = threading.Lock()
        self._first, self._again, self._is_closed = threading.Event(), threading.Event(), threading.Event()
        self._thread = None

    def wait(self, seconds):
        """For the first answer, or until it is clear that there is none yet."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._follow, daemon=True)
                self._thread.start()
        self._first.wait(seconds)

    def ask_again(self):
        self._again.set()

    def close(self):
        self._is_closed.set()
        self._again.set()

    def _follow(self):
        while not self._is_closed.is_set():
            try:
                answers = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                self._found(list(dict.fromkeys(_name(answer[4]) for answer in answers)))
            except (OSError, UnicodeError):
                pass  # UnicodeError: no host can have that name.
            self._first.set()
            self._again.wait(self._refresh)
            self._again.clear()
            self._is_closed.wait(LEAST_PAUSE)


def _name(address):
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
