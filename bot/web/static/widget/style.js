/** How the widget looks. A constructed style sheet: it needs no inline style, so that strict pages can embed the widget. */

const TOKENS = `
:host {
  --bg: #f3f6f5; --surface: #ffffff; --ink: #15211f; --muted: #4a5a56; --line: #d3dcd9; --edge: #6b7b77;
  --accent: #0b5d50; --on-accent: #ffffff; --tint: #e3f1ec; --mine: #d3eae2; --mine-ink: #0d2620;
  --head: #0a4a40; --on-head: #ffffff; --warn: #7a4100; --warn-bg: #fff3dd; --bad: #9a1b1b; --bad-bg: #fdeceb;
  --focus: #0b5d50; --shadow: 0 10px 34px rgb(10 40 34 / .22);
  all: initial; display: block; box-sizing: border-box; color-scheme: light dark;
  font: 400 max(16px, 1rem)/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  color: var(--ink);
}
@media (prefers-color-scheme: dark) {
  :host {
    --bg: #0f1716; --surface: #1a2523; --ink: #e7efed; --muted: #a9b9b5; --line: #2e3c39; --edge: #83958f;
    --accent: #63cdb5; --on-accent: #04211b; --tint: #1d332e; --mine: #1d4a40; --mine-ink: #eaf7f3;
    --head: #12312b; --on-head: #eaf7f3; --warn: #f6c886; --warn-bg: #33270f; --bad: #ffaaa3; --bad-bg: #3a1a18;
    --focus: #8fe3d0; --shadow: 0 10px 34px rgb(0 0 0 / .6);
  }
}
:host([hidden]), [hidden] { display: none !important; }
*, *::before, *::after { box-sizing: border-box; }
p, h2, dl, dd { margin: 0; }
.visually-hidden, .hidden-copy { position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; padding: 0; border: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.icon { inline-size: 1.25em; block-size: 1.25em; flex: none; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.icon-menu, .icon-list { stroke-width: 2.5; }
.icon-menu { stroke-width: 4; }
button { font: inherit; color: inherit; cursor: pointer; -webkit-tap-highlight-color: transparent; touch-action: manipulation; }
button:disabled { cursor: default; }
:focus { outline: none; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
`;

const FRAME = `
.frame.inline { block-size: var(--loket-height, min(46rem, 100dvh)); }
.panel { position: relative; display: flex; flex-direction: column; min-inline-size: 0; block-size: 100%; overflow: hidden; background: var(--bg); border: 1px solid var(--line); border-radius: 16px; }
.head { position: relative; display: flex; align-items: center; gap: .625em; padding: .5em .5em .5em .875em; background: var(--head); color: var(--on-head); }
.head :focus-visible { outline-color: var(--on-head); outline-offset: -3px; }
.mark { display: grid; place-items: center; inline-size: 2.375em; block-size: 2.375em; flex: none; border-radius: 12px; background: rgb(255 255 255 / .14); }
.titles { flex: 1; min-inline-size: 0; }
.title { font-weight: 700; font-size: 1.0625em; line-height: 1.25; }
.subtitle { font-size: .8125em; line-height: 1.3; overflow-wrap: anywhere; }
.icon-button { display: grid; place-items: center; inline-size: 44px; block-size: 44px; flex: none; padding: 0; border: 1px solid transparent; border-radius: 12px; background: transparent; }
.icon-button:hover { background: rgb(127 150 144 / .22); }
.menu { position: absolute; inset-block-start: calc(100% + 4px); inset-inline-end: 8px; z-index: 3; display: grid; min-inline-size: min(18em, calc(100% - 16px)); padding: 6px; border: 1px solid var(--edge); border-radius: 12px; background: var(--surface); color: var(--ink); box-shadow: var(--shadow); }
.menu button { display: flex; align-items: center; gap: .625em; min-block-size: 44px; padding: .5em .75em; border: 0; border-radius: 8px; background: transparent; text-align: start; }
.menu button:hover { background: var(--tint); }
.menu :focus-visible { outline-color: var(--focus); }
.connection { padding-inline: 1em; font-size: .875em; text-align: center; background: var(--tint); color: var(--ink); }
.connection:not(:empty) { padding-block: .375em; border-block-end: 1px solid var(--line); }
.connection.lost { background: var(--warn-bg); color: var(--warn); font-weight: 600; }
.thread { position: relative; flex: 1 1 0; min-block-size: 5em; display: flex; flex-direction: column; }
.log { position: relative; flex: 1 1 0; min-block-size: 0; padding: .875em; overflow-y: auto; overflow-x: hidden; overscroll-behavior: contain; scrollbar-width: thin; scrollbar-color: var(--edge) transparent; }
.log:focus-visible { outline-offset: -3px; }
.newest { position: absolute; inset-block-end: .5em; inset-inline-start: 50%; transform: translateX(-50%); display: flex; align-items: center; gap: .5em; min-block-size: 44px; padding: .25em 1em; border: 1px solid var(--edge); border-radius: 999px; background: var(--surface); color: var(--ink); font-size: .875em; font-weight: 600; white-space: nowrap; box-shadow: 0 3px 12px rgb(0 0 0 / .2); }
.typing { display: flex; align-items: center; gap: .5em; padding-inline: 1em; font-size: .875em; color: var(--muted); }
.typing:not(:empty) { padding-block: .25em .5em; }
.dots { display: inline-flex; gap: 4px; }
.dots i { inline-size: 7px; block-size: 7px; border-radius: 50%; background: var(--accent); animation: dot 1.2s infinite ease-in-out; }
.dots i:nth-child(2) { animation-delay: .15s; }
.dots i:nth-child(3) { animation-delay: .3s; }
@keyframes dot { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; transform: translateY(-2px); } }
.safety { display: flex; gap: .5em; align-items: center; justify-content: center; padding: .375em .75em .5em; font-size: .8125em; line-height: 1.35; color: var(--muted); background: var(--surface); }
.safety .icon { color: var(--accent); }
`;

