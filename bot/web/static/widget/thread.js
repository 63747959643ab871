/** The conversation as a person sees it: rows in order, no message twice, the newest in view. */

import { dayRow, messageRow, noticeRow, ownRow, retire, revive, showState, welcomeCard } from "./bubbles.js";
import { h, icon } from "./dom.js";
import { LANGUAGES } from "./texts.js";

/** A new message of one of these kinds makes the buttons of older ones of these kinds inactive. */
const ASKING = new Set(["question", "review", "identity"]);
/** Closer to the end than this many pixels counts as reading the newest. */
const NEAR_END = 90;

export class Thread {
  /** `actions`: press, retry, remove, cancel, download, chip, language: what the person can do in a row. */
  constructor({ texts, allowed, actions }) {
    Object.assign(this, { texts, allowed, actions });
    this.items = [];
    this.unseen = 0;
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions", tabindex: "0" });
    this.height = 0;
    // A scroll event of a log that was resized says nothing about the reader.
    this.log.addEventListener("scroll", () => this.log.clientHeight === this.height && this.#scrolled(), { passive: true });
    this.log.addEventListener("click", () => setTimeout(() => this.#keepFocus()));
    // The keyboard, a helper or the typing sign takes room: a reader at the end stays at the end.
    this.pinned = true;
    new ResizeObserver(() => this.#resized()).observe(this.log);
    this.newestLabel = h("span");
    this.newest = h("button", { type: "button", class: "newest", hidden: true, onclick: () => this.toEnd() }, icon("down"), this.newestLabel);
    this.element = h("div", { class: "thread" }, this.log, this.newest);
    this.render();
  }

  /** Show everything again, in `texts`. Silent for screen readers: nothing of it is new. */
  render(texts = this.texts) {
    this.texts = texts;
    this.log.setAttribute("aria-live", "off");
    this.log.setAttribute("aria-label", texts.say("log"));
    this.welcome = welcomeCard(texts, LANGUAGES, this.items.length === 0, this.actions);
    this.log.replaceChildren(this.welcome);
    const items = this.items;
    this.items = [];
    for (const item of items) this.#append(item);
    this.settle();
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 100);
  }

  clear() {
    this.items = [];
    this.render();
  }

  has(id) {
    return this.items.some((item) => item.message?.id === id || (item.own?.id !== undefined && item.own.id === id));
  }

  own(clientId) {
    return this.items.find((item) => item.own?.client_id === clientId)?.own;
  }

  /** Whether the message, or what the person sent as it, is here. */
  knows(message) {
    return this.has(message.id) || Boolean(message.client_id && this.own(message.client_id));
  }

  /** Put what the server knows before what only this page knows (messages still being sent, notices). */
  load(messages) {
    const items = messages.map((message) => this.#item(message));
    const clients = new Set(items.map((item) => item.own?.client_id).filter(Boolean));
    const ids = new Set(messages.map((message) => message.id));
    const rest = this.items.filter((item) => !clients.has(item.own?.client_id) && !ids.has(item.message?.id));
    this.items = [...rest.filter((item) => item.ended), ...items, ...rest.filter((item) => !item.ended)];
    this.render();
  }

  /** Add one message of the server; false when it is here already. */
  add(message) {
    if (this.has(message.id)) return false;
    if (message.from === "citizen") {
      const known = this.own(message.client_id);
      if (known) {
        known.id = message.id;
        if (known.state !== "sent") this.setState(message.client_id, "sent");
        return false;
      }
    }
    const row = this.#append(this.#item(message));
    this.#follow(row, message.from === "citizen");
    return true;
  }

  /** Add what the person just sent. */
  addOwn(own) {
    this.#follow(this.#append({ own, at: own.at }), true);
  }

  notice(text) {
    this.#follow(this.#append({ notice: text, at: new Date().toISOString() }), true);
  }

  /** A new state of an own message; further facts (`reason`, `progress`, `file`) go in `patch`. */
  setState(clientId, state, patch = {}) {
    const own = this.own(clientId);
    if (!own) return false;
    Object.assign(own, patch, { state });
    const row = this.#row(own);
    const { pinned } = this;
    if (row) showState(row, own, this);
    if (row && state === "failed" && own.payload !== undefined) this.#reviveFor(own.payload);
    if (pinned) this.toEnd();
    return true;
  }

  /** The picture of an upload is ready to be shown. */
  showPicture(clientId, picture) {
    const own = this.own(clientId);
    if (!own || !picture) return;
    own.file.picture = picture;
    const { pinned } = this;
    this.#row(own)?.querySelector(".own-file .icon")?.replaceWith(picture);
    if (pinned) this.toEnd();
  }

  removeOwn(clientId) {
    const index = this.items.findIndex((item) => item.own?.client_id === clientId);
    if (index < 0) return;
    this.items[index].row?.remove();
    this.items.splice(index, 1);
  }

  /** The buttons of a question that is being answered. */
  choose(message, payload) {
    if (!ASKING.has(message.meta?.kind)) return;
    const item = this.items.find((one) => one.message?.id === message.id);
    if (item) retire(item.row, this.texts, payload);
  }

  /** The conversation so far is over: nothing of it can be pressed any more. */
  end() {
    for (const item of this.items) {
      item.ended = true;
      if (item.message) retire(item.row, this.texts);
    }
  }

  /** The title of a button seen earlier in this conversation. */
  titleOf(payload) {
    for (let i = this.items.length - 1; i >= 0; i -= 1) {
      const button = this.items[i].message?.buttons?.find((one) => one.payload === payload);
      if (button) return button.title;
    }
    return "";
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.#scrolled();
  }

  /** Where a reader begins: at the newest message, or at the welcome when there is none. */
  settle() {
    if (this.items.length > 0) this.toEnd();
    else this.log.scrollTop = 0;
    this.#scrolled();
  }

  #item(message) {
    if (message.from !== "citizen") return { message, at: message.at };
    const file = message.attachments?.[0];
    const text = message.text || (message.payload ? this.titleOf(message.payload) : "");
    const own = { id: message.id, client_id: message.client_id ?? message.id, at: message.at, state: "sent", payload: message.payload };
    return { own: { ...own, text: file ? "" : text || message.payload, file }, at: message.at };
  }

  #append(item) {
    if (this.items.length === 0 && this.welcome.querySelector(".choices")) {
      const card = welcomeCard(this.texts, LANGUAGES, false, this.actions);
      this.welcome.replaceWith(card);
      this.welcome = card;
    }
    const before = this.items[this.items.length - 1];
    const label = this.texts.day(new Date(item.at));
    if (!before || this.texts.day(new Date(before.at)) !== label) this.log.append(dayRow(label));
    item.row = this.#build(item, before);
    if (item.ended && item.message) retire(item.row, this.texts);
    this.items.push(item);
    this.log.append(item.row);
    if (ASKING.has(item.message?.meta?.kind)) this.#retireBefore(item);
    if (item.own?.payload !== undefined && item.own.state !== "failed") this.#chosen(item.own.payload);
    return item.row;
  }

  #build(item, before) {
    if (item.notice !== undefined) return noticeRow(item.notice);
    if (item.own) return ownRow(item.own, this);
    const same = before?.message?.from === item.message.from && before.message.meta?.agent === item.message.meta?.agent;
    return messageRow(item.message, { ...this, first: !same });
  }

  #retireBefore(item) {
    for (const one of this.items) {
      if (one !== item && ASKING.has(one.message?.meta?.kind)) retire(one.row, this.texts);
    }
    if (this.log.getRootNode().activeElement?.disabled) this.#keepFocus();
  }

