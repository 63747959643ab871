/**
 * The self-service page: "I am here" without losing the chat, the answer goes away by itself, and a scanner that types is heard
 * wherever the focus is.
 */

const SHOWN_MS = 20_000;
const SCAN_GAP_MS = 60;
const SCAN_LEAST = 6;

const section = document.querySelector("#hadir");
let timer = 0;

/** Put the section of another version of this page in place of ours. */
function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html").querySelector("#hadir");
  if (!next) return;
  section.replaceChildren(...next.childNodes);
  clearTimeout(timer);
  if (!section.querySelector("form")) timer = setTimeout(reset, SHOWN_MS);
}

async function reset() {
  clearTimeout(timer);
  try {
    show(await (await fetch(location.pathname === "/kios" ? location.href : "/kios", { cache: "no-store" })).text());
  } catch {
    timer = setTimeout(reset, SHOWN_MS);
  }
}

async function send(form) {
  const body = new URLSearchParams(new FormData(form));
  form.querySelector("input").value = "";
  try {
    show(await (await fetch(form.action, { method: "POST", body, cache: "no-store" })).text());
  } catch {
    form.submit();
  }
}

section.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target);
});
section.addEventListener("click", (event) => {
  if (!event.target.closest(".kiosk-back")) return;
  event.preventDefault();
  reset();
});

// A scanner is a keyboard that types fast and ends with Enter.
let typed = "";
let last = 0;
document.addEventListener("keydown", (event) => {
  const inside = event.composedPath()[0];
  if (inside instanceof HTMLInputElement || inside instanceof HTMLTextAreaElement) return;
  const now = event.timeStamp;
  if (now - last > SCAN_GAP_MS) typed = "";
  last = now;
  if (event.key.length === 1) typed += event.key;
  else if (event.key === "Enter" && typed.length >= SCAN_LEAST) {
    event.preventDefault();
    const code = typed;
    typed = "";
    scanned(code);
  }
});

async function scanned(code) {
  if (!section.querySelector("form")) await reset();
  const form = section.querySelector("form");
  if (!form) return;
  form.querySelector("input").value = code;
  send(form);
}
