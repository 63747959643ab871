/** One conversation with the server: its session, what is sent, what comes in. Knows nothing of how it looks. */

import { ApiError } from "./api.js";
import { newId, pause } from "./dom.js";
import { Outbox } from "./outbox.js";
import { thumbnail } from "./picture.js";
import { backoff, Reception, TIMING } from "./reception.js";
import { Uploads } from "./uploads.js";

/** After a message of one of these kinds, or with buttons, no particular input is expected, unless it names one. */
const SETTLING = new Set(["question", "review", "receipt", "handoff"]);

const TYPING_EVERY_MS = 4000;

export class Conversation {
  /**
   * `view` shows things: `thread`, `composer`, `online(bool)`, `typing(on, from)`, `arrived(message)`, `say(key, params)`,
   * `size(bytes)`, `language(code)`. `opening()` gives the body of a new session.
   */
  constructor({ api, store, view, opening, timing = TIMING }) {
    Object.assign(this, { api, store, view, opening, timing });
    const call = (fn, item) => this.#call(fn, item);
    this.outbox = new Outbox({ store, api, call, timing, onState: (item, state, reason) => this.#sendState(item, state, reason) });
    this.uploads = new Uploads({
      api,
      call,
      timing,
      onState: (clientId, state, patch) => view.thread.setState(clientId, state, patch),
      limit: () => store.session?.limits?.file_bytes ?? null,
      tooBig: (size, max) => view.say("uploadTooBig", { size: view.size(size), max: view.size(max) }),
      lost: () => view.say("uploadLost"),
    });
    this.cursor = null;
  }

  /** Show what was said before and go on from there. Makes no session: that happens on first use. */
  start() {
    this.stopStorage = this.store.onSessionChange((session) => this.#otherTab(session));
    for (const item of this.store.queue) this.view.thread.addOwn(this.#own(item, item.error === undefined ? "waiting" : "failed"));
    if (this.store.session) this.#receive();
    this.outbox.flush();
  }

  stop() {
    this.stopStorage?.();
    this.outbox.stop();
    this.uploads.stop();
    this.#hangUp();
  }

  sendText(text) {
    this.#put({ client_id: newId(), text, at: new Date().toISOString() });
  }

  /** The person pressed a button of a message. */
  press(message, button) {
    this.view.thread.choose(message, button.payload);
    this.#put({ client_id: newId(), payload: button.payload, title: button.title, at: new Date().toISOString() });
  }

  /** Upload files; `kind` is `selfie` or `document`. */
  sendFiles(files, kind) {
    for (const file of files) {
      const clientId = newId();
      const about = { name: file.name, size: file.size };
      this.view.thread.addOwn({ client_id: clientId, at: new Date().toISOString(), state: "preparing", file: about });
      thumbnail(file).then((picture) => this.view.thread.showPicture(clientId, picture));
      this.uploads.add({ client_id: clientId, file, kind });
    }
  }

  retry(clientId) {
    if (this.uploads.has(clientId)) this.uploads.retry(clientId);
    else this.outbox.retry(clientId);
    this.reception?.nudge();
  }

  remove(clientId) {
    this.uploads.remove(clientId);
    this.outbox.remove(clientId);
    this.view.thread.removeOwn(clientId);
  }

  cancel(clientId) {
    this.uploads.cancel(clientId);
  }

  /** The bytes of a message's attachment. */
  fetchFile(file) {
    return this.#call((token) => this.api.download(token, file.url));
  }

  /** The person writes; only a member of staff is told, every few seconds. */
  typing() {
    const { token } = this.store.session ?? {};
    if (!token || this.heldBy !== "agent" || Date.now() - (this.toldTyping ?? 0) < TYPING_EVERY_MS) return;
    this.toldTyping = Date.now();
    this.api.typing(token).catch(() => {}); // a courtesy
  }

  /** The page is looked at again; `renew` when the browser says that the network is back. */
  wake(renew = false) {
    this.retrySoon?.abort();
    if (renew) this.reception?.renew();
    else this.reception?.nudge();
    this.outbox.flush();
    this.uploads.resume();
    if (this.store.session && this.loaded) this.#catchUp();
  }

  /** Leave nothing on this device, and nothing that the session's token still opens. */
  forget() {
    const { token } = this.store.session ?? {};
    if (token) this.api.endSession(token).catch(() => {}); // without a connection it ends by itself, later
    this.#hangUp();
    this.uploads.stop();
    this.store.clear();
    this.view.composer.ask({});
    this.view.thread.clear();
  }

  #put(item) {
    this.view.thread.addOwn(this.#own(item, "sending"));
    this.outbox.add(item);
  }

  #own(item, state) {
    return { client_id: item.client_id, text: item.text ?? item.title, payload: item.payload, at: item.at, state, reason: item.error };
  }

  #sendState(item, state, reason) {
    this.view.thread.setState(item.client_id, state, { reason });
  }

  /** Run `fn(token)`; a session is made when there is none, and made anew, with a word about it, when the old one ended. */
  async #call(fn, item) {
    for (let again = false; ; again = true) {
      const session = await this.#session();
      try {
        return await fn(session.token);
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 401 || again) throw error;
        this.#expired(session.token, "expiredNew");
        // A button belongs to its question; a text can be said again.
        if (item?.payload !== undefined) throw new ApiError(410, "expired", this.view.say("expiredButton"));
      }
    }
  }

