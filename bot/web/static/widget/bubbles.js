/** One message as nodes. The thread puts them in order and keeps their state. */

import { copyText, h, icon } from "./dom.js";
import { qrCodes } from "./kiosk.js";
import { reviewText, richText } from "./richtext.js";

/** Icon beside the name of a kind; `answer` and `question` speak for themselves. */
const KIND_ICONS = {
  review: "list",
  receipt: "receipt",
  status: "bell",
  identity: "shield",
  handoff: "person",
  notice: "bell",
  error: "warning",
};

/** Icon of an application's state, if the server names it (`meta.state`). */
const STATE_ICONS = {
  diajukan: "receipt",
  verifikasi_berkas: "clock",
  perlu_perbaikan: "warning",
  diproses: "clock",
  menunggu_tte: "clock",
  terbit: "check",
  ditolak: "close",
  dibatalkan: "close",
};

/**
 * A message from the bot, an agent or the system.
 * `context`: `{texts, allowed, first, actions}`; `first` is true when the speaker changed.
 */
export function messageRow(message, { texts, allowed, first, actions }) {
  const meta = message.meta ?? {};
  const kind = meta.kind ?? "answer";
  const bubble = h(
    "div",
    { class: "bubble" },
    kindLine(kind, meta, texts),
    stepLine(meta.step, texts),
    // Before the words: on a wide screen they alone fill what can be seen.
    actions.qr && qrCodes(message.text ?? "", texts, actions.qr),
    h("div", { class: "text" }, kind === "review" ? reviewText(message.text ?? "", allowed) : richText(message.text ?? "", allowed)),
    kind === "receipt" && numberBox(meta.application, "number", texts),
    kind === "handoff" && numberBox(meta.ticket, "ticket", texts),
    (message.attachments ?? []).map((file) => (actions.qr ? fileLine(file, texts) : fileButton(file, texts, actions))),
  );
  return h(
    "article",
    { class: `row ${message.from}`, "data-id": message.id, "data-kind": kind },
    h("p", { class: first ? "who" : "who visually-hidden" }, speaker(message, texts)),
    bubble,
    choices(message, texts, actions),
    h("p", { class: "stamp" }, stamp(message.at, texts)),
  );
}

/** A message of the citizen; `own` is `{client_id, text, at, state, reason?, file?, progress?}`. */
export function ownRow(own, { texts, actions }) {
  const row = h(
    "article",
    { class: "row citizen", "data-client-id": own.client_id, "data-state": own.state ?? "sent" },
    h("p", { class: "who visually-hidden" }, texts.say("you")),
    h(
      "div",
      { class: "bubble" },
      own.file && ownFile(own.file, texts),
      own.text && h("div", { class: "text" }, own.text),
    ),
    h("p", { class: "stamp" }, stamp(own.at, texts), h("span", { class: "state" })),
    h("div", { class: "trouble", hidden: true }),
  );
  showState(row, own, { texts, actions });
  return row;
}

/** Bring an own row up to date with `own.state`, `own.reason` and `own.progress`. */
export function showState(row, own, { texts, actions }) {
  const state = own.state ?? "sent";
  const changed = row.dataset.state !== state || !row.dataset.shown;
  row.dataset.state = state;
  row.dataset.shown = "yes";
  const label = { sent: "sent", sending: "sending", preparing: "preparing", cancelled: "cancelled" }[state];
  const short = row.querySelector(".state");
  if (changed) short.replaceChildren(...(label ? [state === "sent" ? icon("check") : "", ` ${texts.say(label)}`] : []));
  const trouble = row.querySelector(".trouble");
  if (state === "uploading") return showProgress(trouble, own, texts, actions);
  if (!changed) return;
  const failing = state === "waiting" || state === "failed";
  trouble.hidden = !failing;
  trouble.replaceChildren();
  if (!failing) return;
  const sentence = state === "waiting" ? texts.say("waiting") : own.reason || texts.say("failed");
  trouble.append(h("p", {}, icon(state === "waiting" ? "clock" : "warning"), h("span", {}, sentence)));
  // The server took it and gave up: the same message again would change nothing.
  if (own.final) return;
  trouble.append(
    h(
      "div",
      { class: "trouble-buttons" },
      ...(own.hopeless
        ? []
        : [h("button", { type: "button", class: "small", onclick: () => actions.retry(own.client_id) }, icon("retry"), texts.say("retry"))]),
      h("button", { type: "button", class: "small quiet", onclick: () => actions.remove(own.client_id) }, texts.say("remove")),
    ),
  );
}

/** A sentence of the widget itself in the middle of the thread. */
export function noticeRow(text) {
  return h("p", { class: "row notice" }, text);
}

/** Separates the days. */
export function dayRow(label) {
  return h("p", { class: "day" }, h("span", {}, label));
}

/** What a person sees before the first message, and above it later. `fresh`: nothing has been said yet. */
export function welcomeCard(texts, languages, fresh, actions) {
  const chips = texts.list("chips").map((text) => h("button", { type: "button", class: "choice", onclick: () => actions.chip(text) }, text));
  const tongues = languages.map(([code, name]) =>
    h(
      "button",
      { type: "button", class: "small", lang: code, "aria-pressed": String(code === texts.language), onclick: () => actions.language(code) },
      name,
    ),
  );
  return h(
    "div",
    { class: "welcome" },
    h("p", { class: "welcome-title" }, texts.say("welcome")),
    h("p", { class: "text" }, richText(texts.say("welcomeText"), new Set())),
    fresh && h("div", { class: "choices", role: "group", "aria-label": texts.say("chipsLabel") }, chips),
    fresh && h("div", { class: "languages", role: "group", "aria-label": texts.say("languageLabel") }, tongues),
  );
}