const ROWS = `
.row { display: flex; flex-direction: column; align-items: flex-start; margin-block: .5em; max-inline-size: 100%; }
.row .bubble { max-inline-size: min(34em, 92%); padding: .625em .875em; border: 1px solid var(--line); border-radius: 4px 16px 16px 16px; background: var(--surface); overflow-wrap: anywhere; }
.row.agent .bubble { border-inline-start: 4px solid var(--accent); }
.row.citizen { align-items: flex-end; }
.row.citizen .bubble { max-inline-size: min(30em, 86%); border-radius: 16px 16px 4px 16px; border-color: transparent; background: var(--mine); color: var(--mine-ink); }
.row.citizen[data-state="cancelled"] .bubble { opacity: .7; text-decoration: line-through; }
.row.notice { align-items: center; max-inline-size: 34em; margin-inline: auto; padding: .5em 1em; border-radius: 12px; background: var(--warn-bg); color: var(--warn); font-size: .9375em; text-align: center; }
.text { white-space: pre-wrap; }
.text a { color: var(--accent); text-decoration: underline; text-underline-offset: 2px; }
.who { margin-block: .25em .125em; padding-inline: .25em; font-size: .8125em; font-weight: 600; color: var(--muted); }
.row.agent .who { color: var(--accent); }
.stamp { display: flex; gap: .5em; padding: .125em .25em 0; font-size: .75em; color: var(--muted); }
.state { display: inline-flex; align-items: center; gap: .2em; }
.day { display: flex; align-items: center; gap: .75em; margin-block: 1em .75em; font-size: .8125em; color: var(--muted); }
.day::before, .day::after { content: ""; flex: 1; border-block-start: 1px solid var(--line); }
.kind { display: flex; align-items: center; gap: .5em; margin-block-end: .375em; font-weight: 700; color: var(--accent); }
[data-kind="error"] .bubble { border-color: var(--bad); background: var(--bad-bg); }
[data-kind="error"] .kind { color: var(--bad); }
[data-kind="receipt"] .bubble, [data-kind="status"] .bubble, [data-kind="review"] .bubble { border-color: var(--accent); inline-size: min(34em, 92%); }
.step { display: grid; grid-template-columns: auto 1fr; align-items: center; gap: .75em; min-inline-size: min(18em, 100%); margin-block-end: .5em; font-size: .8125em; font-weight: 600; color: var(--muted); }
.bar { block-size: 8px; min-inline-size: 6em; border-radius: 99px; background: var(--tint); border: 1px solid var(--edge); overflow: hidden; }
.bar::before { content: ""; display: block; block-size: 100%; inline-size: var(--part, 0%); background: var(--accent); transition: inline-size .25s; }
.review { display: grid; white-space: normal; margin-block: .375em; border-block-start: 1px solid var(--line); }
.review > div { display: grid; grid-template-columns: minmax(6em, 2fr) 3fr; gap: .125em .875em; padding-block: .375em; border-block-end: 1px solid var(--line); }
.review dt { color: var(--muted); font-size: .9375em; }
.review dd { font-weight: 600; }
.review-heading { margin-block-start: .75em; font-weight: 700; }
.number { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5em 1em; margin-block-start: .625em; padding: .625em .75em; border: 1px dashed var(--edge); border-radius: 12px; background: var(--tint); }
.number-label { font-size: .8125em; color: var(--muted); }
.number-value { font: 700 1.125em/1.3 ui-monospace, "Cascadia Mono", "Noto Sans Mono", "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; user-select: all; }
.choices { display: flex; flex-wrap: wrap; gap: .5em; margin-block-start: .5em; max-inline-size: min(36em, 100%); }
.choice { display: inline-flex; align-items: center; gap: .375em; min-block-size: 44px; padding: .5em 1em; border: 1.5px solid var(--accent); border-radius: 22px; background: var(--surface); color: var(--accent); font-weight: 600; text-align: start; overflow-wrap: anywhere; }
.choice:hover:enabled { background: var(--tint); }
.choice:disabled { border: 1px dashed var(--edge); background: transparent; color: var(--muted); font-weight: 400; }
.choice.chosen:disabled { border: 1.5px solid var(--edge); background: var(--tint); color: var(--ink); font-weight: 600; }
.small { display: inline-flex; align-items: center; gap: .375em; min-block-size: 44px; min-inline-size: 44px; justify-content: center; padding: .25em .875em; border: 1.5px solid var(--edge); border-radius: 12px; background: var(--surface); color: var(--ink); font-size: .9375em; font-weight: 600; }
.small:hover { background: var(--tint); }
.small.quiet { border-color: transparent; background: transparent; text-decoration: underline; font-weight: 400; }
.small[aria-pressed="true"] { border-color: var(--accent); background: var(--tint); color: var(--accent); }
.trouble { display: flex; flex-direction: column; align-items: flex-end; gap: .375em; max-inline-size: min(30em, 92%); margin-block-start: .25em; }
.trouble p { display: flex; align-items: flex-start; gap: .375em; font-size: .875em; color: var(--bad); }
[data-state="waiting"] .trouble p { color: var(--warn); }
[data-state="uploading"] .trouble p { color: var(--muted); }
.trouble .bar { inline-size: 14em; max-inline-size: 100%; }
.trouble-buttons { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: .5em; }
.file { display: grid; grid-template-columns: auto 1fr; align-items: center; gap: 0 .625em; inline-size: 100%; min-block-size: 52px; margin-block-start: .625em; padding: .5em .75em; border: 1.5px solid var(--accent); border-radius: 12px; background: var(--tint); color: var(--ink); text-align: start; }
.file .icon { grid-row: span 2; color: var(--accent); }
.file-name { font-weight: 600; overflow-wrap: anywhere; }
.file-note { font-size: .8125em; color: var(--muted); }
.own-file { display: grid; grid-template-columns: auto 1fr; align-items: center; gap: .125em .625em; }
.own-file canvas, .own-file > .icon { grid-row: span 2; }
.own-file canvas { max-inline-size: 5.5em; max-block-size: 5.5em; inline-size: auto; block-size: auto; border-radius: 8px; }
.own-file .file-note { color: inherit; }
.welcome { padding: 1em; border-radius: 16px; background: var(--surface); border: 1px solid var(--line); }
.welcome-title { margin-block-end: .25em; font-size: 1.1875em; font-weight: 700; color: var(--accent); }
.welcome .choices { margin-block-start: .875em; }
.languages { display: flex; flex-wrap: wrap; gap: .5em; margin-block-start: .875em; }
`;

