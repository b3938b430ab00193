"""The client: what is added to a call, and which calls are sent again."""

import ipaddress
import queue
import random
import time
import uuid
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import grpc

from engine_client.addresses import Addresses
from engine_client.contract import SERVICES
from engine_client.engines import Engine, Engines, RetryBudget, call_hash, user_hash
from engine_client.errors import OlderSnapshotError
from engine_client.health import was_reached
from engine_client.snapshots import SeenSnapshots

QUESTIONS = "/engine.v1.Recommender/"
FIRST_WAIT, LONGEST_WAIT = 0.02, 0.5


class EngineClient:
    """Several engines as one. Make one and keep it: any number of threads may call.

    client.recommender.recommend(user_id="C0000001", top_k=5) calls Recommender.Recommend with the fields of its
    request, or with a request of engine_client.messages; all other services and calls likewise. Errors are
    grpc.RpcError.

    addresses: all http://HOST:PORT or all https://HOST:PORT.
    use_dns: the host of the one address stands for all addresses that DNS has for it. They are asked for again every
        dns_refresh seconds and when a connection is lost.
    key: sent with every call; without TLS to loopback addresses only.
    authority: a PEM file with the certificates of your own authority; empty: the usual ones.
    certificate, certificate_key: PEM files of the client's certificate.
    deadline: seconds of a unary call that brings no timeout, retries included. Streams have none. A timeout is for all
        attempts, too.
    attempts: how often a call that is safe to repeat is sent at most, 1 to 5.
    retry_budget, successes_per_retry: retries and hedges stop after so many more failures than successes pay for.
    hedge_after: seconds after which a read without an answer is sent to the next engine, too; None: never.
    load_factor, least_open_calls: an engine with more open calls than so many times the mean passes users on.
    refuse_older: what happens when every engine answers from an older snapshot than this client has seen. False: the
        client follows. True: the call fails with UNAVAILABLE.
    longest_backoff: the longest wait in seconds before a lost engine is tried again.
    """

    def __init__(self, addresses=("http://127.0.0.1:50051",), *, use_dns=False, dns_refresh=30.0, key="", authority="",
                 certificate="", certificate_key="", deadline=10.0, attempts=3, retry_budget=10,
                 successes_per_retry=10, hedge_after=None, load_factor=1.25, least_open_calls=16, refuse_older=False,
                 longest_backoff=15.0):
        parts = [_parse(address) for address in addresses]
        _expect(parts, "addresses", list(addresses), "at least one")
        schemes = {part.scheme for part in parts}
        _expect(len(schemes) == 1, "addresses", "http and https", "one of both for all")
        is_encrypted = schemes == {"https"}
        _expect(not key or is_encrypted or all(_is_loopback(part.hostname) for part in parts),
                "addresses", "http, where everybody on the way reads the key", "https, or loopback")
        _expect(is_encrypted or not authority + certificate, "addresses", "http", "https for TLS")
        _expect(not use_dns or len(parts) == 1, "addresses", len(parts), "one address with use_dns")
        _expect(dns_refresh >= 1, "dns_refresh", dns_refresh, "at least 1")
        _expect(deadline > 0, "deadline", deadline, "more than 0")
        _expect(1 <= attempts <= 5, "attempts", attempts, "1 to 5")
        _expect(1 <= retry_budget <= 500, "retry_budget", retry_budget, "1 to 500")
        _expect(1 <= successes_per_retry <= 1000, "successes_per_retry", successes_per_retry, "1 to 1000")
        _expect(hedge_after is None or hedge_after > 0, "hedge_after", hedge_after, "more than 0")
        _expect(1 <= load_factor <= 10, "load_factor", load_factor, "1 to 10")
        _expect(1 <= least_open_calls <= 100_000, "least_open_calls", least_open_calls, "1 to 100000")
        _expect(longest_backoff >= 1, "longest_backoff", longest_backoff, "at least 1")
        self._deadline, self._attempts, self._hedge_after = deadline, attempts, hedge_after
        self._metadata = (("authorization", f"Bearer {key}"),) if key else ()
        self._budget = RetryBudget(retry_budget, successes_per_retry)
        self._refuse_older, self._seen = refuse_older, SeenSnapshots()
        credentials = _credentials(authority, certificate, certificate_key) if is_encrypted else None
        options = _options(longest_backoff)
        if use_dns:
            # By its address an engine is connected to, by its name it is asked and its certificate is checked.
            options += (("grpc.default_authority", parts[0].netloc),)

        def make(name):
            channel = (grpc.secure_channel(name, credentials, options) if credentials
                       else grpc.insecure_channel(name, options))
            return Engine(name, channel, longest_backoff, self._addresses.ask_again if use_dns else lambda: None)

        self._addresses = None if not use_dns else Addresses(
            parts[0].hostname, parts[0].port, dns_refresh, lambda names: self._engines.replace(names))
        # Until DNS has answered, the one engine is the name itself.
        self._engines = Engines([part.netloc.lower() for part in parts], make, load_factor, least_open_calls)
        for service, methods in SERVICES.items():
            setattr(self, service, SimpleNamespace(
                **{name: self._call_of(method) for name, method in methods.items()}))

    def close(self):
        if self._addresses:
            self._addresses.close()
        self._engines.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _call_of(self, method):
        def call(request=None, *, timeout=None, **fields):
            if timeout is None and not (method.streams_requests or method.streams_replies):
                timeout = self._deadline
            end = None if timeout is None else time.monotonic() + timeout
            if method.streams_requests:
                engine, stream = self._open(method, request, self._about(None), end, [])
                if not stream.add_callback(lambda: self._ended(engine, method, stream)):
                    self._ended(engine, method, stream)
                return stream
            request = method.request(**fields) if request is None else request
            if method.path == "/engine.v1.Events/Put" and not request.batch_id:
                # The engine appends a batch with an id once, however often it is sent.
                named = method.request()
                named.CopyFrom(request)
                named.batch_id = uuid.uuid4().hex
                request = named
            return (self._stream if method.streams_replies else self._current)(method, request, end)

        call.__name__ = method.path
        return call

    def _about(self, request):
        user = getattr(request, "user_id", "")
        return user_hash(_workspace(request), user) if isinstance(user, str) and user else call_hash()

    # The engine that was taken, and the call; a unary one is a future. Asked: as Engines.take has it; one more then.
    def _open(self, method, request, user, end, asked):
        if self._addresses:
            self._addresses.wait(_left(end))
        engine = self._engines.take(user, asked)
        asked.append(engine)
        kind = ("stream_" if method.streams_requests else "unary_") + ("stream" if method.streams_replies else "unary")
        ask = getattr(engine.channel, kind)(
            method.path, request_serializer=method.request.SerializeToString,
            response_deserializer=method.reply.FromString)
        metadata = (*self._metadata, ("x-engine-user", user))
        try:
            call = (ask.future if kind == "unary_unary" else ask)(request, timeout=_left(end), metadata=metadata)
        except BaseException:
            self._engines.done(engine)
            raise
        if not call.add_callback(lambda: self._engines.done(engine)):
            self._engines.done(engine)
        return engine, call

    # An answer from a snapshot that the request names is what the caller wants, however old it is.
    def _current(self, method, request, end):
        user, asked = self._about(request), []
        is_free = not method.path.startswith(QUESTIONS) or getattr(request, "snapshot_id", "")
        workspace, older = _workspace(request), 0
        while True:
            sent = time.monotonic()
            reply = self._unary(method, request, user, end, asked)
            snapshot = getattr(reply, "snapshot_id", "")
            if is_free or self._seen.accept(workspace, snapshot):
                return reply
            # An answer that was on its way while the newer one came says nothing about its engine.
            older += sent >= self._seen.since(workspace)
            if older and older >= self._engines.connected:
                # All engines have answered from older snapshots: they were rolled back.
                if self._refuse_older:
                    raise OlderSnapshotError(workspace, snapshot)
                self._seen.follow(workspace, snapshot)
                return reply

    def _unary(self, method, request, user, end, asked):
        attempts, sent = self._attempts if method.is_safe else 1, 0
        may_hedge = method.is_read and self._hedge_after is not None
        answers, waiting = queue.SimpleQueue(), set()
        try:
            while True:
                if not sent or not waiting or (sent < attempts and self._budget.allows):
                    engine, call = self._open(method, request, user, end, asked)
                    sent += 1
                    waiting.add(call)
                    call.add_done_callback(lambda done, engine=engine: answers.put((engine, done)))
                hedges = may_hedge and sent < attempts and self._budget.allows
                try:
                    engine, call = answers.get(timeout=self._hedge_after if hedges else None)
                except queue.Empty:
                    continue
                waiting.discard(call)
                self._ended(engine, method, call)
                if call.code() == grpc.StatusCode.OK:
                    return call.result()
                if call.code() != grpc.StatusCode.UNAVAILABLE:
                    raise call.exception()
                if not waiting:
                    # The next hedge is due at once.
                    wait = 0.0 if may_hedge else _wait(sent)
                    if sent >= attempts or not self._budget.allows or time.monotonic() + wait >= end:
                        raise call.exception()
                    time.sleep(wait)
        finally:
            for call in waiting:
                call.cancel()

    # A stream that has begun is not repeated.
    def _stream(self, method, request, end):
        user = self._about(request)
        attempts, asked = self._attempts if method.is_safe else 1, []
        for sent in range(1, attempts + 1):
            engine, call = self._open(method, request, user, end, asked)
            has_begun = False
            try:
                for reply in call:
                    has_begun = True
                    yield reply
                self._ended(engine, method, call)
                return
            except grpc.RpcError as error:
                self._ended(engine, method, call)
                wait = _wait(sent)
                if (has_begun or sent == attempts or error.code() != grpc.StatusCode.UNAVAILABLE
                        or not self._budget.allows or (end is not None and time.monotonic() + wait >= end)):
                    raise
                time.sleep(wait)
            finally:
                call.cancel()

    # Calls that are sent once neither spend nor earn retries.
    def _ended(self, engine, method, call):
        if call.code() == grpc.StatusCode.OK:
            engine.answered()
            if method.is_safe:
                self._budget.succeeded()
        elif call.code() == grpc.StatusCode.UNAVAILABLE:
            if not was_reached(call):
                engine.lost()
            if method.is_safe:
                self._budget.failed()


