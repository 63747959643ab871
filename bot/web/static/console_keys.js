/* Keys and commands of the console, where people coming from Chatwoot look for them; settings of this browser. */
"use strict";
(() => {
  const { $, root, talk, list, pref, openTicket, toList, toView, pane, setMode } = loket;
  const palette = $("palette");
  const keys = $("keys");
  let commands = [];
  let chosen = 0;

  const press = (key) => {
    const found = document.querySelector(`[data-key="${key}"]`);
    if (!found) return false;
    if (found.matches("summary")) {
      found.parentElement.open = !found.parentElement.open;
      found.parentElement.querySelector("select, button, input:not([type=hidden])")?.focus();
    } else found.click();
    return true;
  };

  function step(by) {
    const links = [...list().querySelectorAll(".c-row > a")];
    if (!links.length) return;
    const at = links.findIndex((link) => link.getAttribute("aria-current"));
    const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
    if (next) openTicket(next.getAttribute("href"));
  }

  async function resolveAndNext() {
    const links = [...list().querySelectorAll(".c-row > a")];
    const at = links.findIndex((link) => link.getAttribute("aria-current"));
    const next = (links[at + 1] ?? links[at - 1])?.getAttribute("href");
    if (!$("resolve")) return;
    const go = () => { if (next && talk()?.dataset.state === "closed") openTicket(next); };
    document.addEventListener("loket-opened", go, { once: true });
    $("resolve").click();
  }

  function nextView() {
    const links = [...document.querySelectorAll("#views a")];
    const at = links.findIndex((link) => link.getAttribute("aria-current"));
    if (links.length) toView(links[(at + 1) % links.length].getAttribute("href"));
  }

  // Chatwoot: app/javascript/dashboard/components/widgets/modal/constants.js. Alt+A, Alt+Shift+A and Alt+F are ours.
  const ALT = {
    KeyJ: () => step(1),
    KeyK: () => step(-1),
    KeyN: nextView,
    KeyC: () => toList(),
    KeyL: () => setMode("reply"),
    KeyP: () => setMode("note"),
    KeyE: () => press("resolve"),
    KeyM: () => press("snooze"),
    KeyO: () => $("to-case")?.click(),
    KeyA: () => press("claim"),
    KeyF: () => { pane("list"); $("q").focus(); },
  };

  document.addEventListener("keydown", (event) => {
    const mod = event.ctrlKey || event.metaKey;
    if (event.isComposing || !pref("keys", true)) return;
    const act = (what) => { event.preventDefault(); what(); };
    if (mod && !event.altKey && event.code === "KeyK") return act(openPalette);
    if (mod && !event.altKey && event.key === "/") return act(help);
    if (mod && event.altKey && event.code === "KeyE") return act(resolveAndNext);
    if (mod && event.altKey && event.code === "KeyA") return act(() => $("attach")?.click());
    if (event.altKey && event.shiftKey && event.code === "KeyA") return act(() => press("claim_next"));
    // AltGr types letters on many keyboards: it is no Alt.
    if (event.altKey && !mod && !event.shiftKey && !event.getModifierState("AltGraph") && ALT[event.code]) return act(ALT[event.code]);
    if (event.key === "Escape") return escape();
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "?" && !typing && !mod && !event.altKey) act(help);
  });

  function escape() {
    const menu = document.querySelector("details.c-menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (root.dataset.pane === "case") pane("talk");
  }

  const help = () => { if (!keys.open) keys.showModal(); };
  for (const button of document.querySelectorAll("[data-open=keys]")) button.addEventListener("click", help);
  document.addEventListener("click", (event) => { if (event.target.closest("[data-open=keys]")) help(); });

  // -- the palette --------------------------------------------------------------------------------------------------

  function gather() {
    const found = [...document.querySelectorAll("[data-command]")].filter((one) => one.offsetParent !== null || one.closest("details"));
    const acts = found.map((one) => ({ label: one.dataset.command, act: () => (one.matches("summary") ? press(one.dataset.key) : one.click()) }));
    const views = [...document.querySelectorAll("#views a")].map((one) => ({ label: one.textContent.trim().replace(/\s+/g, " "), act: () => toView(one.getAttribute("href")) }));
    const pages = [...document.querySelectorAll(".top nav a, .c-links a[href='/staff/canned']")].map((one) => ({ label: one.textContent.trim(), act: () => location.assign(one.href) }));
    return [...acts, ...views, ...pages, { label: $("h-keys").textContent, act: help }];
  }

  function openPalette() {
    if (palette.open) return;
    commands = gather();
    const box = $("palette-q");
    box.value = "";
    palette.showModal();
    filter();
    box.focus();
  }

  function filter() {
    const query = $("palette-q").value.trim();
    const low = query.toLowerCase();
    const shown = commands.filter((one) => one.label.toLowerCase().includes(low));
    if (query) shown.push({ label: $("palette-q").dataset.search.replace("{query}", query), act: () => location.assign(`/staff/?q=${encodeURIComponent(query)}`) });
    $("palette-list").replaceChildren(...shown.map((one, i) => {
      const item = document.createElement("li");
      item.role = "option";
      item.id = `command-${i}`;
      item.textContent = one.label;
      item.addEventListener("click", () => run(one));
      return item;
    }));
    $("palette-list").shown = shown;
    choose(0);
  }

  function choose(i) {
    const items = [...$("palette-list").children];
    if (!items.length) return;
    chosen = (i + items.length) % items.length;
    items.forEach((item, n) => item.setAttribute("aria-selected", String(n === chosen)));
    items[chosen].scrollIntoView({ block: "nearest" });
    $("palette-q").setAttribute("aria-activedescendant", items[chosen].id);
  }

  function run(command) {
    palette.close();
    command.act();
  }

  $("palette-q").addEventListener("input", filter);
  $("palette-q").addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const command = $("palette-list").shown[chosen];
      if (command) run(command);
    }
  });
  for (const dialog of [palette, keys]) dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  // -- settings of this browser -------------------------------------------------------------------------------------

  function showPrefs() {
    for (const box of document.querySelectorAll("[data-pref]")) box.checked = pref(box.dataset.pref, box.dataset.pref === "keys");
  }
  document.addEventListener("change", async (event) => {
    const box = event.target;
    if (!box.dataset?.pref) return;
    localStorage.setItem(`loket-${box.dataset.pref}`, String(box.checked));
    if (box.dataset.pref === "desktop" && box.checked && window.Notification) {
      const granted = (await Notification.requestPermission()) === "granted";
      $("pref-denied").hidden = granted;
      if (!granted) { box.checked = false; localStorage.setItem("loket-desktop", "false"); }
    }
    if (box.dataset.pref === "enter") document.dispatchEvent(new CustomEvent("loket-opened"));
  });
  document.addEventListener("htmx:after:swap", showPrefs);
  showPrefs();
})();