const COMPOSER = `
.composer { padding: .5em .5em 0; background: var(--surface); border-block-start: 1px solid var(--line); }
.helpers { display: flex; flex-wrap: wrap; gap: .5em; padding-block-end: .5em; }
.helper { display: inline-flex; align-items: center; justify-content: center; gap: .5em; flex: 1 1 auto; min-block-size: 48px; padding: .375em 1em; border: 1.5px solid var(--accent); border-radius: 12px; background: var(--surface); color: var(--accent); font-weight: 600; }
.helper:hover { background: var(--tint); }
.helpers .helper:first-child:not(label), .helper.primary { background: var(--accent); color: var(--on-accent); }
.helper:disabled { border-color: var(--edge); background: transparent; color: var(--muted); }
.moment-label { flex-wrap: wrap; }
.moment { min-block-size: 44px; padding: .25em .5em; border: 1px solid var(--edge); border-radius: 8px; background: var(--surface); color: var(--ink); font: inherit; }
.field-line { display: flex; align-items: flex-end; gap: .25em; }
.field { flex: 1; min-inline-size: 0; min-block-size: 44px; max-block-size: 8.5em; padding: .5625em .75em; border: 1.5px solid var(--edge); border-radius: 14px; background: var(--bg); color: var(--ink); font: inherit; line-height: 1.4; resize: none; overflow-y: auto; }
.field::placeholder { color: var(--muted); opacity: 1; }
.field:focus-visible { outline-offset: 0; border-color: var(--focus); }
.send { background: var(--accent); color: var(--on-accent); }
.send:hover { background: var(--accent); filter: brightness(1.12); }
.attach { color: var(--accent); }
.under { display: flex; justify-content: space-between; gap: 1em; font-size: .875em; }
.problem { color: var(--bad); font-weight: 600; }
.count { margin-inline-start: auto; color: var(--muted); white-space: nowrap; }
.count.over { color: var(--bad); font-weight: 700; }
dialog { inset: 0; margin: auto; inline-size: min(34rem, 100vw); max-inline-size: 100vw; max-block-size: 100dvh; padding: 1em; border: 1px solid var(--edge); border-radius: 16px; background: var(--surface); color: var(--ink); overflow-y: auto; }
dialog::backdrop { background: rgb(0 0 0 / .6); }
dialog.ask { inline-size: min(26rem, calc(100vw - 32px)); }
.camera-head { display: flex; align-items: center; justify-content: space-between; gap: 1em; margin-block-end: .5em; }
.camera-head h2 { font-size: 1.125em; line-height: 1.3; }
.stage { position: relative; display: grid; place-items: center; inline-size: 100%; max-block-size: 60dvh; aspect-ratio: 4 / 3; overflow: hidden; border-radius: 12px; background: #0b1211; }
.stage video, .stage canvas { inline-size: 100%; block-size: 100%; object-fit: cover; }
.stage canvas { object-fit: contain; }
.stage.selfie video { transform: scaleX(-1); }
.guide { position: absolute; inset: 0; margin: auto; border: 3px solid #fff; box-shadow: 0 0 0 100vmax rgb(0 0 0 / .45); pointer-events: none; }
.stage.selfie .guide { block-size: 82%; aspect-ratio: 3 / 4; border-radius: 50%; }
.stage.document .guide { inline-size: 88%; block-size: 84%; border-radius: 10px; box-shadow: 0 0 0 100vmax rgb(0 0 0 / .3); }
.stage.taken .guide { display: none; }
.camera-hint { margin-block: .75em; }
.camera-buttons { display: flex; flex-wrap: wrap; gap: .5em; }
dialog.ask .camera-buttons { margin-block-start: 1em; }
`;

