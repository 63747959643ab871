/* The list of examples works without this file. With it all of a page can be marked, and selected words are taken over as words for a
 * service. */
"use strict";
(() => {
  const list = document.getElementById("examples");
  const all = document.getElementById("mark-all");
  if (!list) return;

  if (all) {
    const box = all.querySelector("input");
    all.hidden = false;
    box.addEventListener("change", () => {
      for (const one of list.querySelectorAll("input[type=checkbox]")) one.checked = box.checked;
    });
  }

  const word = document.getElementById("word");
  if (!word) return;
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    const words = selection.toString().trim();
    const within = selection.anchorNode && list.contains(selection.anchorNode) && list.contains(selection.focusNode);
    if (within && words && words.length <= word.maxLength && !words.includes("\n")) {
      word.value = words;
      document.getElementById("means").open = true;
    }
  });
})();
