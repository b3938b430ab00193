'use strict';
// The client: what is added to a call, and which calls are sent again.
const fs = require('node:fs');
const { randomUUID } = require('node:crypto');
const net = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');
const grpc = require('@grpc/grpc-js');
const { Addresses } = require('./addresses');
const { services } = require('./contract');
const { Engine, Engines, RetryBudget, callHash, userHash } = require('./engines');
const { wasReached } = require('./health');
const { SeenSnapshots } = require('./snapshots');

const QUESTIONS = '/engine.v1.Recommender/';
const FIRST_WAIT = 20;
const LONGEST_WAIT = 500;

/**
 * Several engines as one. Make one and keep it; until close, the watches over the engines keep the process running.
 *
 * await client.recommender.recommend({ userId: 'C0000001', topK: 5 }) calls Recommender.Recommend; all other services and
 * calls likewise. A second argument { timeout } replaces the deadline. A stream of replies is an async iterable; a call
 * that streams requests gives the stream of grpc-js. Errors are those of grpc-js, with code and details.
 *
 * addresses: all http://HOST:PORT or all https://HOST:PORT.
 * useDns: the host of the one address stands for all addresses that DNS has for it. They are asked for again every
 *   dnsRefresh milliseconds and when a connection is lost.
 * key: sent with every call; without TLS to loopback addresses only.
 * authority: a PEM file with the certificates of your own authority; empty: the usual ones.
 * certificate, certificateKey: PEM files of the client's certificate.
 * deadline: milliseconds of a unary call that brings no timeout, retries included. Streams have none. A timeout is for
 *   all attempts, too.
 * attempts: how often a call that is safe to repeat is sent at most, 1 to 5.
 * retryBudget, successesPerRetry: retries and hedges stop after so many more failures than successes pay for.
 * hedgeAfter: milliseconds after which a read without an answer is sent to the next engine, too; undefined: never.
 * loadFactor, leastOpenCalls: an engine with more open calls than so many times the mean passes users on.
 * refuseOlder: what happens when every engine answers from an older snapshot than this client has seen. False: the
 *   client follows. True: the call fails with UNAVAILABLE.
 * longestBackoff: the longest wait in milliseconds before a lost engine is tried again.
 */
class EngineClient {
  #options;
  #key;
  #budget;
  #engines;
  #addresses;
  #seen = new SeenSnapshots();

