/**
 * `<loket-chat>`: the Loket chat in any page.
 *
 *   <script type="module" src="https://loket.example.go.id/static/widget.js"></script>
 *   <loket-chat mode="popup"></loket-chat>
 *
 * Attributes: `server` (default: where this script came from), `locus`, `language` (id, jv, en), `mode` (inline, popup),
 * `open` (popup only), `office` (words under the title), `links` (host names that messages may link to, apart from the server's),
 * `kiosk` (a device that many use: see widget/kiosk.js; set before it is put into the page).
 */

import { Api } from "./widget/api.js";
import { CameraDialog, cameraWorks } from "./widget/camera.js";
import { Composer } from "./widget/composer.js";
import { Conversation } from "./widget/conversation.js";
import { h, icon } from "./widget/dom.js";
import { IDLE, Idle, kioskButtons } from "./widget/kiosk.js";
import { TIMING } from "./widget/reception.js";
import { Store } from "./widget/store.js";
import { Texts } from "./widget/texts.js";
import { Thread } from "./widget/thread.js";

/** How long "connected again" stays. */
const AGAIN_MS = 4000;
/** A typing sign without a message goes away. */
const TYPING_MS = 45_000;
const AGENT_TYPING_MS = 7_000;

export class LoketChat extends HTMLElement {
  static observedAttributes = ["open", "language", "office", "mode"];
  /** Waiting times of all widgets of a page, in ms. */
  static timing = { ...TIMING };
  /** Of kiosks, in seconds. */
  static idle = { ...IDLE };

  constructor() {
    super();
    this.root = this.attachShadow({ mode: "open", delegatesFocus: false });
    this.#dress();
    this.texts = new Texts("id");
    this.unread = 0;
    this.isOnline = true;
  }

  get server() {
    return this.getAttribute("server") || new URL(import.meta.url).origin;
  }

  get popup() {
    return this.getAttribute("mode") === "popup";
  }

  get kiosk() {
    return this.hasAttribute("kiosk");
  }

  connectedCallback() {
    this.spoken = this.getAttribute("language") ?? "id";
    this.texts = new Texts(this.spoken);
    const actions = {
      press: (message, button) => this.conversation.press(message, button),
      retry: (clientId) => this.conversation.retry(clientId),
      remove: (clientId) => this.conversation.remove(clientId),
      cancel: (clientId) => this.conversation.cancel(clientId),
      download: (file, note) => this.#download(file, note),
      chip: (text) => this.conversation.sendText(text),
      language: (code) => this.setAttribute("language", code),
      ...(this.kiosk && { qr: (url, label) => this.conversation.api.qr(url, label) }),
    };
    this.thread = new Thread({ texts: this.texts, allowed: this.#allowed(), actions });
    this.composer = new Composer({
      texts: this.texts,
      actions: {
        text: (text) => this.conversation.sendText(text),
        typing: () => this.conversation.typing(),
        files: (files, kind) => this.conversation.sendFiles(files, kind),
        camera: (kind) => this.#camera(kind),
      },
    });
    this.#render();
    this.conversation = new Conversation({
      api: new Api(this.server),
      store: new Store(`${this.server}:${this.getAttribute("locus") ?? ""}`, !this.kiosk),
      view: this,
      opening: () => this.#opening(),
      timing: LoketChat.timing,
    });
    this.conversation.start();
    this.#watchPage();
    this.online(navigator.onLine);
    if (this.kiosk) this.#attend();
    else this.#connect();
  }

  disconnectedCallback() {
    this.conversation?.stop();
    this.idle?.stop();
    this.watching?.abort();
    this.conversation = null;
  }

  attributeChangedCallback(name, before, now) {
    if (!this.conversation || before === now) return;
    if (name === "language") this.#speak(now);
    else if (name === "open" && this.popup) this.#opened();
    else this.#render();
  }

  // -- what the conversation shows (the `view`) -------------------------------------------------------------------

  say(key, params) {
    return this.texts.say(key, params);
  }

  size(bytes) {
    return this.texts.size(bytes);
  }

  language(code) {
    if (code !== this.texts.language) this.setAttribute("language", code);
  }

  /** The connection came or went. `tell`: whether the person hears of it. */
  online(on, tell = true) {
    const before = this.isOnline;
    this.isOnline = on;
    clearTimeout(this.againTimer);
    this.connection.classList.toggle("lost", !on);
    if (!on) this.connection.textContent = this.say("lost");
    else if (!before && tell) {
      this.connection.textContent = this.say("again");
      this.againTimer = setTimeout(() => (this.connection.textContent = ""), AGAIN_MS);
    } else if (!before || !tell) this.connection.textContent = "";
  }

  typing(on, from) {
    clearTimeout(this.typingTimer);
    this.typingLine.replaceChildren(
      ...(on ? [h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), this.say(from === "agent" ? "typingAgent" : "typing")] : []),
    );
    if (on) this.typingTimer = setTimeout(() => this.typing(false), from === "agent" ? AGENT_TYPING_MS : TYPING_MS);
  }

  arrived() {
    if (!this.popup || this.hasAttribute("open")) return;
    this.unread += 1;
    this.#badge();
  }

  // -- layout -------------------------------------------------------------------------------------------------------

  #render() {
    const { texts } = this;
    this.connection = h("p", { class: "connection", role: "status" });
    this.typingLine = h("p", { class: "typing", role: "status" });
    this.panel = h(
      "section",
      { class: "panel", id: "panel", role: this.popup ? "dialog" : "region", "aria-label": texts.say("title"), onkeydown: (event) => this.#escape(event) },
      this.#head(),
      this.connection,
      this.kiosk && kioskButtons((key) => this.say(key), { phone: () => this.#phone(), done: () => this.#leave() }),
      this.thread.element,
      this.typingLine,
      this.composer.element,
      h("p", { class: "safety" }, icon("shield"), h("span", {}, texts.say("safety"))),
    );
    this.badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true });
    this.launcher = h("button", { type: "button", class: "launcher", "aria-controls": "panel", onclick: () => this.toggleAttribute("open") }, icon("chat"), this.badge);
    this.frame = h("div", { class: `frame ${this.popup ? "popup" : "inline"}${this.kiosk ? " kiosk" : ""}`, lang: texts.language, hidden: !this.dressed }, this.popup && this.launcher, this.panel);
    this.root.querySelector(".frame")?.remove();
    this.root.append(this.frame);
    this.#badge();
    this.panel.hidden = this.popup && !this.hasAttribute("open");
    if (!this.isOnline) this.connection.textContent = texts.say("lost");
    this.thread.settle();
  }

  /** A linked style sheet: strict pages need allow no inline style. Nothing is shown undressed. */
  #dress() {
    const link = h("link", { rel: "stylesheet", href: new URL("./widget/widget.css", import.meta.url).href });
    const dressed = () => {
      this.dressed = true;
      if (this.frame) this.frame.hidden = false;
      this.thread?.settle();
    };
    link.addEventListener("load", dressed);
    link.addEventListener("error", dressed);
    this.root.append(link);
  }

