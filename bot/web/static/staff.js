/* The staff pages work without this file. With it they follow the news: an event says that something changed, the page
 * fetches the part that shows it, and what is being typed stays. */
"use strict";
(() => {
  const body = document.body;
  let busy = false;
  let again = false;

  /** Fetch what is new. Never twice at the same time: the second would bring the same entries again. */
  async function look() {
    if (!window.htmx) return;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      do {
        again = false;
        await fetchPart();
      } while (again);
    } finally {
      busy = false;
    }
  }

  async function fetchPart() {
    if (body.dataset.part) await htmx.ajax("GET", body.dataset.part, { target: body.dataset.target, swap: "innerMorph" });
  }

  function listen() {
    const source = new EventSource(body.dataset.events);
    const offline = document.getElementById("offline");
    source.addEventListener("open", () => { offline.hidden = true; });
    source.addEventListener("changed", look);
    source.addEventListener("error", () => {
      offline.hidden = false;
      // A refused stream (signed out) is not tried again by the browser; the fetch then says why.
      if (source.readyState === EventSource.CLOSED) {
        look();
        setTimeout(listen, 15000);
      }
    });
    window.addEventListener("pagehide", () => source.close(), { once: true });
  }

  // Where a row of sections is pushed aside (phones), the one that is open is in sight.
  for (const here of document.querySelectorAll("nav [aria-current=page]")) {
    const row = here.parentElement;
    if (row.scrollWidth > row.clientWidth) row.scrollLeft = here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2 - row.offsetLeft;
  }
  if (body.dataset.events) listen();
  if (body.dataset.every) setInterval(look, Number(body.dataset.every) * 1000);

  // -- the end of the session -----------------------------------------------------------------------------------------

  const me = document.querySelector("form.me");
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("loket-staff") : null;
  const ASK_EVERY_MS = 60_000;

  /** Nothing of what was shown stays in a tab whose session is over, and the server need not be there for it. */
  function over() {
    document.dispatchEvent(new Event("loket-leaves"));
    document.title = "Loket";
    body.replaceChildren();
    location.replace(`/staff/sign-in?to=${encodeURIComponent(location.pathname)}`);
  }

  function watch() {
    let ends = Date.now() + Number(me.dataset.idle) * 1000;
    setInterval(async () => {
      try {
        // Asked for as a stream is: looking whether the session lasts does not make it last.
        const answer = await fetch("/staff/session", { headers: { Accept: "text/event-stream" }, redirect: "manual" });
        if (answer.ok) ends = Date.now() + (await answer.json()).left_s * 1000;
        else if (answer.type === "opaqueredirect" || answer.status === 401) return over();
      } catch {
        // Out of reach: the end that is known holds.
      }
      if (Date.now() >= ends) over();
    }, ASK_EVERY_MS);
    tabs?.addEventListener("message", over);
  }

  /** Signing out leaves no unsent words in this browser, and other tabs hear of it at once. */
  document.addEventListener("submit", (event) => {
    if (event.target !== me) return;
    document.dispatchEvent(new Event("loket-leaves"));
    tabs?.postMessage("over");
    for (const key of Object.keys(localStorage)) if (key.startsWith("loket-draft|")) localStorage.removeItem(key);
  });
  if (me) watch();

  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
