/** Reception of messages: a server-sent events stream read with fetch, and polling where streams do not get through. */

import { ApiError, NetworkError } from "./api.js";
import { pause } from "./dom.js";

/** All in ms. `quiet`: the server sends a comment at least every 20 s. */
export const TIMING = {
  backoff: 1000,
  backoffMost: 30_000,
  firstByte: 10_000,
  quiet: 45_000,
  poll: 3000,
  streamAgain: 60_000,
};

/** How many times in a row the stream may fail, with the server reachable, before we poll. */
const STREAM_TRIES = 2;

/** The server answered but its stream is of no use: a wrong type, an error, or a proxy that holds it back. */
class StreamFault extends Error {}

/** Time to wait before try `n` (1, 2, …): doubling, capped, with jitter so that a city does not reconnect at once. */
export function backoff(n, timing = TIMING) {
  const most = Math.min(timing.backoffMost, timing.backoff * 2 ** (n - 1));
  return most / 2 + Math.random() * (most / 2);
}

/** Parses text/event-stream; feed it text, it calls back with `{event, data, id}`. */
export class EventParser {
  constructor(onEvent) {
    this.onEvent = onEvent;
    this.rest = "";
    this.#reset();
  }

  feed(text) {
    this.rest += text;
    // A lone CR at the end may be half of a CRLF: wait for what follows.
    for (let match; (match = /\r\n|\n|\r(?!$)/.exec(this.rest)); ) {
      const line = this.rest.slice(0, match.index);
      this.rest = this.rest.slice(match.index + match[0].length);
      this.#line(line);
    }
  }

  #line(line) {
    if (line === "") return this.#dispatch();
    if (line.startsWith(":")) return;
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.event = value;
    else if (name === "data") this.data.push(value);
    else if (name === "id") this.id = value;
  }

  #dispatch() {
    if (this.data.length > 0) this.onEvent({ event: this.event || "message", data: this.data.join("\n"), id: this.id });
    this.#reset();
  }

  #reset() {
    this.event = "";
    this.data = [];
    this.id = null;
  }
}

export class Reception {
  /**
   * `handlers`: `event(name, data)` for each event, `online(bool)` when the connection comes or goes, `expired()` on 401.
   * `cursor()` is the id of the last message received, for resuming.
   */
  constructor({ api, token, cursor, handlers, timing = TIMING }) {
    Object.assign(this, { api, token, cursor, handlers, timing });
    this.life = new AbortController();
    this.wake = new AbortController();
    this.failures = 0;
    this.streamFaults = 0;
    this.streamAgainAt = 0;
  }

  start() {
    this.#run();
  }

  stop() {
    this.life.abort();
    this.wake.abort();
  }

  /** Something changed (network back, page shown again): do not wait any longer. */
  nudge() {
    this.wake.abort();
    this.wake = new AbortController();
  }

  /** The network changed under us: an open stream may be dead without knowing it, so open a new one. */
  renew() {
    this.renewing = true;
    this.current?.abort();
    this.nudge();
  }

  async #run() {
    while (!this.life.signal.aborted) {
      try {
        await (this.#polling() ? this.#poll() : this.#stream());
      } catch (error) {
        if (this.life.signal.aborted) return;
        if (error instanceof ApiError && error.status === 401) return this.handlers.expired();
        await this.#failed(error);
      }
    }
  }

  #polling() {
    return this.streamFaults >= STREAM_TRIES && Date.now() < this.streamAgainAt;
  }

  async #failed(error) {
    const fault = error instanceof StreamFault || (error instanceof ApiError && !this.#polling());
    if (fault) {
      this.streamFaults += 1;
      if (this.streamFaults >= STREAM_TRIES) {
        this.streamAgainAt = Date.now() + this.timing.streamAgain;
        return;
      }
    } else {
      this.handlers.online(false);
    }
    this.failures += 1;
    const asked = error instanceof ApiError && error.retryAfter ? error.retryAfter * 1000 : 0;
    await pause(Math.max(asked, backoff(this.failures, this.timing)), this.wake.signal);
  }

  async #poll() {
    const messages = await this.api.history(this.token, this.cursor());
    if (this.life.signal.aborted) return;
    this.failures = 0;
    this.handlers.online(true);
    for (const message of messages) this.handlers.event("message", message);
    await pause(document.hidden ? this.timing.poll * 4 : this.timing.poll, this.wake.signal);
  }

  /** One stream, from connecting to its end. Returns when the server closed it in order. */
  async #stream() {
    const stop = (this.current = new AbortController());
    this.renewing = false;
    const abort = () => stop.abort();
    this.life.signal.addEventListener("abort", abort);
    let heard = false;
    let opened = false;
    let timer = setTimeout(abort, this.timing.firstByte);
    try {
      const response = await this.api.events(this.token, this.cursor(), stop.signal);
      if (!/^text\/event-stream/i.test(response.headers.get("Content-Type") ?? "") || !response.body) throw new StreamFault();
      opened = true;
      const parser = new EventParser((event) => this.#event(event));
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (let part; !(part = await reader.read()).done; ) {
        clearTimeout(timer);
        timer = setTimeout(abort, this.timing.quiet);
        if (!heard) this.#connected();
        heard = true;
        parser.feed(decoder.decode(part.value, { stream: true }));
      }
    } catch (error) {
      if (error instanceof ApiError || error instanceof StreamFault) throw error;
      if (this.renewing) return;
      // Silent from the start: the network is dead, or something on the way holds the stream back. Polling will tell.
      if (stop.signal.aborted && !heard) {
        if (!opened) this.handlers.online(false);
        throw new StreamFault();
      }
      if (!heard) throw new NetworkError(String(error));
    } finally {
      clearTimeout(timer);
      stop.abort();
      this.life.signal.removeEventListener("abort", abort);
    }
    if (!heard) throw new StreamFault();
    // It worked and ended (deployment, proxy limit): connect again soon, not all at the same moment.
    await pause(backoff(1, this.timing) / 2, this.wake.signal);
  }

  #connected() {
    this.failures = 0;
    this.streamFaults = 0;
    this.handlers.online(true);
  }

  #event({ event, data }) {
    if (this.life.signal.aborted) return;
    let value;
    try {
      value = JSON.parse(data);
    } catch {
      return;
    }
    this.handlers.event(event, value);
  }
}
