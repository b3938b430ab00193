"""The watch over an engine's health: whether it has a connection, and whether it says that it serves."""

import grpc

CALL = "/grpc.health.v1.Health/Watch"
WATCHED = b"engine.v1.Recommender"
# HealthCheckRequest { string service = 1; } and HealthCheckResponse { ServingStatus status = 1; } with SERVING = 1: two
# messages so small that the package needs no contract of them.
REQUEST = b"\x0a" + bytes([len(WATCHED)]) + WATCHED
SERVING = b"\x08\x01"
REQUEST_IDS = ("x-request-id", "grpc-status-details-bin")
FIRST_BACKOFF = 1.0


def follow(engine, longest_backoff):
    """Watches until the engine is closed. A watch that is lost is begun again with back-off."""
    backoff = FIRST_BACKOFF
    watch = engine.channel.unary_stream(CALL)
    while not engine.is_closed.is_set():
        try:
            # Without a connection it waits for the next one; the first time it says at once that there is none.
            for health in watch(REQUEST, wait_for_ready=not engine.is_connected):
                backoff = FIRST_BACKOFF
                engine.heard(health == SERVING)
            engine.unheard(True)
        except grpc.RpcError as error:
            engine.unheard(was_reached(error))
        except ValueError:
            return  # The channel is closed.
        engine.is_closed.wait(backoff)
        backoff = min(2 * backoff, longest_backoff)


def was_reached(call):
    """Whether the engine itself ended a call: its own refusal names the request, a lost connection names nothing."""
    return (call.code() != grpc.StatusCode.UNAVAILABLE
            or any(key in REQUEST_IDS for key, _ in call.trailing_metadata() or ()))
