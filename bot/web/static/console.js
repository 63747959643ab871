/* The console: list, thread and case follow one event stream. The pages work without this file. What is typed, and what keys do:
 * console_write.js, console_keys.js. */
"use strict";
const loket = (() => {
  const root = document.getElementById("console");
  const $ = (id) => document.getElementById(id);
  const title = document.title;
  const HEARTBEAT_MS = 20_000;
  let source = null;
  let unseen = 0;

  const talk = () => $("talk");
  const list = () => $("rows");
  const say = (words) => { $("said").textContent = words; };
  const pref = (name, fallback = false) => JSON.parse(localStorage.getItem(`loket-${name}`) ?? String(fallback));

  /** Fetch a part and put it in place; the answer to what went wrong is shown by htmx. */
  const fetchPart = (path, target, swap = "innerHTML") => htmx.ajax("GET", path, { target, swap });

  // -- the stream ---------------------------------------------------------------------------------------------------

  function address() {
    const query = new URLSearchParams({ view: list().dataset.view });
    if (list().dataset.label) query.set("label", list().dataset.label);
    if (talk()) {
      query.set("ticket", talk().dataset.ticket);
      query.set("after", talk().dataset.last);
    }
    return `/staff/console/events?${query}`;
  }

  function listen() {
    source?.close();
    const mine = new EventSource(address());
    source = mine;
    const on = (name, act) => mine.addEventListener(name, (event) => { if (mine === source) act(JSON.parse(event.data)); });
    mine.addEventListener("open", () => { $("offline").hidden = true; });
    mine.addEventListener("error", () => {
      if (mine !== source) return;
      $("offline").hidden = false;
      // The browser does not try a refused stream again (signed out, the ticket went elsewhere): a part says why.
      if (mine.readyState === EventSource.CLOSED) {
        setTimeout(() => { if (mine === source) refreshList().then(listen, () => setTimeout(listen, 15_000)); }, 5000);
      }
    });
    on("hello", (data) => { if (!list().dataset.query && data.rev !== list().dataset.rev) refreshList(); });
    on("rows", rows);
    on("lines", lines);
    on("erased", (data) => { if (isOpen(data.ticket)) location.reload(); });
    on("ticks", ticks);
    on("state", state);
    on("case", (data) => { if (isOpen(data.ticket)) refreshForm(); });
    on("presence", (data) => { if (isOpen(data.ticket)) $("presence").textContent = data.words.join(" · "); });
    on("alert", alerted);
  }

  const isOpen = (ticket) => talk()?.dataset.ticket === ticket;

  // -- the list -----------------------------------------------------------------------------------------------------

  function refreshList() {
    const query = new URLSearchParams({ view: list().dataset.view, limit: Math.max(60, list().childElementCount) });
    if (list().dataset.label) query.set("label", list().dataset.label);
    if (list().dataset.query) query.set("q", list().dataset.query);
    return fetchPart(`/staff/?${query}`, "#list");
  }

  function rows(data) {
    for (const [view, n] of Object.entries(data.counts)) {
      for (const count of document.querySelectorAll(`[data-count="${view}"]`)) if (count.textContent !== String(n)) count.textContent = n;
    }
    if (list().dataset.query) return;
    for (const id of data.gone) $(`t${id}`)?.remove();
    for (const row of data.rows) put(row);
    $("rows-none").hidden = list().childElementCount > 0;
    mark();
  }

  /** One row into its place by its key; what would stand below the last one shown is there once more is asked for. */
  function put(row) {
    const old = $(`t${row.id}`);
    const held = old?.contains(document.activeElement);
    const holder = document.createElement("template");
    holder.innerHTML = row.html.trim();
    const fresh = holder.content.firstElementChild;
    const others = [...list().children].filter((one) => one !== old);
    const next = others.find((one) => one.dataset.sort > row.sort);
    if (!next && $("more-rows") && !old) return;
    old?.remove();
    list().insertBefore(fresh, next ?? null);
    if (held) fresh.querySelector("a").focus({ preventScroll: true });
  }

  /** Which row is open. */
  function mark() {
    for (const row of list().children) {
      const link = row.querySelector("a");
      if (talk() && row.dataset.id === talk().dataset.ticket) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  // -- the thread ---------------------------------------------------------------------------------------------------

  const atEnd = () => { const box = $("scroll"); return box.scrollHeight - box.scrollTop - box.clientHeight < 120; };
  const toEnd = () => { const box = $("scroll"); if (box) box.scrollTop = box.scrollHeight; };

  function lines(data) {
    if (!isOpen(data.ticket)) return;
    const follow = atEnd();
    const holder = document.createElement("template");
    holder.innerHTML = data.html;
    for (const line of [...holder.content.children]) {
      const old = $(line.id);
      if (old) old.replaceWith(line);
      else $("thread").append(line);
      htmx.process(line);
    }
    seen(data.last);
    if (follow) toEnd();
    else $("below").hidden = false;
  }

  /** Messages of ours that came further: their lines anew, where they stand. */
  function ticks(data) {
    if (!isOpen(data.ticket)) return;
    const follow = atEnd();
    const holder = document.createElement("template");
    holder.innerHTML = data.html;
    for (const line of [...holder.content.children]) {
      const old = $(line.id);
      if (!old || old.contains(document.activeElement)) continue;
      old.replaceWith(line);
      htmx.process(line);
    }
    if (follow) toEnd();
  }

  /** The last line on this screen: an answer is stopped when a colleague's came after it. */
  function seen(last) {
    const open = talk();
    if (!open || Number(last) < Number(open.dataset.last)) return;
    open.dataset.last = last;
    for (const input of document.querySelectorAll("input.seen")) input.value = last;
  }

  let acting = 0;
  async function state(data) {
    // What one does oneself is shown by its answer.
    if (!isOpen(data.ticket) || acting) return;
    const was = talk().dataset.state;
    talk().dataset.state = data.stands;
    if (was === data.stands) {
      if ($("head").querySelector("details[open]")) {
        // Somebody is choosing in a menu: it stays as it is.
        const holder = document.createElement("template");
        holder.innerHTML = data.html;
        $("state").replaceWith(holder.content.querySelector("#state"));
      } else {
        $("head").innerHTML = data.html;
        htmx.process($("head"));
      }
      if ($("lease")) $("lease").value = data.lease;
      seen(talk().dataset.last);
      return;
    }
    // It changed hands: the box is another one, too. What stands in it is a draft, and comes back.
    await openTicket(location.pathname + location.search, { push: false, focus: false });
  }

  async function earlier(link) {
    if (link.dataset.asked) return;
    link.dataset.asked = "1";
    const box = $("scroll");
    const before = box.scrollHeight - box.scrollTop;
    const response = await fetch(link.dataset.part, { headers: { "HX-Request": "true" } });
    if (!response.ok) { location.assign(link.href); return; }
    const holder = document.createElement("template");
    holder.innerHTML = await response.text();
    const fresh = [...holder.content.querySelectorAll("ol > li")];
    $("older").replaceWith(holder.content.querySelector("#older"));
    $("thread").prepend(...fresh);
    for (const line of fresh) htmx.process(line);
    box.scrollTop = box.scrollHeight - before;
    (fresh[0] ?? box).scrollIntoView?.({ block: "nearest" });
    box.focus({ preventScroll: true });
  }

  let formTimer = 0;
  function refreshForm() {
    clearTimeout(formTimer);
    formTimer = setTimeout(() => {
      const form = $("form");
      // Not under somebody's hands.
      if (!form || form.contains(document.activeElement)) return;
      fetchPart(form.dataset.part, "#form");
    }, 600);
  }

  // -- moving about -------------------------------------------------------------------------------------------------

  function pane(name) {
    root.dataset.pane = name;
    if (name === "talk") toEnd();
  }

  async function openTicket(path, { push = true, focus = true } = {}) {
    await fetchPart(path, "#pane");
    if (push) history.pushState({ loket: true }, "", path);
    document.title = talk() ? `${talk().dataset.number} · ${title.split(" · ").slice(1).join(" · ")}` : title;
    opened(focus);
  }

  /** A conversation was put on the screen. */
  function opened(focus) {
    pane("talk");
    mark();
    listen();
    toEnd();
    beat();
    document.dispatchEvent(new CustomEvent("loket-opened"));
    if (!focus) return;
    const box = $("text");
    (box && !box.readOnly && !matchMedia("(max-width: 47.99rem)").matches ? box : $("h-talk"))?.focus({ preventScroll: true });
  }

  function toList({ push = true } = {}) {
    pane("list");
    if (push) history.pushState({ loket: true }, "", `/staff/?view=${list().dataset.view}`);
    const open = talk() && $(`t${talk().dataset.ticket}`);
    (open?.querySelector("a") ?? list().querySelector("a") ?? $("q"))?.focus();
  }

  async function toView(path) {
    await fetchPart(path, "#list");
    if (!talk() || matchMedia("(max-width: 47.99rem)").matches) history.replaceState({ loket: true }, "", path);
    mark();
    listen();
    document.querySelector('#views [aria-current="true"]')?.focus();
  }

  const plain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (event.target.closest("#below")) { toEnd(); $("below").hidden = true; return; }
    if (!link || !plain(event) || !window.htmx) return;
    const go = (act) => { event.preventDefault(); act(); };
    if (link.closest("#rows")) go(() => openTicket(link.getAttribute("href")));
    else if (link.closest("#views") || link.id === "more-rows" || link.matches(".c-labels a, .c-list-head .hint a")) go(() => toView(link.getAttribute("href")));
    else if (link.id === "earlier") go(() => earlier(link));
    else if (link.id === "back") go(() => toList());
    else if (link.id === "to-case") go(() => { pane(root.dataset.pane === "case" ? "talk" : "case"); });
    else if (link.id === "from-case") go(() => pane("talk"));
  });
  window.addEventListener("popstate", () => {
    if (location.pathname.startsWith("/staff/tickets/")) openTicket(location.pathname + location.search, { push: false });
    else toList({ push: false });
  });
  document.addEventListener("scroll", (event) => {
    if (event.target.id !== "scroll") return;
    if (atEnd()) $("below").hidden = true;
    if (event.target.scrollTop < 40 && event.target.dataset.moved) $("earlier")?.click();
    event.target.dataset.moved = "1";
  }, true);
  // Menus are closed by a click elsewhere, by Esc, and when another one opens.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.c-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  // -- what htmx brought --------------------------------------------------------------------------------------------

  document.addEventListener("htmx:after:swap", (event) => {
    const to = event.detail?.ctx?.target;
    const target = typeof to === "string" ? to.replace("#", "") : to?.id;
    for (const shown of document.querySelectorAll("[data-gone]")) {
      const gone = Number(shown.dataset.gone);
      delete shown.dataset.gone;
      if (gone) setTimeout(() => shown.remove(), gone * 1000);
    }
    if (target === "pane" && talk()) {
      mark();
      listen();
      toEnd();
      document.dispatchEvent(new CustomEvent("loket-opened"));
      const problem = document.querySelector("#reply-problem");
      if (problem) $("text")?.focus({ preventScroll: true });
    } else if (target === "list") mark();
  });

  const posts = (event) => event.detail?.ctx?.request?.method === "POST";
  document.addEventListener("htmx:before:request", (event) => { if (posts(event)) acting += 1; });
  document.addEventListener("htmx:finally:request", (event) => { if (posts(event)) acting = Math.max(0, acting - 1); });

  // -- signs of life ------------------------------------------------------------------------------------------------

  function post(path, values) {
    const body = new URLSearchParams({ csrf: root.dataset.csrf, ...values });
    // This header: being open does not prolong a session, being used does.
    return fetch(path, { method: "POST", body, headers: { Accept: "text/event-stream", "HX-Request": "true" }, keepalive: true });
  }

  async function beat(typing = false) {
    try {
      const response = await post("/staff/console/alive", { ticket: talk()?.dataset.ticket ?? "", typing: typing ? "1" : "0" });
      if (response.status === 401) fetchPart(location.pathname + location.search, "#pane");
    } catch { /* the stream says that the connection is lost */ }
  }

  // -- notices ------------------------------------------------------------------------------------------------------

  function beep() {
    const Audio = window.AudioContext;
    if (!Audio) return;
    const context = new Audio();
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = 740;
    volume.gain.setValueAtTime(0.12, context.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.35);
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + 0.35);
    tone.onended = () => context.close();
  }

  function alerted(data) {
    if (data.kind === "message" && isOpen(data.ticket) && !document.hidden && document.hasFocus()) return;
    if (pref("sound")) beep();
    if (document.hidden) document.title = `(${(unseen += 1)}) ${title}`;
    if (pref("desktop") && window.Notification?.permission === "granted" && document.hidden) {
      // No name and no words of a citizen on a screen that others may see.
      const notice = new Notification("Loket", { body: data.title, tag: data.ticket, icon: "/staff/assets/loket.svg" });
      notice.onclick = () => { window.focus(); notice.close(); openTicket(`/staff/tickets/${data.ticket}`); };
    }
    if (data.kind !== "message") say(data.title);
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unseen = 0;
    document.title = document.title.replace(/^\(\d+\) /, "");
    beat();
  });

  // -- times that go on ---------------------------------------------------------------------------------------------

  const UNITS = { id: ["menit", "jam", "hari", "baru saja"], en: ["min", "h", "d", "just now"] };
  function waited(seconds) {
    const [minute, hour, day, now] = UNITS[document.documentElement.lang] ?? UNITS.id;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 1) return now;
    if (minutes < 60) return `${minutes} ${minute}`;
    if (minutes < 1440) return `${Math.floor(minutes / 60)} ${hour}${minutes % 60 ? ` ${minutes % 60} ${minute}` : ""}`;
    return `${Math.floor(minutes / 1440)} ${day}`;
  }
  const offset = Number(root.dataset.now) * 1000 - Date.now();
  function tick() {
    for (const one of document.querySelectorAll("[data-since]")) {
      one.textContent = waited((Date.now() + offset) / 1000 - Number(one.dataset.since));
    }
  }

  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  setInterval(beat, HEARTBEAT_MS);
  setInterval(tick, 30_000);
  if (window.htmx) { listen(); mark(); beat(); }
  toEnd();

  return { $, root, talk, list, say, pref, openTicket, toList, toView, pane, beat, refreshList, toEnd };
})();