  #head() {
    const { texts } = this;
    const close = h("button", { type: "button", class: "icon-button", "aria-label": texts.say("close"), onclick: () => this.removeAttribute("open") }, icon("close"));
    this.menu = h(
      "div",
      { class: "menu", id: "menu", hidden: true },
      h("button", { type: "button", onclick: () => this.#person() }, icon("person"), texts.say("menuPerson")),
      h("button", { type: "button", onclick: () => this.#forget() }, icon("close"), texts.say("menuForget")),
    );
    this.more = h(
      "button",
      { type: "button", class: "icon-button", "aria-label": texts.say("menu"), "aria-expanded": "false", "aria-controls": "menu", onclick: () => this.#menu(this.menu.hidden) },
      icon("menu"),
    );
    return h(
      "header",
      { class: "head" },
      h("span", { class: "mark", "aria-hidden": "true" }, icon("chat")),
      h("div", { class: "titles" }, h("p", { class: "title" }, texts.say("title")), h("p", { class: "subtitle" }, this.getAttribute("office") || texts.say("subtitle"))),
      this.more,
      this.popup && close,
      this.menu,
    );
  }

  #menu(show) {
    this.menu.hidden = !show;
    this.more.setAttribute("aria-expanded", String(show));
    if (show) this.menu.querySelector("button").focus();
  }

  #person() {
    this.#menu(false);
    this.conversation.sendText(this.say("personText"));
    this.composer.focus();
  }

  /** Ask before the conversation disappears from this device. */
  #forget() {
    this.#menu(false);
    const close = () => {
      dialog.close();
      dialog.remove();
      this.composer.focus();
    };
    const yes = h("button", { type: "button", class: "helper primary" }, this.say("forgetYes"));
    const no = h("button", { type: "button", class: "helper", onclick: close }, this.say("forgetNo"));
    const dialog = h("dialog", { class: "ask", "aria-labelledby": "ask" }, h("p", { id: "ask" }, this.say("forgetAsk")), h("div", { class: "camera-buttons" }, no, yes));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close();
    });
    yes.addEventListener("click", () => {
      this.conversation.forget();
      close();
      this.connection.textContent = this.say("forgotten");
    });
    this.frame.append(dialog);
    dialog.showModal();
  }

  // -- a device that many use -----------------------------------------------------------------------------------------

  #attend() {
    this.idle = new Idle({
      frame: () => this.frame,
      say: (key, params) => this.say(key, params),
      busy: () => this.thread.items.length > 0 || this.composer.field.value !== "",
      forget: () => this.#leave(),
      seconds: LoketChat.idle,
    });
  }

  /** A *kode sambung*: the answer brings the QR code. */
  #phone() {
    this.conversation.sendText(this.say("kioskPhoneText"));
    this.composer.focus();
  }

  /** The next person finds nothing of this one, and the language that the page speaks. */
  #leave() {
    for (const dialog of this.root.querySelectorAll("dialog")) dialog.close();
    this.composer.field.value = "";
    this.conversation.forget();
    if (this.texts.language !== this.spoken) this.setAttribute("language", this.spoken);
    this.connection.textContent = this.say("forgotten");
    clearTimeout(this.againTimer);
    this.againTimer = setTimeout(() => (this.connection.textContent = ""), AGAIN_MS);
  }

  #escape(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (!this.menu.hidden) {
      this.#menu(false);
      this.more.focus();
    } else if (this.popup) this.removeAttribute("open");
    else return;
    event.stopPropagation();
  }

  #opened() {
    const open = this.hasAttribute("open");
    this.panel.hidden = !open;
    if (open) this.unread = 0;
    this.#badge();
    if (open) {
      this.thread.settle();
      // On a phone the keyboard would hide the greeting.
      if (matchMedia("(pointer: coarse)").matches) this.thread.log.focus({ preventScroll: true });
      else this.composer.focus();
    } else this.launcher.focus();
  }

  #badge() {
    const open = this.hasAttribute("open");
    this.badge.hidden = this.unread === 0;
    this.badge.textContent = String(this.unread);
    this.launcher.setAttribute("aria-expanded", String(open));
    this.launcher.setAttribute("aria-label", open ? this.say("close") : this.unread > 0 ? this.say("openUnread", { n: this.unread }) : this.say("open"));
  }

  #speak(language) {
    this.texts = new Texts(language);
    const focused = Boolean(this.root.activeElement);
    this.thread.render(this.texts);
    this.composer.render(this.texts);
    this.#render();
    if (focused) this.composer.focus();
  }

  // -- the world around -------------------------------------------------------------------------------------------

  #opening() {
    const body = {};
    if (this.getAttribute("locus")) body.locus = this.getAttribute("locus");
    if (this.hasAttribute("language")) body.language = this.texts.language;
    return body;
  }

  /** A link from another channel brought a code along: it is said once, and taken out of the address. */
  #connect() {
    const address = new URL(location.href);
    const code = address.searchParams.get("sambung");
    if (code === null) return;
    address.searchParams.delete("sambung");
    history.replaceState(history.state, "", address);
    if (!/^[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}$/.test(code)) return;
    if (this.popup) this.setAttribute("open", "");
    this.conversation.sendText(`sambung ${code}`);
  }

  #allowed() {
    // A link would lead away from the kiosk, and leave its page open for the next person.
    if (this.kiosk) return new Set();
    const extra = (this.getAttribute("links") ?? "").split(/[\s,]+/).filter(Boolean);
    return new Set([new URL(this.server).origin, location.origin, ...extra]);
  }

  #watchPage() {
    this.watching = new AbortController();
    const { signal } = this.watching;
    window.addEventListener("offline", () => this.online(false), { signal });
    window.addEventListener("online", () => this.#back(), { signal });
    document.addEventListener("visibilitychange", () => !document.hidden && this.conversation.wake(), { signal });
    // On phones the keyboard covers a fixed panel; this says how much room is left.
    const room = () => this.style.setProperty("--loket-room", `${window.visualViewport.height}px`);
    window.visualViewport?.addEventListener("resize", room, { signal });
    this.root.addEventListener("dragover", (event) => event.preventDefault(), { signal });
    this.root.addEventListener("drop", (event) => this.#dropped(event), { signal });
  }

  #back() {
    // With a session the reception tells when it really is back.
    if (!this.conversation.reception) this.online(true);
    this.conversation.wake(true);
  }

  #dropped(event) {
    event.preventDefault();
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) this.conversation.sendFiles(files, this.composer.meta.field_type === "selfie" ? "selfie" : "document");
  }

  /** Phones take better documents with their own camera application; a selfie gets the view with the guide. */
  async #camera(kind) {
    const phone = matchMedia("(pointer: coarse)").matches;
    if (!cameraWorks() || (kind === "document" && phone)) return this.composer.shoot(kind);
    const result = await new CameraDialog(this.frame, this.texts).take(kind);
    if (result === "file") this.composer.pick();
    else if (result) this.conversation.sendFiles([result], kind);
  }

  async #download(file, note) {
    note("downloading");
    try {
      const address = URL.createObjectURL(await this.conversation.fetchFile(file));
      h("a", { href: address, download: file.name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      note("downloaded");
    } catch {
      note("downloadFailed");
    }
  }
}

if (!customElements.get("loket-chat")) customElements.define("loket-chat", LoketChat);
