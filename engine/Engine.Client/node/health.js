'use strict';
// The watch over an engine's health: whether it has a connection, and whether it says that it serves.
const { setTimeout: sleep } = require('node:timers/promises');
const grpc = require('@grpc/grpc-js');

const CALL = '/grpc.health.v1.Health/Watch';
const WATCHED = Buffer.from('engine.v1.Recommender');
// HealthCheckRequest { string service = 1; } and HealthCheckResponse { ServingStatus status = 1; } with SERVING = 1:
// two messages so small that the package needs no contract of them.
const REQUEST = Buffer.concat([Buffer.from([0x0a, WATCHED.length]), WATCHED]);
const SERVING = Buffer.from([0x08, 0x01]);
const REQUEST_IDS = ['x-request-id', 'grpc-status-details-bin'];
const FIRST_BACKOFF = 1000;
const asIs = (bytes) => bytes;

/** Watches until the engine is closed. A watch that is lost is begun again with back-off. */
async function follow(engine, longestBackoff) {
  let backoff = FIRST_BACKOFF;
  while (!engine.isClosed) {
    try {
      // Without a connection it waits for the next one; the first time it says at once that there is none.
      const metadata = new grpc.Metadata({ waitForReady: !engine.isConnected });
      engine.watched = engine.client.makeServerStreamRequest(CALL, asIs, asIs, REQUEST, metadata);
      for await (const health of engine.watched) {
        backoff = FIRST_BACKOFF;
        engine.heard(SERVING.equals(health));
      }

      engine.unheard(true);
    } catch (error) {
      engine.unheard(wasReached(error));
    }

    await sleep(backoff, undefined, { ref: false });
    backoff = Math.min(2 * backoff, longestBackoff);
  }
}

/** Whether the engine itself ended a call: its own refusal names the request, a lost connection names nothing. */
function wasReached(error) {
  return error.code !== grpc.status.UNAVAILABLE
    || REQUEST_IDS.some((name) => error.metadata?.get(name).length > 0);
}

module.exports = { follow, wasReached };