/** Buttons of a message that can no longer be pressed stay readable; `chosen` is the payload that was pressed, if any. */
export function retire(row, texts, chosen) {
  const group = row.querySelector(".choices");
  if (!group || group.dataset.retired) return;
  group.dataset.retired = "yes";
  group.setAttribute("aria-label", texts.say("choicesOld"));
  for (const button of group.querySelectorAll("button")) {
    button.disabled = true;
    if (chosen !== undefined && button.dataset.payload === chosen) {
      button.classList.add("chosen");
      button.prepend(icon("check"));
      button.append(h("span", { class: "visually-hidden" }, ` (${texts.say("chosen")})`));
    }
  }
}

/** Undo `retire` when the press was refused. */
export function revive(row, texts) {
  const group = row.querySelector(".choices");
  if (!group) return;
  delete group.dataset.retired;
  group.setAttribute("aria-label", texts.say("choices"));
  for (const button of group.querySelectorAll("button")) {
    button.disabled = false;
    button.classList.remove("chosen");
    button.querySelector(".icon")?.remove();
    button.querySelector(".visually-hidden")?.remove();
  }
}

function speaker(message, texts) {
  if (message.from !== "agent") return texts.say(message.from === "system" ? "system" : "bot");
  const name = message.meta?.agent;
  return name ? texts.say("agentNamed", { name }) : texts.say("agent");
}

function kindLine(kind, meta, texts) {
  if (!KIND_ICONS[kind]) return null;
  const picture = kind === "status" ? (STATE_ICONS[meta.state] ?? KIND_ICONS.status) : KIND_ICONS[kind];
  return h("p", { class: "kind" }, icon(picture), h("span", {}, texts.say(`kind_${kind}`)));
}

function stepLine(step, texts) {
  if (!step || !(step.of > 0)) return null;
  const bar = h("div", {
    class: "bar",
    role: "progressbar",
    "aria-label": texts.say("stepLabel", step),
    "aria-valuemin": 0,
    "aria-valuemax": step.of,
    "aria-valuenow": Math.min(step.n, step.of),
    "aria-valuetext": texts.say("step", step),
  });
  bar.style.setProperty("--part", `${Math.min(100, (100 * step.n) / step.of)}%`);
  return h("div", { class: "step" }, h("span", {}, texts.say("step", step)), bar);
}

function numberBox(number, name, texts) {
  if (!number) return null;
  const label = h("span", { "aria-live": "polite" }, texts.say("copy"));
  const button = h("button", { type: "button", class: "small" }, icon("copy"), label);
  button.addEventListener("click", async () => {
    label.textContent = texts.say((await copyText(number, button.getRootNode())) ? "copied" : "copyFailed");
    setTimeout(() => (label.textContent = texts.say("copy")), 3000);
  });
  return h(
    "div",
    { class: "number" },
    h("div", {}, h("p", { class: "number-label" }, texts.say(name)), h("p", { class: "number-value" }, number)),
    button,
  );
}

function fileButton(file, texts, actions) {
  const note = h("span", { class: "file-note", "aria-live": "polite" }, texts.size(file.size ?? 0));
  const button = h(
    "button",
    { type: "button", class: "file", onclick: () => actions.download(file, (key) => (note.textContent = texts.say(key))) },
    icon("download"),
    h("span", { class: "file-name" }, texts.say("download", { name: file.name })),
    note,
  );
  return button;
}

/** At a self-service point nothing is downloaded: it would stay for the next person. */
function fileLine(file, texts) {
  return h("p", { class: "own-file" }, icon("file"), h("span", { class: "file-name" }, texts.say("kioskFile", { name: file.name })));
}

function ownFile(file, texts) {
  return h(
    "div",
    { class: "own-file" },
    file.picture ?? icon("file"),
    h("span", { class: "file-name" }, texts.say("file", { name: file.name })),
    file.size > 0 && h("span", { class: "file-note" }, texts.size(file.size)),
  );
}

function choices(message, texts, actions) {
  if (!message.buttons?.length) return null;
  return h(
    "div",
    { class: "choices", role: "group", "aria-label": texts.say("choices") },
    message.buttons.map((button) =>
      h("button", { type: "button", class: "choice", "data-payload": button.payload, onclick: () => actions.press(message, button) }, button.title),
    ),
  );
}

function showProgress(box, own, texts, actions) {
  const percent = Math.round((own.progress ?? 0) * 100);
  box.hidden = false;
  if (!box.querySelector(".bar")) {
    const label = texts.say("uploadLabel", { name: own.file?.name ?? "" });
    box.replaceChildren(
      h("p", { class: "percent" }),
      h("div", { class: "bar", role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100 }),
      h("button", { type: "button", class: "small", onclick: () => actions.cancel(own.client_id) }, icon("close"), texts.say("cancel")),
    );
  }
  const bar = box.querySelector(".bar");
  bar.setAttribute("aria-valuenow", String(percent));
  bar.style.setProperty("--part", `${percent}%`);
  box.querySelector(".percent").textContent = texts.say("uploading", { percent });
}

function stamp(at, texts) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : h("time", { datetime: date.toISOString() }, texts.time(date));
}
