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
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
