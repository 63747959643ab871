/** The public page's own behaviour: copy buttons. */

import { copyText } from "./widget/dom.js";

for (const button of document.querySelectorAll("button[data-copy]")) {
  const said = button.textContent;
  const label = button.getAttribute("aria-label");
  button.addEventListener("click", async () => {
    const done = await copyText(button.dataset.copy, document.body);
    button.textContent = done ? "Tersalin" : "Pilih lalu salin";
    button.setAttribute("aria-label", button.textContent);
    setTimeout(() => {
      button.textContent = said;
      button.setAttribute("aria-label", label);
    }, 2500);
  });
}