  async #session() {
    if (this.store.session) return this.store.session;
    this.opened ??= this.api.createSession(this.opening()).finally(() => (this.opened = null));
    const session = await this.opened;
    if (!this.store.session) {
      this.store.session = session;
      this.loaded = true;
      this.#listen();
    }
    return this.store.session;
  }

  /** The session is over (401). Other calls may have noticed already: only the first one speaks. */
  #expired(token, key) {
    if (this.store.session?.token !== token) return;
    this.store.session = null;
    this.#hangUp();
    this.view.composer.ask({});
    this.view.thread.notice(this.view.say(key));
    this.view.thread.end();
  }

  #hangUp() {
    this.loading?.abort();
    this.retrySoon?.abort();
    this.reception?.stop();
    this.reception = null;
    this.cursor = null;
    this.loaded = false;
    this.view.typing(false);
    this.view.online(true, false);
  }

  #otherTab(session) {
    this.#hangUp();
    if (session) this.#receive();
    else this.view.thread.clear();
  }

  /** The whole conversation first, then what is new. */
  async #receive() {
    const { token } = this.store.session;
    const loading = (this.loading = new AbortController());
    for (let tries = 1; !loading.signal.aborted; tries += 1) {
      try {
        const messages = await this.api.history(token, null);
        if (loading.signal.aborted) return;
        this.#loaded(messages);
        return this.#listen();
      } catch (error) {
        if (loading.signal.aborted) return;
        if (error instanceof ApiError && error.status === 401) return this.#expired(token, "expired");
        this.view.online(false);
        this.retrySoon = new AbortController();
        await pause(backoff(tries, this.timing), this.retrySoon.signal);
      }
    }
  }

  #loaded(messages) {
    const accepted = new Set(messages.map((message) => message.client_id).filter(Boolean));
    for (const item of this.store.queue) if (accepted.has(item.client_id)) this.store.remove(item.client_id);
    this.view.thread.load(messages);
    for (const message of messages) this.#note(message);
    this.loaded = true;
    this.view.online(true);
  }

  #listen() {
    const { token } = this.store.session;
    this.reception = new Reception({
      api: this.api,
      token,
      timing: this.timing,
      cursor: () => this.cursor,
      handlers: {
        event: (name, data) => this.#event(name, data),
        online: (on) => this.#online(on),
        expired: () => this.#expired(token, "expired"),
      },
    });
    this.reception.start();
  }

  #online(on) {
    const before = this.view.isOnline;
    this.view.online(on);
    if (on && !before) {
      this.outbox.flush();
      this.uploads.resume();
    }
    if (on && (!before || this.cursor === null)) this.#catchUp();
  }

  /** What another tab wrote in this conversation does not come with the events: ask for it. */
  async #catchUp() {
    const { token } = this.store.session ?? {};
    const messages = await this.api.history(token, this.cursor).catch(() => []);
    const current = () => this.store.session?.token === token;
    if (!current()) return;
    const known = messages.map((message) => this.view.thread.knows(message));
    if (known.lastIndexOf(true) > known.indexOf(false) && known.includes(false)) {
      // Something is missing in the middle: show all of it again, in the server's order.
      const all = await this.api.history(token, null).catch(() => null);
      if (all && current()) this.#loaded(all);
      return;
    }
    for (const message of messages) this.#message(message);
  }

  #event(name, data) {
    if (name === "message") return this.#message(data);
    if (name === "typing") return this.view.typing(Boolean(data.on), data.from);
    if (name === "status") return this.#status(data);
    if (name === "session") this.heldBy = data.held_by;
    if (name === "session" && data.language) this.view.language(data.language);
  }

  #status({ client_id: clientId, state, message }) {
    if (!clientId) return;
    const failed = state === "failed";
    if (!failed) this.store.remove(clientId);
    const patch = failed ? { reason: message || this.view.say("unprocessed"), final: true } : {};
    if (!this.view.thread.setState(clientId, failed ? "failed" : "sent", patch)) this.#catchUp();
  }

  #message(message) {
    if (message?.client_id) this.store.remove(message.client_id);
    if (!message?.id || !this.view.thread.add(message)) return;
    this.#note(message);
    if (message.from !== "citizen") {
      this.view.typing(false);
      this.view.arrived(message);
    }
  }

  /** Remember where we are and what is asked. */
  #note(message) {
    if (message.from === "citizen") return;
    this.cursor = message.id;
    const meta = message.meta ?? {};
    if (meta.field_type) this.view.composer.ask(meta);
    else if (SETTLING.has(meta.kind) || message.buttons?.length) this.view.composer.ask({});
  }
}