def _parse(address):
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or parts.path not in ("", "/") or not parts.hostname or not parts.port:
        raise ValueError(f"found address '{address}'; expected http://HOST:PORT or https://HOST:PORT")
    return parts


def _expect(holds, name, found, expected):
    if not holds:
        raise ValueError(f"found {name} = {found}; expected {expected}")


def _credentials(authority, certificate, certificate_key):
    def read(file):
        return Path(file).read_bytes() if file else None

    return grpc.ssl_channel_credentials(read(authority), read(certificate_key), read(certificate))


def _options(longest_backoff):
    return (
        ("grpc.enable_retries", 0),
        # Engines are named; a proxy of the environment is for other machines.
        ("grpc.enable_http_proxy", 0),
        ("grpc.max_receive_message_length", -1),
        # A lost engine is connected to again early: whether it gets calls is decided in engines.py.
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 5_000),
        ("grpc.max_reconnect_backoff_ms", int(longest_backoff * 1000)),
        # Calls of an engine that has lost its network fail after these two instead of at their deadlines.
        ("grpc.keepalive_time_ms", 10_000),
        ("grpc.keepalive_timeout_ms", 5_000),
        # Else the library stops after two pings, while only the silent watches are open.
        ("grpc.http2.max_pings_without_data", 0),
    )


def _is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _workspace(request):
    return getattr(request, "workspace", "") or "default"


def _left(end):
    return None if end is None else max(0.0, end - time.monotonic())


def _wait(sent):
    return random.uniform(0.8, 1.2) * min(LONGEST_WAIT, FIRST_WAIT * 3 ** (sent - 1))
