/** A device that many people use: big targets, nothing stays, the way to one's own phone. Used by `<loket-chat kiosk>`. */

import { h, icon } from "./dom.js";

/** Seconds without a touch until it is asked whether somebody is there, and seconds for the answer. */
export const IDLE = { quiet: 60, answer: 20 };

const SIGNS = ["pointerdown", "keydown", "wheel", "touchmove"];
/** Addresses that a phone can open: the links of a *kode sambung*. */
const LINKS = /https?:\/\/[^\s<>"']+/giu;

/** Watches for somebody at the device. `busy()`: whether there is anything to forget; `forget()`: do. */
export class Idle {
  constructor({ host, frame, say, busy, forget, seconds = IDLE }) {
    Object.assign(this, { host, frame, say, busy, forget, seconds });
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    for (const sign of SIGNS) window.addEventListener(sign, () => this.seen(), { signal, passive: true, capture: true });
    this.seen();
  }

  stop() {
    this.stopping.abort();
    clearTimeout(this.quiet);
    this.#close();
  }

  /** Somebody is there. */
  seen() {
    clearTimeout(this.quiet);
    if (!this.dialog) this.quiet = setTimeout(() => this.#ask(), this.seconds.quiet * 1000);
  }

  #ask() {
    if (!this.busy()) return this.seen();
    let left = this.seconds.answer;
    const count = h("p", { class: "idle-count", id: "idle-text" }, this.say("kioskStillText", { n: left }));
    const stay = h("button", { type: "button", class: "helper primary", onclick: () => this.#stay() }, this.say("kioskStay"));
    const end = h("button", { type: "button", class: "helper", onclick: () => this.#end() }, this.say("kioskEnd"));
    this.dialog = h(
      "dialog",
      { class: "ask idle", "aria-labelledby": "idle-title", "aria-describedby": "idle-text" },
      h("p", { id: "idle-title", class: "idle-title" }, this.say("kioskStill")),
      count,
      h("div", { class: "camera-buttons" }, end, stay),
    );
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#stay();
    });
    this.frame().append(this.dialog);
    this.dialog.showModal();
    stay.focus();
    this.ticking = setInterval(() => {
      left -= 1;
      count.textContent = this.say("kioskStillText", { n: Math.max(left, 0) });
      if (left <= 0) this.#end();
    }, 1000);
  }

  #stay() {
    this.#close();
    this.seen();
  }

  #end() {
    this.#close();
    this.forget();
    this.seen();
  }

  #close() {
    clearInterval(this.ticking);
    this.dialog?.close();
    this.dialog?.remove();
    this.dialog = null;
  }
}

/** The buttons that are always in view: on with one's phone, and done. */
export function kioskButtons(say, { phone, done }) {
  return h(
    "div",
    { class: "kiosk-buttons" },
    h("button", { type: "button", class: "kiosk-button", onclick: phone }, icon("send"), say("kioskPhone")),
    h("button", { type: "button", class: "kiosk-button", onclick: done }, icon("check"), say("kioskDone")),
  );
}

/** A QR code for every address in a text that the server makes one for; `make(url, label)` gives a Blob. */
export function qrCodes(text, texts, make) {
  const found = [...new Set((text.match(LINKS) ?? []).map((address) => address.replace(/[.,;:!?)\]}”’]+$/u, "")))];
  if (found.length === 0) return null;
  const box = h("div", { class: "qr-codes" });
  for (const address of found.slice(0, 3)) show(box, address, texts, make);
  return box;
}

/** The newest message has grown: it is shown from its beginning. */
function inView(row) {
  const log = row?.closest(".log");
  if (log && row === [...log.querySelectorAll("article")].pop()) log.scrollTop = row.offsetTop - 8;
}

async function show(box, address, texts, make) {
  try {
    const host = new URL(address).hostname;
    const label = texts.say("kioskQr", { host });
    const source = URL.createObjectURL(await make(address, label));
    const picture = h("img", { class: "qr-code", alt: label, width: 220, height: 220 });
    picture.addEventListener(
      "load",
      () => {
        URL.revokeObjectURL(source);
        inView(box.closest("article"));
      },
      { once: true },
    );
    picture.src = source;
    box.append(h("figure", {}, picture, h("figcaption", {}, texts.say("kioskScan", { host }))));
  } catch {
    // No address of ours, or no connection: the words of the message say what to type.
  }
}
