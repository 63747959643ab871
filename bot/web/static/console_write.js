/* The box of the console: drafts, canned answers after "/", colleagues after "@", files, Enter. */
"use strict";
(() => {
  const { $, root, talk, pref, beat, drafts } = loket;
  const TYPING_EVERY_MS = 3000;
  let canned = { ticket: "", rows: [] };
  let options = [];
  let chosen = 0;
  let from = 0;
  let typed = 0;

  const mode = () => $("composer")?.dataset.mode ?? "reply";
  const box = () => (mode() === "note" ? $("note") : $("text"));
  const draft = (which) => drafts.get(talk()?.dataset.ticket, which);

  // -- drafts -------------------------------------------------------------------------------------------------------

  function keep(area) {
    drafts.put(talk().dataset.ticket, area.id === "note" ? "note" : "reply", area.value);
    $("draft-kept").hidden = !area.value.trim();
  }

  function restore() {
    if (!talk() || !$("composer")) return;
    for (const [id, which] of [["text", "reply"], ["note", "note"]]) {
      const area = $(id);
      if (draft(which) && !area.value) area.value = draft(which);
      if (area.value && id === "text") area.hidden = false;
      grow(area);
    }
    if (draft("note") && !$("text").value) setMode("note", false);
    $("draft-kept").hidden = !box().value.trim();
    $("send-keys")?.replaceChildren(pref("enter") ? "Enter" : "Ctrl+Enter");
    $("composer").classList.add("ready");
  }

  /** Where the style sheet cannot (`field-sizing`); never by a style of its own, which the policy forbids htmx to carry over. */
  function grow(area) {
    area.rows = Math.min(8, Math.max(2, area.value.split("\n").length));
  }

  document.addEventListener("loket-opened", restore);
  document.addEventListener("loket-drafts", restore);
  // The box that comes back after sending is a new one: only what was sent is forgotten.
  document.addEventListener("loket-sent", () => {
    drafts.remove(talk()?.dataset.ticket, "reply");
    restore();
    $("text")?.focus({ preventScroll: true });
    loket.toEnd();
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail ?? {};
    if (ctx?.request?.method === "POST" && /\/note$/.test(ctx.request.action ?? "") && ctx.response?.status === 200) {
      drafts.remove(talk()?.dataset.ticket, "note");
    }
  });

  // -- reply or note ------------------------------------------------------------------------------------------------

  function setMode(which, focus = true) {
    const composer = $("composer");
    if (!composer) return;
    composer.dataset.mode = which;
    for (const button of composer.querySelectorAll(".c-mode")) button.setAttribute("aria-pressed", String(button.dataset.mode === which));
    close();
    $("draft-kept").hidden = !box().value.trim();
    if (focus) box().focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".c-mode");
    if (button) setMode(button.dataset.mode);
    if (event.target.closest("#open-canned")) { box().focus(); insert("/"); look(); }
    const option = event.target.closest("#pick [role=option]");
    if (option) { chosen = [...$("pick").children].indexOf(option); take(); }
  });

  // -- canned answers and colleagues --------------------------------------------------------------------------------

  function insert(text) {
    const area = box();
    const at = area.selectionStart;
    const gap = at && !/\s$/.test(area.value.slice(0, at)) ? " " : "";
    area.setRangeText(gap + text, at, area.selectionEnd, "end");
    keep(area);
  }

  /** Asked for once per conversation. */
  function cannedRows() {
    if (canned.ticket !== talk().dataset.ticket) {
      const asked = fetch($("open-canned").dataset.source, { headers: { "HX-Request": "true" } });
      canned = { ticket: talk().dataset.ticket, rows: asked.then((answer) => (answer.ok ? answer.json() : [])).catch(() => []) };
    }
    return canned.rows;
  }

  function people() {
    return [...document.querySelectorAll("#to option[value^='agent:']")].map((one) => ({ name: one.textContent, value: one.value.slice(6) }));
  }

  /** What stands before the caret: "/word" in an answer, "@word" in a note. */
  async function look() {
    const area = box();
    const before = area.value.slice(0, area.selectionStart);
    const sign = mode() === "note" ? "@" : "/";
    const found = before.match(sign === "/" ? /(?:^|\s)\/([\w-]*)$/ : /(?:^|[\s(])@([\w.-]*)$/);
    if (!found || (sign === "/" && !$("open-canned"))) return close();
    const word = found[1].toLowerCase();
    from = before.length - found[1].length - 1;
    if (sign === "@") {
      options = people().filter((one) => one.value.startsWith(word) || one.name.toLowerCase().includes(word)).map((one) => ({ label: `@${one.value}`, more: one.name, text: `@${one.value} ` }));
    } else {
      const rows = await cannedRows();
      const fits = (row) => row.shortcut.includes(word) || (word.length > 2 && row.text.toLowerCase().includes(word));
      const first = (row) => (row.shortcut.startsWith(word) ? 0 : 1);
      options = rows.filter(fits).sort((a, b) => first(a) - first(b)).map((row) => ({ label: `/${row.shortcut}`, more: row.text, text: row.text, tongue: row.language }));
    }
    chosen = 0;
    show(options.slice(0, 12));
  }

  function show(rows) {
    options = rows;
    const pick = $("pick");
    if (!rows.length) return close();
    pick.replaceChildren(...rows.map((row, i) => {
      const item = document.createElement("li");
      item.role = "option";
      item.id = `pick-${i}`;
      const label = document.createElement("strong");
      label.textContent = row.label;
      const more = document.createElement("span");
      more.textContent = ` ${row.more}`;
      if (row.tongue) more.lang = row.tongue;
      item.append(label, more);
      return item;
    }));
    pick.hidden = false;
    choose(0);
  }

  function choose(i) {
    const items = [...$("pick").children];
    chosen = (i + items.length) % items.length;
    items.forEach((item, n) => item.setAttribute("aria-selected", String(n === chosen)));
    items[chosen].scrollIntoView({ block: "nearest" });
    box().setAttribute("aria-controls", "pick");
    box().setAttribute("aria-activedescendant", items[chosen].id);
  }

  function take() {
    const area = box();
    area.setRangeText(options[chosen].text, from, area.selectionStart, "end");
    close();
    keep(area);
    grow(area);
    area.focus();
  }

  function close() {
    const pick = $("pick");
    if (!pick || pick.hidden) return;
    pick.hidden = true;
    pick.replaceChildren();
    for (const id of ["text", "note"]) $(id)?.removeAttribute("aria-activedescendant");
  }

  // -- typing -------------------------------------------------------------------------------------------------------

  document.addEventListener("input", (event) => {
    const area = event.target;
    if (area.id !== "text" && area.id !== "note") return;
    keep(area);
    grow(area);
    look();
    if (area.id === "text" && area.value && Date.now() - typed > TYPING_EVERY_MS) {
      typed = Date.now();
      beat(true);
    }
  });

  document.addEventListener("keydown", (event) => {
    const area = event.target;
    if ((area.id !== "text" && area.id !== "note") || event.isComposing) return;
    const open = !$("pick").hidden;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (open && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      take();
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey || (pref("enter") && !event.shiftKey && !event.altKey))) {
      event.preventDefault();
      $(area.id === "note" ? "note-send" : "send")?.click();
    }
  }, true);

  document.addEventListener("htmx:before:request", () => { if ($("not-sent")) $("not-sent").hidden = true; });
  document.addEventListener("htmx:error", (event) => {
    if ($("not-sent") && event.detail?.ctx?.request?.method === "POST") $("not-sent").hidden = false;
  });
  window.addEventListener("beforeunload", (event) => { if ($("files")?.childElementCount) event.preventDefault(); });

  // -- files --------------------------------------------------------------------------------------------------------

  async function upload(file) {
    const input = $("attach");
    const body = new FormData();
    body.append("csrf", root.dataset.csrf);
    body.append("file", file, file.name);
    const problem = $("file-problem");
    problem.hidden = true;
    $("send").disabled = true;
    try {
      const response = await fetch(input.dataset.action, { method: "POST", body, headers: { "HX-Request": "true" } });
      const answer = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
      if (!response.ok) {
        if (answer.problem) problem.textContent = answer.problem;
        problem.hidden = false;
        return;
      }
      chip(answer, input.dataset.drop.replace("{name}", answer.name));
    } catch {
      problem.hidden = false;
    } finally {
      $("send").disabled = false;
    }
  }

  function chip(file, drop) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = `${file.name} (${file.kilobytes} kB)`;
    const id = document.createElement("input");
    Object.assign(id, { type: "hidden", name: "file", value: file.id });
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: "×", className: "quiet" });
    button.setAttribute("aria-label", drop);
    button.addEventListener("click", () => { item.remove(); $("files").hidden = !$("files").childElementCount; box().focus(); });
    item.append(name, id, button);
    $("files").append(item);
    $("files").hidden = false;
    box().focus();
  }

  document.addEventListener("change", (event) => {
    if (event.target.id !== "attach") return;
    for (const file of event.target.files) upload(file);
    event.target.value = "";
  });
  document.addEventListener("paste", (event) => {
    if (event.target.id !== "text" || !$("attach")) return;
    for (const file of event.clipboardData?.files ?? []) upload(file);
  });

  loket.setMode = setMode;
  restore();
})();
