/* The label's text, into the clipboard. Without this script it is selected by hand. */
"use strict";

(function () {
  var button = document.querySelector("[data-copy-label]");
  if (!button || !navigator.clipboard) {
    return;
  }
  button.hidden = false;
  button.addEventListener("click", function () {
    navigator.clipboard.writeText(document.querySelector("[data-label-lines]").innerText.trim()).then(function () {
      document.querySelector("[data-copied]").hidden = false;
    });
  });
})();
