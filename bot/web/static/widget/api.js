/** The web chat API (docs/openapi.yaml), one method per call. */

/** The server answered, and refused. `message` is a sentence for the person, or empty. */
export class ApiError extends Error {
  constructor(status, code = "", message = "", retryAfter = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** The same request may succeed later. */
  get retryable() {
    return this.status >= 500 || [408, 425, 429].includes(this.status);
  }
}

/** No answer came: no connection, cut off, or too slow. */
export class NetworkError extends Error {
  get retryable() {
    return true;
  }
}

/** The person cancelled. */
export class Cancelled extends Error {}

export class Api {
  /** `server` is an origin such as `https://loket.example.go.id`; `patience` is how long a call may take, in ms. */
  constructor(server, patience = 20_000) {
    this.server = server.replace(/\/+$/, "");
    this.patience = patience;
  }

  /** A new conversation: `{session_id, token}`. */
  createSession(body) {
    return this.#json("POST", "/chat/v1/sessions", { body });
  }

  /** The session's token opens nothing any more. Gets through even when the page is closed meanwhile. */
  async endSession(token) {
    const options = { method: "DELETE", headers: { Authorization: `Bearer ${token}` }, keepalive: true, cache: "no-store" };
    const response = await this.#fetch("/chat/v1/sessions", options);
    if (!response.ok) throw await refusal(response);
  }

  /** Hand in a text or a button's payload; the same `client_id` again never makes a second turn. */
  send(token, body) {
    return this.#json("POST", "/chat/v1/messages", { token, body });
  }

  /** The person is writing to a member of staff. Nobody waits for it. */
  typing(token) {
    return this.#json("POST", "/chat/v1/typing", { token, body: {} });
  }

  /** Everything after a message id, the citizen's own messages included. */
  async history(token, after) {
    const query = after ? `?own=1&after=${encodeURIComponent(after)}` : "?own=1";
    const answer = await this.#json("GET", `/chat/v1/messages${query}`, { token });
    return answer.messages ?? [];
  }

  /** The open events stream, as a Response. Ends when `signal` aborts. */
  async events(token, lastEventId, signal) {
    const headers = { Authorization: `Bearer ${token}`, Accept: "text/event-stream" };
    if (lastEventId) headers["Last-Event-ID"] = lastEventId;
    const response = await this.#fetch("/chat/v1/events", { headers, signal, cache: "no-store" });
    if (!response.ok) throw await refusal(response);
    return response;
  }

  /**
   * Upload one file; `onProgress` gets 0…1. Returns `{done, cancel}`; `done` resolves to `{id}`.
   * XMLHttpRequest, because fetch cannot tell how much has been sent.
   */
  upload(token, { clientId, file, name, kind }, onProgress) {
    const form = new FormData();
    // The file comes last: a server that reads in order knows the rest before the bytes arrive.
    form.append("client_id", clientId);
    if (kind) form.append("kind", kind);
    form.append("file", file, name);
    const request = new XMLHttpRequest();
    const done = new Promise((resolve, reject) => {
      request.open("POST", `${this.server}/chat/v1/attachments`);
      request.setRequestHeader("Authorization", `Bearer ${token}`);
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total);
      });
      request.addEventListener("load", () => {
        const answer = parse(request.responseText);
        if (request.status >= 200 && request.status < 300) return resolve(answer ?? {});
        reject(toError(request.status, answer, request.getResponseHeader("Retry-After")));
      });
      request.addEventListener("error", () => reject(new NetworkError()));
      request.addEventListener("timeout", () => reject(new NetworkError()));
      request.addEventListener("abort", () => reject(new Cancelled()));
      request.send(form);
    });
    return { done, cancel: () => request.abort() };
  }

  /** An address of ours as a QR code, as a Blob (self-service points). */
  async qr(url, label) {
    const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ url, label }) };
    const response = await this.#fetch("/kios/qr", options);
    if (!response.ok) throw await refusal(response);
    return response.blob();
  }

  /** The bytes of an attachment. The token goes to our own server only, never to another address. */
  async download(token, url) {
    const target = new URL(url, `${this.server}/`);
    if (target.origin !== new URL(this.server).origin) throw new ApiError(403, "foreign_address");
    const response = await this.#fetch(target.href, { headers: { Authorization: `Bearer ${token}` } });
    if (!response.ok) throw await refusal(response);
    return response.blob();
  }

  async #json(method, path, { token, body }) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), this.patience);
    const headers = { Accept: "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    try {
      const options = { method, headers, body: body && JSON.stringify(body), signal: stop.signal, cache: "no-store" };
      const response = await this.#fetch(path, options);
      if (!response.ok) throw await refusal(response);
      return (await response.json().catch(() => Promise.reject(new NetworkError()))) ?? {};
    } finally {
      clearTimeout(timer);
    }
  }

  async #fetch(path, options) {
    try {
      return await fetch(path.startsWith("/") ? this.server + path : path, { credentials: "omit", ...options });
    } catch (error) {
      throw new NetworkError(String(error));
    }
  }
}

async function refusal(response) {
  const answer = parse(await response.text().catch(() => ""));
  return toError(response.status, answer, response.headers.get("Retry-After"));
}

function toError(status, answer, retryAfter) {
  const seconds = Number.parseFloat(retryAfter ?? "");
  const { code = "", message = "" } = answer?.error ?? {};
  return new ApiError(status, code, message, Number.isFinite(seconds) ? seconds : null);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
