'use strict';
// Which engine gets a call: rendezvous hashing with bounded load, and none that was lost a moment ago.
const { createHash, randomBytes } = require('node:crypto');

const FIRST_BACKOFF = 1000;

/** A user of a workspace as 16 hex digits: no id of a person travels in a header. */
function userHash(workspace, user) {
  return createHash('sha256').update(`${workspace}\0${user}`).digest('hex').slice(0, 16);
}

/** The same form for a call about nobody: a number of its own, so that its attempts differ. */
function callHash() {
  return randomBytes(8).toString('hex');
}

/** The engine of a user is the one with the largest weight. */
function weight(user, name) {
  return createHash('sha256').update(`${user} ${name}`).digest().readBigUInt64BE(0);
}

/** One engine: its connection, its open calls, and until when it is left alone. */
class Engine {
  #backoff = 0;
  #awayUntil = 0;
  #longestBackoff;

  constructor(name, client, longestBackoff) {
    this.name = name;
    this.client = client;
    this.openCalls = 0;
    this.#longestBackoff = longestBackoff;
  }

  get isAway() {
    return performance.now() < this.#awayUntil;
  }

  /** It could not be reached: it gets no calls for a while, twice as long with each failure after such a while. */
  lost() {
    if (!this.isAway) {
      this.#backoff = Math.min(Math.max(FIRST_BACKOFF, 2 * this.#backoff), this.#longestBackoff);
      this.#awayUntil = performance.now() + this.#backoff;
    }
  }

  answered() {
    this.#backoff = this.#awayUntil = 0;
  }
}

/** All engines of a client. */
class Engines {
  #loadFactor;
  #leastOpenCalls;

  constructor(engines, loadFactor, leastOpenCalls) {
    this.all = engines;
    this.#loadFactor = loadFactor;
    this.#leastOpenCalls = leastOpenCalls;
  }

  /**
   * The user's engine, or the next one that the call has not asked. One more call of it is open: give it back with done.
   * user: as userHash or callHash gives it.
   * asked: the engines that the earlier attempts of this call went to.
   */
  take(user, asked = []) {
    const near = nearOf(this.all);
    const calls = near.reduce((sum, engine) => sum + engine.openCalls, 0);
    const bound = Math.max(this.#leastOpenCalls, Math.ceil((this.#loadFactor * (calls + 1)) / near.length));
    const times = (engine) => asked.filter((one) => one === engine).length;
    const least = Math.min(...this.all.map(times));
    const order = nearOf(this.all.filter((engine) => times(engine) === least))
      .map((engine) => ({ engine, weight: weight(user, engine.name) }))
      .sort((a, b) => (a.weight < b.weight ? 1 : -1)).map((one) => one.engine);
    const taken = order.find((engine) => engine.openCalls < bound) ?? order[0];
    taken.openCalls++;
    return taken;
  }

  done(engine) {
    engine.openCalls--;
  }
}

// When all are away, all are asked: their answers say why.
function nearOf(engines) {
  const near = engines.filter((engine) => !engine.isAway);
  return near.length > 0 ? near : engines;
}

/** Retries and hedges stop when more calls failed than successes pay for, so that they never become the load. */
class RetryBudget {
  #most;
  #tokens;
  #ratio;

  constructor(budget, successesPerRetry) {
    // As gRPC counts: nothing is sent again below half of the tokens.
    this.#most = this.#tokens = 2 * budget;
    this.#ratio = 1 / successesPerRetry;
  }

  get allows() {
    return this.#tokens > this.#most / 2;
  }

  succeeded() {
    this.#tokens = Math.min(this.#most, this.#tokens + this.#ratio);
  }

  failed() {
    this.#tokens = Math.max(0, this.#tokens - 1);
  }
}

module.exports = { Engine, Engines, RetryBudget, callHash, userHash, weight };
