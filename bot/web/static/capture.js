/**
 * The capture page: live camera, one small frame a second, each signed with the key this page got when it was started.
 * The server judges every frame and says in words what to do; nothing can be chosen from a gallery here.
 */

const box = document.getElementById("capture");
const texts = JSON.parse(box.dataset.texts);
const find = (id) => document.getElementById(id);
const [before, stage, view, task, hint, progress, button, arrow] = ["before", "stage", "view", "task", "hint", "progress", "start", "arrow"].map(find);
const LONGEST = 640;
const PAUSE_MS = 500;
const TIMEOUT_MS = 20_000;
const MOST_BYTES = 120_000;
/** Between two different hints, so that a screen reader can finish. */
const HINT_MS = 2_500;

let stream = null;
let session = null;
let seq = 0;
let step = 0;
let hintedAt = 0;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function say(text, urgent = false) {
  const now = performance.now();
  if (hint.textContent === text || (!urgent && now - hintedAt < HINT_MS && hint.textContent)) return;
  hint.textContent = text;
  hintedAt = now;
}

function showStep() {
  const name = session.steps[step];
  if (!name) {
    task.textContent = texts.checking;
    return;
  }
  progress.textContent = texts.progress.replace("{n}", step + 1).replace("{of}", session.steps.length);
  task.textContent = texts[`step.${name}`];
  arrow.dataset.side = name;
}

/** A request that is repeated while the network is away; only an answer of the server ends it. */
async function call(make) {
  for (let tries = 0; ; tries += 1) {
    const slow = setTimeout(() => say(texts.slow, true), 4_000);
    try {
      const { path, ...request } = await make();
      const headers = { "Accept-Language": document.documentElement.lang, ...request.headers };
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(`${location.pathname}/${path}`, { method: "POST", cache: "no-store", signal, ...request, headers });
      if (response.status < 500) return { ok: response.ok, ...(await response.json()) };
    } catch {
      // Lost on the way, there or back: the next try has a new number.
    } finally {
      clearTimeout(slow);
    }
    say(texts.offline, true);
    await wait(Math.min(500 * 2 ** tries, 5_000));
  }
}

async function openCamera() {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia || !crypto.subtle) {
    say(texts.unsupported, true);
    return false;
  }
  say(texts.asking, true);
  try {
    const size = { width: { ideal: 1280 }, height: { ideal: 960 } };
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "user", ...size } });
    view.srcObject = stream;
    view.muted = true;
    await view.play();
    return true;
  } catch (error) {
    say(error?.name === "NotAllowedError" ? texts.denied : texts.missing, true);
    return false;
  }
}

/** What the camera sees now, not mirrored, as a small JPEG. */
async function takeFrame() {
  const scale = Math.min(1, LONGEST / Math.max(view.videoWidth, view.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(view.videoWidth * scale);
  canvas.height = Math.round(view.videoHeight * scale);
  canvas.getContext("2d").drawImage(view, 0, 0, canvas.width, canvas.height);
  for (const quality of [0.85, 0.7, 0.5]) {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (blob && blob.size <= MOST_BYTES) return blob.arrayBuffer();
  }
  return null;
}

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function signed(frame) {
  seq += 1;
  const digest = hex(await crypto.subtle.digest("SHA-256", frame));
  const message = new TextEncoder().encode(`${seq}\n${step}\n${digest}`);
  const signature = hex(await crypto.subtle.sign("HMAC", session.key, message));
  return { path: "frames", body: frame, headers: { "Content-Type": "image/jpeg", "X-Seq": seq, "X-Step": step, "X-Signature": signature } };
}

async function begin() {
  const answer = await call(async () => ({ path: "start" }));
  if (!answer.ok) return end(answer.hint);
  const raw = Uint8Array.from(atob(answer.key), (letter) => letter.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  session = { key, steps: answer.steps, until: performance.now() + answer.seconds * 1000 };
  return run();
}

async function run() {
  hint.textContent = "";
  showStep();
  for (;;) {
    const frame = document.hidden ? null : await takeFrame();
    if (frame) {
      const answer = await call(() => signed(frame));
      if (!answer.ok || answer.end) return end(answer.hint);
      if (answer.step > step) await good(answer.step);
      else if (answer.hint) say(answer.hint);
    }
    await wait(PAUSE_MS);
  }
}

async function good(next) {
  step = next;
  view.parentElement.classList.add("good");
  hint.textContent = texts.good;
  hintedAt = performance.now();
  navigator.vibrate?.(60);
  await wait(600);
  view.parentElement.classList.remove("good");
  showStep();
}

function end(said) {
  stream?.getTracks().forEach((track) => track.stop());
  stage.hidden = true;
  button.hidden = true;
  before.hidden = true;
  task.textContent = said;
  hint.textContent = texts.back;
  box.dataset.ended = "1";
}

button.addEventListener("click", async () => {
  button.disabled = true;
  if (await openCamera()) {
    before.hidden = true;
    stage.hidden = false;
    button.hidden = true;
    if (session) await run();
    else await begin();
  } else {
    button.disabled = false;
    button.textContent = texts.again;
    button.focus();
  }
});
