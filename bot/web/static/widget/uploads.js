/** Uploads, one after the other. They live as long as the page: files are too large, and too personal, to be kept. */

import { ApiError, Cancelled } from "./api.js";
import { backoff, TIMING } from "./reception.js";
import { spare } from "./picture.js";

/** So often an upload is tried by itself; then the person decides. */
const TRIES = 3;

export class Uploads {
  /**
   * `call(fn)` runs `fn(token)` in a session. `limit()` is the most bytes the server takes, or null when it did not say.
   * `onState(clientId, state, patch)` with state `preparing`, `uploading`, `sent`, `waiting`, `failed` or `cancelled`;
   * `tooBig(bytes, most)` and `lost()` word refusals of our own.
   */
  constructor({ api, call, onState, limit, tooBig, lost, timing = TIMING }) {
    Object.assign(this, { api, call, onState, limit, tooBig, lost, timing });
    this.items = [];
    this.busy = false;
  }

  /** `{client_id, file, kind}` */
  add(item) {
    this.items.push({ ...item, state: "queued", tries: 0 });
    this.#next();
  }

  has(clientId) {
    return this.items.some((item) => item.client_id === clientId);
  }

  retry(clientId) {
    for (const item of this.items) {
      if (item.client_id !== clientId || item.state === "uploading") continue;
      Object.assign(item, { state: "queued", tries: 0, lost: false });
    }
    this.#next();
  }

  remove(clientId) {
    this.cancel(clientId);
    this.items = this.items.filter((item) => item.client_id !== clientId);
  }

  cancel(clientId) {
    const item = this.items.find((one) => one.client_id === clientId);
    if (!item) return;
    item.cancelled = true;
    item.abort?.();
  }

  /** The connection is back: go on with what it interrupted. */
  resume() {
    for (const item of this.items) if (item.state === "waiting" || item.lost) Object.assign(item, { state: "queued", lost: false });
    this.#next();
  }

  stop() {
    for (const item of this.items) this.cancel(item.client_id);
    this.items = [];
  }

  async #next() {
    if (this.busy) return;
    this.busy = true;
    for (let item; (item = this.items.find((one) => one.state === "queued")); ) await this.#run(item);
    this.busy = false;
  }

  async #run(item) {
    item.cancelled = false;
    this.#set(item, "preparing");
    try {
      item.small ??= await spare(item.file);
      const most = this.limit();
      if (most && item.small.size > most) throw new ApiError(413, "too_large", this.tooBig(item.small.size, most));
      if (item.cancelled) throw new Cancelled();
      this.#set(item, "uploading", { progress: 0 });
      await this.call((token) => this.#send(token, item));
      this.#set(item, "sent");
      this.items = this.items.filter((one) => one !== item);
    } catch (error) {
      this.#failed(item, error);
    }
  }

  async #send(token, item) {
    const { done, cancel } = this.api.upload(
      token,
      { clientId: item.client_id, file: item.small, name: item.small.name || item.file.name, kind: item.kind },
      (progress) => this.onState(item.client_id, "uploading", { progress }),
    );
    item.abort = cancel;
    return done;
  }

  #failed(item, error) {
    item.abort = undefined;
    if (error instanceof Cancelled) {
      this.items = this.items.filter((one) => one !== item);
      return this.onState(item.client_id, "cancelled");
    }
    // Too big, or of a kind that is not taken: the same file again would change nothing.
    if (!error.retryable) return this.#set(item, "failed", { reason: error.message, hopeless: [413, 415].includes(error.status) });
    if (navigator.onLine) item.tries += 1;
    if (item.tries >= TRIES) {
      item.lost = true;
      return this.#set(item, "failed", { reason: error.message || this.lost() });
    }
    this.#set(item, "waiting");
    const asked = (error.retryAfter ?? 0) * 1000;
    setTimeout(() => this.resume(), Math.max(asked, backoff(Math.max(1, item.tries), this.timing)));
  }

  #set(item, state, patch) {
    item.state = state;
    this.onState(item.client_id, state, patch);
  }
}
