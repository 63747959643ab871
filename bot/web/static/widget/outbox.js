/** Sends what the person wrote, in order, one at a time, until the server has accepted it. */

import { ApiError } from "./api.js";
import { backoff, TIMING } from "./reception.js";

export class Outbox {
  /**
   * `call(fn)` runs `fn(token)` in a session, making one when there is none.
   * `onState(item, state, reason)` with state `sending`, `sent`, `waiting` (tried again by itself) or `failed` (refused).
   */
  constructor({ store, api, call, onState, timing = TIMING }) {
    Object.assign(this, { store, api, call, onState, timing });
    this.busy = false;
    this.failures = 0;
    this.timer = null;
  }

  add(item) {
    this.store.add(item);
    this.onState(item, navigator.onLine ? "sending" : "waiting");
    this.flush();
  }

  /** Try a refused or waiting message again, under the same client_id. */
  retry(clientId) {
    this.store.update(clientId, { error: undefined });
    this.flush();
  }

  remove(clientId) {
    this.store.remove(clientId);
  }

  stop() {
    clearTimeout(this.timer);
    this.stopped = true;
  }

  /** Send all that waits. Safe to call at any time. */
  async flush() {
    if (this.busy || this.stopped) return;
    clearTimeout(this.timer);
    this.busy = true;
    try {
      for (let item; (item = this.store.queue.find((one) => one.error === undefined)); ) {
        if (!(await this.#send(item))) break;
      }
    } finally {
      this.busy = false;
    }
  }

  /** Whether to go on with the next. */
  async #send(item) {
    const { client_id, text, payload, title } = item;
    const body = payload === undefined ? { client_id, text } : { client_id, payload, title };
    this.onState(item, "sending");
    try {
      await this.call((token) => this.api.send(token, body), item);
      this.failures = 0;
      this.store.remove(client_id);
      this.onState(item, "sent");
      return true;
    } catch (error) {
      if (error instanceof ApiError && !error.retryable) {
        // Refused for good: the person sees why; later messages go on.
        this.store.update(client_id, { error: error.message });
        this.onState(item, "failed", error.message);
        return true;
      }
      this.#later(error);
      return false;
    }
  }

  #later(error) {
    for (const item of this.store.queue) if (item.error === undefined) this.onState(item, "waiting");
    this.failures += 1;
    const asked = error instanceof ApiError && error.retryAfter ? error.retryAfter * 1000 : 0;
    this.timer = setTimeout(() => this.flush(), Math.max(asked, backoff(this.failures, this.timing)));
  }
}
