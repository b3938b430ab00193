"""Which engine gets a call: rendezvous hashing with bounded load, and none that was lost a moment ago."""

import hashlib
import math
import secrets
import threading
import time

FIRST_BACKOFF = 1.0


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
    """One engine: its channel, its open calls, and until when it is left alone."""

    def __init__(self, name, channel, longest_backoff):
        self.name = name
        self.channel = channel
        self.open_calls = 0
        self._longest_backoff = longest_backoff
        self._backoff = 0.0
        self._away_until = 0.0

    @property
    def is_away(self):
        return time.monotonic() < self._away_until

    def lost(self):
        """It could not be reached: it gets no calls for a while, twice as long with each failure after such a while."""
        if not self.is_away:
            self._backoff = min(max(FIRST_BACKOFF, 2 * self._backoff), self._longest_backoff)
            self._away_until = time.monotonic() + self._backoff

    def answered(self):
        self._backoff = self._away_until = 0.0


class Engines:
    """All engines of a client."""

    def __init__(self, engines, load_factor, least_open_calls):
        self.all = engines
        self._load_factor = load_factor
        self._least_open_calls = least_open_calls
        self._lock = threading.Lock()

    def take(self, user, asked=()):
        """The user's engine, or the next one that the call has not asked.

        One more call of it is open: give it back with done.

        user: as user_hash or call_hash gives it.
        asked: the engines that the earlier attempts of this call went to.
        """
        with self._lock:
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


def _near(engines):
    # When all are away, all are asked: their answers say why.
    return [engine for engine in engines if not engine.is_away] or list(engines)


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