  constructor(options = {}) {
    const o = {
      addresses: ['http://127.0.0.1:50051'], useDns: false, dnsRefresh: 30_000, key: '', authority: '', certificate: '',
      certificateKey: '', deadline: 10_000, attempts: 3, retryBudget: 10, successesPerRetry: 10, hedgeAfter: undefined,
      loadFactor: 1.25, leastOpenCalls: 16, refuseOlder: false, longestBackoff: 15_000, ...options,
    };
    const isEncrypted = check(o);
    this.#options = o;
    this.#key = o.key;
    this.#budget = new RetryBudget(o.retryBudget, o.successesPerRetry);
    const read = (file) => (file ? fs.readFileSync(file) : null);
    const credentials = isEncrypted
      ? grpc.credentials.createSsl(read(o.authority), read(o.certificateKey), read(o.certificate))
      : grpc.credentials.createInsecure();
    const channelOptions = {
      'grpc.enable_retries': 0,
      // Engines are named; a proxy of the environment is for other machines.
      'grpc.enable_http_proxy': 0,
      'grpc.max_receive_message_length': -1,
      // A lost engine is connected to again early: whether it gets calls is decided in engines.js.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': o.longestBackoff,
      // Calls of an engine that has lost its network fail after these two instead of at their deadlines.
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 5_000,
    };
    const names = o.addresses.map((address) => address.toLowerCase().replace(/^https?:\/\//, '').replace(/\/$/, ''));
    if (o.useDns) {
      // By its address an engine is connected to, by its name it is asked and its certificate is checked.
      const [, host, port] = /^(.*):(\d+)$/.exec(names[0]);
      channelOptions['grpc.default_authority'] = names[0];
      channelOptions['grpc.ssl_target_name_override'] = host;
      this.#addresses = new Addresses(
        host.replace(/[[\]]/g, ''), port, o.dnsRefresh, (found) => this.#engines.replace(found));
    }

    // Until DNS has answered, the one engine is the name itself.
    this.#engines = new Engines(
      names,
      (name) => new Engine(
        name, new grpc.Client(name, credentials, channelOptions), o.longestBackoff, () => this.#addresses?.askAgain()),
      o.loadFactor, o.leastOpenCalls);
    for (const [service, methods] of Object.entries(services)) {
      this[service] = Object.fromEntries(Object.entries(methods).map(
        ([name, method]) => [name, (request = {}, { timeout } = {}) => this.#call(method, request, timeout)]));
    }
  }

  close() {
    this.#addresses?.close();
    this.#engines.close();
  }

  #call(method, request, timeout) {
    const end = timeout === undefined ? undefined : Date.now() + timeout;
    if (method.requestStream) {
      // It is open at once: the first one is at the name itself.
      this.#addresses?.start();
      const [engine, call] = this.#open(method, callHash(), [], (client, path, write, read, metadata) =>
        client.makeBidiStreamRequest(path, write, read, metadata, within(end)));
      // It comes at every end, also of a call that was refused.
      call.once('status', (status) => {
        this.#engines.done(engine);
        this.#ended(engine, method, status.code === grpc.status.OK ? null : status);
      });
      return call;
    }

    if (method.path === '/engine.v1.Events/Put' && !request.batchId) {
      // The engine appends a batch with an id once, however often it is sent.
      request = { ...request, batchId: randomUUID().replaceAll('-', '') };
    }

    const user = request.userId ? userHash(request.workspace || 'default', request.userId) : callHash();
    return method.responseStream
      ? this.#stream(method, request, user, end)
      : this.#current(method, request, user, end ?? Date.now() + this.#options.deadline);
  }

  // Asked: as Engines.take has it; one more then.
  #open(method, user, asked, start) {
    const metadata = new grpc.Metadata();
    if (this.#key) {
      metadata.set('authorization', `Bearer ${this.#key}`);
    }

    metadata.set('x-engine-user', user);
    const engine = this.#engines.take(user, asked);
    asked.push(engine);
    try {
      return [engine, start(engine.client, method.path, method.requestSerialize, method.responseDeserialize, metadata)];
    } catch (error) {
      this.#engines.done(engine);
      throw error;
    }
  }

  // An answer from a snapshot that the request names is what the caller wants, however old it is.
  async #current(method, request, user, end) {
    await this.#addresses?.wait(end);
    const asked = [];
    const isFree = !method.path.startsWith(QUESTIONS) || request.snapshotId;
    const workspace = request.workspace || 'default';
    for (let older = 0; ;) {
      const sent = performance.now();
      const reply = await this.#unary(method, request, user, end, asked);
      const snapshot = reply.snapshotId ?? '';
      if (isFree || this.#seen.accept(workspace, snapshot)) {
        return reply;
      }

      // An answer that was on its way while the newer one came says nothing about its engine.
      older += sent >= this.#seen.since(workspace) ? 1 : 0;
      if (older > 0 && older >= this.#engines.connected) {
        this.#follow(workspace, snapshot);
        return reply;
      }
    }
  }

  // All engines have answered from older snapshots: they were rolled back.
  #follow(workspace, snapshot) {
    if (this.#options.refuseOlder) {
      const details = `every engine answers workspace '${workspace}' from an older snapshot than was seen before, such `
        + `as ${snapshot}. Publish the newer one everywhere, or set refuseOlder to false to follow a rollback`;
      const { UNAVAILABLE: code } = grpc.status;
      throw Object.assign(new Error(`${code} UNAVAILABLE: ${details}`), { code, details, metadata: new grpc.Metadata() });
    }

    this.#seen.follow(workspace, snapshot);
  }

