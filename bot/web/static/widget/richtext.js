/** Message text to nodes: line breaks, *bold*, and links to known hosts only. Never markup. */

import { h } from "./dom.js";

/** An address, or bold text as WhatsApp writes it. No look-behind: older iPhones cannot read it. */
const PIECE = /(https?:\/\/[^\s<>"'*]+)|(^|[\s([{"'“‘–—-])\*([^\s*]|[^\s*][^*\n]*[^\s*])\*(?=$|[\s.,;:!?)\]}"'”’–—-])/giu;
const TRAILING = /[.,;:!?)\]}”’]+$/u;

/** `allowed` is a set of origins and host names a link may lead to; any other address stays plain text. */
export function richText(text, allowed) {
  const fragment = document.createDocumentFragment();
  let at = 0;
  for (const match of text.matchAll(PIECE)) {
    fragment.append(text.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[3] !== undefined) {
      fragment.append(match[2], h("strong", {}, match[3]));
      continue;
    }
    const tail = TRAILING.exec(match[1])?.[0] ?? "";
    const address = match[1].slice(0, match[1].length - tail.length);
    fragment.append(safeLink(address, allowed) ?? address, tail);
  }
  fragment.append(text.slice(at));
  return fragment;
}

function safeLink(address, allowed) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  const web = url.protocol === "https:" || url.protocol === "http:";
  // A name before an @ makes an address look like another one.
  if (!web || url.username || url.password || !(allowed.has(url.origin) || allowed.has(url.hostname))) return null;
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, address);
}

/** `4. Label: value`; the number is what a person names to correct a line, so it stays. */
const NUMBERED = /^\s*(\d+[.)]\s+[^:\n]{1,90}?)\s*:\s+(\S.*)$/u;
const PLAIN = /^\s*(?:[•-]\s+)?\*?([^:*\n,!?]{1,40}?)\*?\s*:\*?\s+(\S.*)$/u;
const HEADING = /^\s*(?:\*([^*]+)\*:?|([^\p{Ll}:]*\p{Lu}[^\p{Ll}:]*))\s*$/u;

/**
 * A review: lines `Label: value` become a list of terms, headings (`*Heading*` or in capitals) stand out, the rest are
 * paragraphs. Where lines are numbered, only these are terms: a sentence may hold a colon too.
 */
export function reviewText(text, allowed) {
  const fragment = document.createDocumentFragment();
  const lines = text.split("\n").filter((line) => line.trim());
  const pattern = lines.some((line) => NUMBERED.test(line)) ? NUMBERED : PLAIN;
  let list = null;
  for (const line of lines) {
    const row = pattern.exec(line);
    if (row) {
      list ??= fragment.appendChild(h("dl", { class: "review" }));
      list.append(h("div", {}, h("dt", {}, row[1]), h("dd", {}, richText(row[2], allowed))));
      continue;
    }
    list = null;
    const heading = HEADING.exec(line);
    fragment.append(heading ? h("p", { class: "review-heading" }, heading[1] ?? heading[2]) : h("p", {}, richText(line, allowed)));
  }
  return fragment;
}
