/* What an agent has typed and not sent yet, per ticket. It outlives a reload and a lost connection, but the browser only ever keeps it
 * sealed (AES-GCM), under a key that comes with the page of whoever is signed in: when the session is over, what lies there can be
 * read by nobody else who uses this browser. Where a page has no such key or browser (plain http), it lives as long as the page. */
"use strict";
loket.drafts = (() => {
  const { root } = loket;
  const OURS = "loket-draft|";
  const mine = `${OURS}${root.dataset.me}|`;
  const words = new Map();
  const turns = new Map();
  const key = crypto.subtle
    ? crypto.subtle.importKey("raw", bytes(root.dataset.seal), "AES-GCM", false, ["encrypt", "decrypt"])
    : null;

  function bytes(text) {
    return Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  }

  async function seal(name, text) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(name) }, await key, new TextEncoder().encode(text));
    return btoa(String.fromCharCode(...iv, ...new Uint8Array(sealed)));
  }

  async function open(name, kept) {
    const all = bytes(kept);
    const box = { name: "AES-GCM", iv: all.slice(0, 12), additionalData: new TextEncoder().encode(name) };
    return new TextDecoder().decode(await crypto.subtle.decrypt(box, await key, all.slice(12)));
  }

  /** Drafts of somebody else who used this browser are not ours to keep, nor is what cannot be opened. */
  async function load() {
    for (const name of Object.keys(localStorage).filter((one) => one.startsWith(OURS))) {
      if (!key || !name.startsWith(mine)) {
        localStorage.removeItem(name);
        continue;
      }
      try {
        const text = await open(name, localStorage.getItem(name));
        if (!turns.has(name)) words.set(name, text);
      } catch {
        if (!turns.has(name)) localStorage.removeItem(name);
      }
    }
    document.dispatchEvent(new Event("loket-drafts"));
  }

  const named = (ticket, which) => `${mine}${ticket}|${which}`;

  function remove(ticket, which) {
    const name = named(ticket, which);
    turns.set(name, (turns.get(name) ?? 0) + 1);
    words.delete(name);
    localStorage.removeItem(name);
  }

  async function put(ticket, which, text) {
    if (!text.trim()) return remove(ticket, which);
    const name = named(ticket, which);
    const turn = (turns.get(name) ?? 0) + 1;
    turns.set(name, turn);
    words.set(name, text);
    if (!key) return;
    const sealed = await seal(name, text);
    // Sealing takes its time: what was typed, sent or signed out of meanwhile counts.
    if (turns.get(name) === turn && words.has(name)) localStorage.setItem(name, sealed);
  }

  document.addEventListener("loket-leaves", () => words.clear());
  load();
  return { get: (ticket, which) => words.get(named(ticket, which)) ?? "", put, remove };
})();