  /** What was pressed may have gone: a keyboard goes on from the conversation, not from the top of the page. */
  #keepFocus() {
    const active = this.log.getRootNode().activeElement;
    if (!active || active.disabled || !active.getClientRects().length) this.log.focus({ preventScroll: true });
  }

  /** Mark the button an own message came from, when its question is still open. */
  #chosen(payload) {
    for (let i = this.items.length - 1; i >= 0; i -= 1) {
      const { message, row } = this.items[i];
      if (!message?.buttons?.some((button) => button.payload === payload)) continue;
      if (ASKING.has(message.meta?.kind)) retire(row, this.texts, payload);
      return;
    }
  }

  /** A refused press may be repeated, if its question is still the newest. */
  #reviveFor(payload) {
    for (let i = this.items.length - 1; i >= 0; i -= 1) {
      const { message, row, ended } = this.items[i];
      if (!ASKING.has(message?.meta?.kind)) continue;
      if (!ended && message.buttons?.some((button) => button.payload === payload)) revive(row, this.texts);
      return;
    }
  }

  #row(own) {
    return this.items.find((item) => item.own === own)?.row;
  }

  /** Keep the newest in view for a reader who is there; tell a reader who is not. */
  #follow(row, always) {
    const height = row.offsetHeight;
    if (!always && !this.pinned) {
      this.unseen += 1;
      return this.#scrolled();
    }
    this.toEnd();
    // A long answer is read from its beginning.
    if (!always && height > this.log.clientHeight) this.log.scrollTop = row.offsetTop - 8;
  }

  #resized() {
    this.height = this.log.clientHeight;
    if (this.pinned) this.settle();
    else this.#scrolled();
  }

  #scrolled() {
    const atEnd = this.atEnd();
    this.pinned = atEnd;
    if (atEnd) this.unseen = 0;
    this.newest.hidden = atEnd || this.items.length === 0;
    this.newestLabel.textContent = this.unseen > 0 ? this.texts.say("newestCount", { n: this.unseen }) : this.texts.say("newest");
  }
}
