/**
 * What the widget keeps between visits: the session and the messages the server has not accepted yet.
 * Nothing else is kept: the conversation itself stays on the server, since devices are shared.
 */
export class Store {
  /** `key` names the conversation: one per server and locus. `keep` false: nothing is ever written on this device. */
  constructor(key, keep = true) {
    this.key = `loket-chat:${key}`;
    this.keep = keep;
    this.memory = new Map();
  }

  /** `{session_id, token, limits?}` or null. */
  get session() {
    const value = this.#read("session");
    return value && typeof value.token === "string" ? value : null;
  }

  set session(value) {
    this.#write("session", value);
  }

  /** Messages to be sent, oldest first: `{client_id, text | payload, title?, at, error?}`. */
  get queue() {
    const value = this.#read("queue");
    return Array.isArray(value) ? value : [];
  }

  add(item) {
    this.#write("queue", [...this.queue, item]);
  }

  update(clientId, patch) {
    this.#write("queue", this.queue.map((item) => (item.client_id === clientId ? { ...item, ...patch } : item)));
  }

  remove(clientId) {
    this.#write("queue", this.queue.filter((item) => item.client_id !== clientId));
  }

  clear() {
    this.#write("session", null);
    this.#write("queue", null);
  }

  /** Call back when another tab of this browser changed the session. Returns how to stop. */
  onSessionChange(callback) {
    const listener = (event) => {
      if (event.key === `${this.key}:session`) callback(this.session);
    };
    window.addEventListener("storage", listener);
    return () => window.removeEventListener("storage", listener);
  }

  #read(name) {
    const key = `${this.key}:${name}`;
    if (this.memory.has(key)) return this.memory.get(key);
    if (!this.keep) return null;
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  #write(name, value) {
    const key = `${this.key}:${name}`;
    if (!this.keep) return void this.memory.set(key, value);
    try {
      if (value === null || (Array.isArray(value) && value.length === 0)) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
      this.memory.delete(key);
    } catch {
      // Storage forbidden or full: the conversation lives as long as the page.
      this.memory.set(key, value);
    }
  }
}