  #unary(method, request, user, end, asked) {
    const attempts = method.isSafe ? this.#options.attempts : 1;
    const hedgeAfter = method.isRead ? this.#options.hedgeAfter : undefined;
    return new Promise((resolve, reject) => {
      const open = new Set();
      let sent = 0;
      let isDone = false;
      let timer;
      const mayRepeat = () => sent < attempts && this.#budget.allows;
      const finish = (settle, value) => {
        isDone = true;
        clearTimeout(timer);
        open.forEach((call) => call.cancel());
        settle(value);
      };
      // From a timer: after close nothing can be sent, and that is the caller's answer.
      const sendLater = () => {
        try {
          send();
        } catch (error) {
          finish(reject, error);
        }
      };
      // The next hedge is due at once.
      const pause = () => (hedgeAfter === undefined ? wait(sent) : 0);
      const send = () => {
        clearTimeout(timer);
        const [engine, call] = this.#open(method, user, asked, (client, path, write, read, metadata) =>
          client.makeUnaryRequest(path, write, read, request, metadata, { deadline: end }, (error, reply) => {
            this.#engines.done(engine);
            open.delete(call);
            if (isDone) {
              return;
            }

            this.#ended(engine, method, error);
            if (!error) {
              finish(resolve, reply);
            } else if (error.code !== grpc.status.UNAVAILABLE) {
              finish(reject, error);
            } else if (open.size > 0) {
              if (mayRepeat()) {
                sendLater();
              }
            } else if (mayRepeat() && Date.now() + pause() < end) {
              clearTimeout(timer);
              timer = setTimeout(sendLater, pause());
            } else {
              finish(reject, error);
            }
          }));
        sent++;
        open.add(call);
        if (hedgeAfter !== undefined && mayRepeat()) {
          timer = setTimeout(() => mayRepeat() && sendLater(), hedgeAfter);
        }
      };
      send();
    });
  }

  // A stream that has begun is not repeated.
  async *#stream(method, request, user, end) {
    await this.#addresses?.wait(end);
    const attempts = method.isSafe ? this.#options.attempts : 1;
    const asked = [];
    for (let sent = 1; ; sent++) {
      const [engine, call] = this.#open(method, user, asked, (client, path, write, read, metadata) =>
        client.makeServerStreamRequest(path, write, read, request, metadata, within(end)));
      const pause = wait(sent);
      let hasBegun = false;
      try {
        for await (const reply of call) {
          hasBegun = true;
          yield reply;
        }

        this.#ended(engine, method, null);
        return;
      } catch (error) {
        this.#ended(engine, method, error);
        if (hasBegun || sent === attempts || error.code !== grpc.status.UNAVAILABLE || !this.#budget.allows
            || (end !== undefined && Date.now() + pause >= end)) {
          throw error;
        }
      } finally {
        call.cancel();
        this.#engines.done(engine);
      }

      await sleep(pause);
    }
  }

  // Calls that are sent once neither spend nor earn retries.
  #ended(engine, method, error) {
    if (!error) {
      engine.answered();
      if (method.isSafe) {
        this.#budget.succeeded();
      }
    } else if (error.code === grpc.status.UNAVAILABLE) {
      if (!wasReached(error)) {
        engine.lost();
      }

      if (method.isSafe) {
        this.#budget.failed();
      }
    }
  }
}

function check(o) {
  const urls = o.addresses.map((address) => {
    const url = URL.canParse(address) ? new URL(address) : {};
    if (!/^https?:$/.test(url.protocol) || url.pathname !== '/' || !/:\d+\/?$/.test(address)) {
      throw new RangeError(`found address '${address}'; expected http://HOST:PORT or https://HOST:PORT`);
    }

    return url;
  });
  expect(urls.length > 0, 'addresses', 'none', 'at least one');
  expect(urls.every((url) => url.protocol === urls[0].protocol), 'addresses', 'http and https', 'one of both for all');
  const isEncrypted = urls[0].protocol === 'https:';
  expect(
    !o.key || isEncrypted || urls.every((url) => isLoopback(url.hostname)),
    'addresses', 'http, where everybody on the way reads the key', 'https, or loopback');
  expect(isEncrypted || !(o.authority || o.certificate), 'addresses', 'http', 'https for TLS');
  expect(!o.useDns || urls.length === 1, 'addresses', urls.length, 'one address with useDns');
  const within = (name, least, most) =>
    expect(o[name] >= least && o[name] <= most, name, o[name], `${least} to ${most}`);
  within('deadline', 1, 86_400_000);
  within('dnsRefresh', 1000, 86_400_000);
  within('attempts', 1, 5);
  within('retryBudget', 1, 500);
  within('successesPerRetry', 1, 1000);
  within('loadFactor', 1, 10);
  within('leastOpenCalls', 1, 100_000);
  within('longestBackoff', 1000, 3_600_000);
  expect(o.hedgeAfter === undefined || o.hedgeAfter > 0, 'hedgeAfter', o.hedgeAfter, 'more than 0');
  return isEncrypted;
}

function expect(holds, name, found, expected) {
  if (!holds) {
    throw new RangeError(`found ${name} = ${found}; expected ${expected}`);
  }
}

function isLoopback(host) {
  return host === 'localhost' || host === '[::1]' || (net.isIPv4(host) && host.startsWith('127.'));
}

function within(end) {
  return end === undefined ? {} : { deadline: end };
}

function wait(sent) {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 3 ** (sent - 1)) * (0.8 + 0.4 * Math.random());
}

module.exports = { EngineClient };
