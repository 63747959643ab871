/* The staff pages work without this file. With it they follow the news: an event says that something changed, the page
 * fetches the part that shows it, and what is being typed stays. */
"use strict";
(() => {
  const body = document.body;
  const title = document.title;
  let busy = false;
  let again = false;

  const atEnd = () => window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 160;
  const toEnd = () => document.getElementById("end")?.scrollIntoView({ block: "nearest" });

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
    const news = document.getElementById("news");
    if (!news) {
      if (body.dataset.part) await htmx.ajax("GET", body.dataset.part, { target: body.dataset.target, swap: "innerMorph" });
      return;
    }
    const follow = atEnd();
    const before = document.getElementById("thread").childElementCount;
    await htmx.ajax("GET", news.dataset.part, { target: "#news", swap: "outerHTML" });
    if (document.getElementById("thread").childElementCount === before) return;
    if (follow) toEnd();
    if (document.hidden && body.dataset.news) document.title = `● ${body.dataset.news} · ${title}`;
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

  if (body.dataset.events) listen();
  if (body.dataset.every) setInterval(look, Number(body.dataset.every) * 1000);
  document.addEventListener("loket-changed", look);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) document.title = title; });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // Ctrl+Enter sends, as people know it from other desks.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "text") {
      event.preventDefault();
      document.getElementById("send")?.click();
    }
  });
  document.addEventListener("htmx:before:request", () => {
    const sorry = document.getElementById("not-sent");
    if (sorry) sorry.hidden = true;
  });
  document.addEventListener("htmx:error", (event) => {
    const sorry = document.getElementById("not-sent");
    if (sorry && event.detail?.ctx?.request?.method === "POST") sorry.hidden = false;
  });

  if (document.getElementById("thread") && !location.hash && document.getElementById("send")) toEnd();
})();
