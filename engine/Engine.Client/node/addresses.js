'use strict';
// The engines that DNS has for one host, as for a headless service of Kubernetes.
const { promises: dns } = require('node:dns');
const { setTimeout: sleep } = require('node:timers/promises');

const LEAST_PAUSE = 1000;

/**
 * Asks for them from the first wait on, every refresh milliseconds and after a lost connection.
 * found: gets them as HOST:PORT. While DNS has no answer, the ones before stay.
 */
class Addresses {
  #host;
  #port;
  #refresh;
  #found;
  #first;
  #isAnswered = false;
  #again = () => {};
  #isAsked = false;
  #isClosed = false;

  constructor(host, port, refresh, found) {
    [this.#host, this.#port, this.#refresh, this.#found] = [host, port, refresh, found];
  }

  /** Asks from now on. */
  start() {
    this.#first ??= new Promise((answered) => { this.#follow(answered); });
  }

  /** For the first answer, until it is clear that there is none yet, or until end (undefined: without one). */
  async wait(end) {
    this.start();
    if (!this.#isAnswered) {
      const late = end === undefined ? [] : [sleep(Math.max(0, end - Date.now()), undefined, { ref: false })];
      await Promise.race([this.#first, ...late]);
    }
  }

  askAgain() {
    this.#isAsked = true;
    this.#again();
  }

  close() {
    this.#isClosed = true;
    this.#again();
  }

  async #follow(answered) {
    while (!this.#isClosed) {
      this.#isAsked = false;
      const answers = await dns.lookup(this.#host, { all: true }).catch(() => []);
      if (answers.length > 0 && !this.#isClosed) {
        this.#found(answers.map(({ address, family }) => `${family === 6 ? `[${address}]` : address}:${this.#port}`));
      }

      this.#isAnswered = true;
      answered();
      if (!this.#isAsked && !this.#isClosed) {
        await new Promise((again) => {
          const timer = setTimeout(again, this.#refresh).unref();
          this.#again = () => {
            clearTimeout(timer);
            again();
          };
        });
      }

      await sleep(LEAST_PAUSE, undefined, { ref: false });
    }
  }
}

module.exports = { Addresses };