const POPUP = `
:host([mode="popup"]) { position: fixed; z-index: 2147483000; inset-block-end: 0; inset-inline-end: 0; inline-size: 0; block-size: 0; }
.popup .launcher { position: fixed; inset-block-end: max(16px, env(safe-area-inset-bottom)); inset-inline-end: 16px; display: grid; place-items: center; inline-size: 64px; block-size: 64px; border: 2px solid var(--surface); border-radius: 50%; background: var(--accent); color: var(--on-accent); box-shadow: var(--shadow); }
.popup .launcher .icon { inline-size: 30px; block-size: 30px; }
.badge { position: absolute; inset-block-start: -6px; inset-inline-end: -6px; min-inline-size: 26px; padding-inline: 6px; border: 2px solid var(--surface); border-radius: 99px; background: #b3261e; color: #fff; font-size: .875em; font-weight: 700; line-height: 22px; text-align: center; }
.popup .panel { position: fixed; inset-block-end: 92px; inset-inline-end: 16px; inline-size: min(26rem, calc(100vw - 32px)); block-size: min(42rem, calc(100dvh - 108px)); box-shadow: var(--shadow); }
@media (max-width: 480px), (max-height: 560px) {
  .popup .panel { inset: 0 0 auto; inline-size: 100%; block-size: min(100dvh, var(--loket-room, 100dvh)); border: 0; border-radius: 0; }
  .popup .panel:not([hidden]) { z-index: 1; }
}
@media (max-width: 480px) {
  .inline .mark, .inline .subtitle { display: none; }
  .inline .head { padding-block: .125em; }
}
@media (max-height: 420px) {
  .mark, .subtitle { display: none; }
  .head { padding-block: 0; }
  .field { max-block-size: 4.5em; }
  .helpers { flex-wrap: nowrap; overflow-x: auto; }
  .safety { font-size: .75em; padding-block: .125em; }
}
@media (max-width: 360px) {
  .log { padding: .625em; }
  .review > div { grid-template-columns: 1fr; }
}
@media (prefers-reduced-motion: no-preference) {
  .row { animation: come .18s ease-out; }
  @keyframes come { from { opacity: 0; transform: translateY(6px); } }
}
@media (prefers-reduced-motion: reduce) {
  * { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  .row.citizen .bubble, .small.quiet, .icon-button, .number { border: 1px solid ButtonBorder; }
  .bar::before { background: Highlight; forced-color-adjust: none; }
  .choice.chosen:disabled { border: 3px solid Highlight; }
  .badge { border-color: Highlight; }
  .dots i { background: CanvasText; }
}
`;

const CSS = TOKENS + FRAME + ROWS + COMPOSER + POPUP;
let sheet = null;

/** Put the style on a shadow root. */
export function dress(root) {
  try {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
    }
    root.adoptedStyleSheets = [sheet];
  } catch {
    // Browsers of before 2023: a style element, which a strict page would have to allow.
    const style = document.createElement("style");
    style.textContent = CSS;
    root.append(style);
  }
}
