'use strict';
// Which engine gets a call: rendezvous hashing with bounded load, among those that have a connection and serve.
const { createHash, randomBytes } = require('node:crypto');
const { follow } = require('./health');

const LEFT_ALONE = 1000;

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

/**
 * One engine: its connection, its open calls, and whether it can take more.
 * changed: called when a call or the watch did not reach it.
 */
class Engine {
  #isServing = true;
  #awayUntil = 0;
  #longestBackoff;
  #changed;
  #isWatched = false;

  constructor(name, client, longestBackoff, changed) {
    this.name = name;
    this.client = client;
    this.openCalls = 0;
    this.isConnected = true;
    this.isClosed = false;
    this.#longestBackoff = longestBackoff;
    this.#changed = changed;
  }

  get isAway() {
    return performance.now() < this.#awayUntil;
  }

  get isNear() {
    return this.isConnected && this.#isServing && !this.isAway;
  }

  /** Watches its health from now on. */
  watch() {
    if (!this.#isWatched) {
      this.#isWatched = true;
      follow(this, this.#longestBackoff);
    }
  }

  /** A call did not reach it: it gets none for a second. By then the watch knows whether it has a connection. */
  lost() {
    this.#awayUntil = performance.now() + LEFT_ALONE;
    this.#changed();
  }

  answered() {
    this.isConnected = true;
    this.#awayUntil = 0;
  }

  heard(isServing) {
    this.#isServing = isServing;
    this.answered();
  }

  /** The watch has ended. Without a word of its own, its connection alone says whether it can be called. */
  unheard(wasReached) {
    this.#isServing = true;
    this.isConnected = wasReached;
    if (!wasReached) {
      this.#changed();
    }
  }

  close() {
    this.isClosed = true;
    this.watched?.cancel();
    this.client.close();
  }
}

/**
 * All engines of a client. They are watched from the first call on.
 * make: gives the engine of a name, HOST:PORT.
 */
class Engines {
  #make;
  #gone = new Set();
  #loadFactor;
  #leastOpenCalls;

  constructor(names, make, loadFactor, leastOpenCalls) {
    this.#make = make;
    this.all = names.map(make);
    this.#loadFactor = loadFactor;
    this.#leastOpenCalls = leastOpenCalls;
  }

  /** How many have a connection, as far as is known. */
  get connected() {
    return this.all.filter((engine) => engine.isConnected && !engine.isAway).length;
  }

  /**
   * The user's engine, or the next one that the call has not asked. One more call of it is open: give it back with done.
   * user: as userHash or callHash gives it.
   * asked: the engines that the earlier attempts of this call went to.
   */
  take(user, asked = []) {
    this.all.forEach((engine) => engine.watch());
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
    this.#closeIfIdle(engine);
  }

  /** These are the engines from now on. Calls of the others go on; the last one closes its engine. */
  replace(names) {
    const known = new Map(this.all.map((engine) => [engine.name, engine]));
    this.all = [...new Set(names)].map((name) => known.get(name) ?? this.#make(name));
    for (const engine of known.values()) {
      if (!this.all.includes(engine)) {
        this.#gone.add(engine);
        this.#closeIfIdle(engine);
      }
    }
  }

  close() {
    [...this.all, ...this.#gone].forEach((engine) => engine.close());
    this.#gone.clear();
  }

  #closeIfIdle(engine) {
    if (engine.openCalls === 0 && this.#gone.delete(engine)) {
      engine.close();
    }
  }
}

// When none is near, all are asked: their answers say why.
function nearOf(engines) {
  const near = engines.filter((engine) => engine.isNear);
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
