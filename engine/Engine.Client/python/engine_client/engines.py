"""Which engine gets a call: rendezvous hashing with bounded load, among those that have a connection and serve."""

import hashlib
import math
import secrets
import threading
import time

from engine_client import health

LEFT_ALONE = 1.0


def user_hash(workspace, user):
    """A user of a workspace as 16 hex digits: no id of a person travels in a header."""
    return hashlib.sha256(f"{workspace}\0{user}".encode()).hexdigest()[:16]


def call_hash():
    """The same form for a call about nobody: a number of its own, so that its attempts differ."""
    return secrets.token_hex(8)


def weight(user, name):
    """The engine of a user is the one with the largest weight."""
    return hashlib.sha256(f"{user} {name}".encode()).digest()[:8]


class Engine:
    """One engine: its channel, its open calls, and whether it can take more.

    changed: called when a call or the watch did not reach it.
    """

    def __init__(self, name, channel, longest_backoff, changed):
        self.name = name
        self.channel = channel
        self.open_calls = 0
        self.is_connected = True
        self.is_closed = threading.Event()
        self._is_serving = True
        self._away_until = 0.0
        self._longest_backoff = longest_backoff
        self._changed = changed
        self._watch = None

    @property
    def is_away(self):
        return time.monotonic() < self._away_until

    @property
    def is_near(self):
        return self.is_connected and self._is_serving and not self.is_away

    def watch(self):
        """Watches its health from now on."""
        if self._watch is None:
            self._watch = threading.Thread(target=health.follow, args=(self, self._longest_backoff), daemon=True)
            self._watch.start()

    def lost(self):
        """A call did not reach it: it gets none for a second. By then the watch knows whether it has a connection."""
        self._away_until = time.monotonic() + LEFT_ALONE
        self._changed()

    def answered(self):
        self.is_connected, self._away_until = True, 0.0

    def heard(self, is_serving):
        self._is_serving = is_serving
        self.answered()

    def unheard(self, was_reached):
        """The watch has ended. Without a word of its own, its connection alone says whether it can be called."""
        self._is_serving, self.is_connected = True, was_reached
        if not was_reached:
            self._changed()

    def close(self):
        self.is_closed.set()
        self.channel.close()


class Engines:
    """All engines of a client. They are watched from the first call on.

    make: gives the engine of a name, HOST:PORT.
    """

    def __init__(self, names, make, load_factor, least_open_calls):
        self._make = make
        self.all = [make(name) for name in names]
        self._gone = []
        self._is_closed = False
        self._load_factor = load_factor
        self._least_open_calls = least_open_calls
        self._lock = threading.Lock()

    @property
    def connected(self):
        """How many have a connection, as far as is known."""
        return sum(engine.is_connected and not engine.is_away for engine in self.all)

    def take(self, user, asked=()):
        """The user's engine, or the next one that the call has not asked.

        One more call of it is open: give it back with done.

        user: as user_hash or call_hash gives it.
        asked: the engines that the earlier attempts of this call went to.
        """
        with self._lock:
            for engine in self.all:
                engine.watch()
            near = _near(self.all)
            calls = sum(engine.open_calls for engine in near)
            bound = max(self._least_open_calls, math.ceil(self._load_factor * (calls + 1) / len(near)))
            least = min(asked.count(engine) for engine in self.all)
            order = _near([engine for engine in self.all if asked.count(engine) == least])
            order.sort(key=lambda engine: weight(user, engine.name), reverse=True)
            taken = next((engine for engine in order if engine.open_calls < bound), order[0])
            taken.open_calls += 1
            return taken

    def done(self, engine):
        with self._lock:
            engine.open_calls -= 1

    def replace(self, names):
        """These are the engines from now on. Calls of the others go on; a later replace closes those without any."""
        with self._lock:
            if self._is_closed:
                return
            known = {engine.name: engine for engine in self.all}
            self.all = [known.pop(name, None) or self._make(name) for name in names]
            gone = [*self._gone, *known.values()]
            self._gone = [engine for engine in gone if engine.open_calls > 0]
        for engine in gone:
            if engine not in self._gone:
                engine.close()

    def close(self):
        with self._lock:
            self._is_closed = True
            engines = [*self.all, *self._gone]
        for engine in engines:
            engine.close()


def _near(engines):
    # When none is near, all are asked: their answers say why.
    return [engine for engine in engines if engine.is_near] or list(engines)


class RetryBudget:
    """Retries and hedges stop when more calls failed than successes pay for, so that they never become the load."""

    def __init__(self, budget, successes_per_retry):
        # As gRPC counts: nothing is sent again below half of the tokens.
        self._most = self._tokens = 2.0 * budget
        self._ratio = 1.0 / successes_per_retry
        self._lock = threading.Lock()

    @property
    def allows(self):
        return self._tokens > self._most / 2

    def succeeded(self):
        with self._lock:
            self._tokens = min(self._most, self._tokens + self._ratio)

    def failed(self):
        with self._lock:
            self._tokens = max(0.0, self._tokens - 1)
