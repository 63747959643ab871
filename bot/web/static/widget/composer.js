/** Where the person answers: the text field, and the input that fits the newest question. */

import { h, icon } from "./dom.js";

/** Longest text the server takes, in characters. */
export const TEXT_LIMIT = 4000;
/** From here on the counter is shown. */
const COUNT_FROM = 3500;

const DOCUMENTS = "image/*,application/pdf";
const PICTURES = "image/*";

/** Field type to keyboard. */
const KEYBOARDS = {
  // With a comma: weights and lengths have one.
  number: "decimal",
  integer: "numeric",
  nik: "numeric",
  no_kk: "numeric",
  phone: "tel",
  email: "email",
};

const PLACEHOLDERS = { date: "placeholderDate", time: "placeholderTime", nik: "placeholderNik" };

export class Composer {
  /** `actions`: `text(string)`, `files(list, kind)`, `camera(kind)`. */
  constructor({ texts, actions }) {
    this.actions = actions;
    this.meta = {};
    this.element = h("form", { class: "composer", novalidate: true });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.element.addEventListener("paste", (event) => this.#pasted(event));
    this.render(texts);
  }

  /** Show everything in `texts`; what was written stays. */
  render(texts) {
    this.texts = texts;
    const written = this.field?.value ?? "";
    this.field = h("textarea", {
      rows: 1,
      class: "field",
      "aria-label": texts.say("input"),
      "aria-describedby": "problem",
      autocomplete: "off",
      enterkeyhint: "send",
      oninput: () => {
        this.#changed();
        if (this.field.value) this.actions.typing?.();
      },
      onkeydown: (event) => this.#key(event),
    });
    this.field.value = written;
    this.picker = this.#filePicker({ accept: DOCUMENTS, multiple: true });
    this.lens = this.#filePicker({ accept: PICTURES });
    this.helpers = h("div", { class: "helpers", hidden: true });
    this.attach = this.#iconButton("attach", "attach", () => this.pick());
    this.count = h("p", { class: "count", hidden: true });
    this.problem = h("p", { class: "problem", id: "problem", role: "alert" });
    const send = h("button", { type: "submit", class: "icon-button send", "aria-label": texts.say("send"), title: texts.say("send") }, icon("send"));
    this.element.replaceChildren(
      this.helpers,
      h("div", { class: "field-line" }, this.attach, this.field, send),
      h("div", { class: "under" }, this.problem, this.count),
      this.picker,
      this.lens,
    );
    this.ask(this.meta);
    this.#changed();
  }

  /** Fit the inputs to a question's meta; `{}` when nothing particular is asked. */
  ask(meta) {
    this.meta = meta ?? {};
    const type = this.meta.field_type;
    this.field.inputMode = KEYBOARDS[type] ?? "text";
    this.field.placeholder = this.texts.say(PLACEHOLDERS[type] ?? "placeholder");
    const helpers = this.#helpersFor(type);
    this.helpers.replaceChildren(...helpers);
    this.helpers.hidden = helpers.length === 0;
    this.attach.hidden = type === "document" || type === "selfie";
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  /** Let the person choose files. Call it from a press, or the browser refuses. */
  pick() {
    const selfie = this.meta.field_type === "selfie";
    this.picker.accept = selfie ? PICTURES : DOCUMENTS;
    this.picker.multiple = !selfie;
    this.picker.click();
  }

  /** Open the phone's own camera. On a machine without one the browser shows its file dialogue instead. */
  shoot(kind) {
    this.lens.setAttribute("capture", kind === "selfie" ? "user" : "environment");
    this.lens.click();
  }

  #helpersFor(type) {
    if (type === "date" || type === "time") return [this.#moment(type)];
    if (type === "document") {
      return [this.#helper("cameraDocument", "camera", () => this.actions.camera("document")), this.#helper("attachDocument", "file", () => this.pick())];
    }
    if (type === "selfie") {
      return [this.#helper("cameraSelfie", "camera", () => this.actions.camera("selfie")), this.#helper("attachSelfie", "file", () => this.pick())];
    }
    return [];
  }

  #helper(key, picture, onclick) {
    return h("button", { type: "button", class: "helper", "data-helper": key, onclick }, icon(picture), this.texts.say(key));
  }

  /** The browser's own date or time input; choosing fills the text field, so that sending stays one way. */
  #moment(type) {
    const input = h("input", { type, class: "moment" });
    input.addEventListener("change", () => {
      if (!input.value) return;
      this.field.value = type === "date" ? input.value.split("-").reverse().join("-") : input.value;
      this.#changed();
    });
    return h("label", { class: "helper moment-label" }, icon(type === "date" ? "calendar" : "clock"), h("span", {}, this.texts.say(type)), input);
  }

  #iconButton(key, picture, onclick) {
    const label = this.texts.say(key);
    return h("button", { type: "button", class: `icon-button ${key}`, "aria-label": label, title: label, onclick }, icon(picture));
  }

  #filePicker(attributes) {
    const input = h("input", { type: "file", hidden: true, tabindex: "-1", ...attributes });
    input.addEventListener("change", () => {
      this.#files([...input.files]);
      input.value = "";
    });
    return input;
  }

  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.#files(files);
  }

  #files(files) {
    if (files.length > 0) this.actions.files(files, this.meta.field_type === "selfie" ? "selfie" : "document");
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #changed() {
    const length = [...this.field.value].length;
    this.count.hidden = length < COUNT_FROM;
    this.count.classList.toggle("over", length > TEXT_LIMIT);
    this.count.textContent = this.texts.say("count", { n: this.#number(length), max: this.#number(TEXT_LIMIT) });
    if (length <= TEXT_LIMIT) this.problem.textContent = "";
    this.field.style.height = "auto";
    if (length > 0) this.field.style.height = `${this.field.scrollHeight + 3}px`;
  }

  #submit() {
    const text = this.field.value.trim();
    const length = [...text].length;
    if (length > TEXT_LIMIT) {
      this.problem.textContent = this.texts.say("tooLong", { n: this.#number(length), max: this.#number(TEXT_LIMIT) });
    } else if (length > 0) {
      this.field.value = "";
      this.#changed();
      this.actions.text(text);
    }
    this.focus();
  }

  #number(value) {
    return new Intl.NumberFormat(this.texts.locale).format(value);
  }
}
