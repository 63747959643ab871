/** Small helpers to build the widget's nodes. Text always becomes a text node, never markup. */

const SVG = "http://www.w3.org/2000/svg";

/** Outlines on a 24 × 24 grid, drawn for Loket. */
const PATHS = {
  attach: ["M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.4a1.6 1.6 0 0 1-2.3-2.3l7.5-7.5"],
  bell: ["M6 16v-5a6 6 0 0 1 12 0v5l1.5 2h-15z", "M10 20.5a2.2 2.2 0 0 0 4 0"],
  calendar: ["M4 6h16v14H4z", "M4 10.5h16", "M8 3.5V8", "M16 3.5V8"],
  camera: ["M3.5 7.5h4l1.5-2.5h6l1.5 2.5h4v12h-17z", "M12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z"],
  chat: ["M4 5h16v11H11l-4.5 4v-4H4z", "M8 9h8", "M8 12.2h5"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  clock: ["M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17z", "M12 7.5V12l3 2"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  copy: ["M9 9h11v11H9z", "M15 9V4H4v11h5"],
  down: ["M12 5v14", "M6 13l6 6 6-6"],
  download: ["M12 4v11", "M7 10.5l5 5 5-5", "M5 20h14"],
  file: ["M6 3.5h8l4 4v13H6z", "M14 3.5v4h4"],
  list: ["M9 6h11", "M9 12h11", "M9 18h11", "M4.5 6h.01", "M4.5 12h.01", "M4.5 18h.01"],
  menu: ["M12 5.5h.01", "M12 12h.01", "M12 18.5h.01"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.5 20.5c.6-4 3.7-6 7.5-6s6.9 2 7.5 6"],
  receipt: ["M6 3.5h12v17l-3-2-3 2-3-2-3 2z", "M9 8h6", "M9 12h6"],
  retry: ["M19.5 12a7.5 7.5 0 1 1-2.3-5.4", "M19.5 3.5v4h-4"],
  send: ["M4 12l16-7.5-5 15.5-3.5-6z", "M11.5 14L20 4.5"],
  shield: ["M12 3.5l7.5 2.5v6c0 4.5-3.2 7.3-7.5 8.5-4.3-1.2-7.5-4-7.5-8.5V6z", "M8.7 12l2.3 2.3 4.3-4.5"],
  warning: ["M12 4l9 16H3z", "M12 10v4.5", "M12 17.3h.01"],
};

/**
 * An element with attributes, listeners (`onclick: fn`) and children.
 * False, null and undefined attributes and children are left out.
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

/** A decorative picture; the words beside it or the button's label carry the meaning. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  svg.setAttribute("class", `icon icon-${name}`);
  for (const d of PATHS[name] ?? []) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** A name for a message that is unique without a server; `crypto.randomUUID` is missing on plain http. */
export function newId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Put text on the clipboard; false when the browser does not let us. Works on plain http by the old command. */
export async function copyText(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = h("textarea", { class: "hidden-copy", "aria-hidden": "true", tabindex: "-1" });
    field.value = text;
    const before = root.activeElement ?? document.activeElement;
    root.append(field);
    field.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch {
      done = false;
    }
    field.remove();
    before?.focus?.();
    return done;
  }
}

/** Wait, or less when the signal says so. Never rejects. */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
  });
}
