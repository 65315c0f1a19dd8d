/* What makes the pages quicker. Each of them works without it. */
"use strict";

(function () {
  /* The reader's own zone, so that the server can show it beside the program's. */
  var zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) {
    var cookie = zone + "; path=/; max-age=31536000; SameSite=Lax";
    document.cookie = location.protocol === "https:" ? "__Host-zone=" + cookie + "; Secure" : "zone=" + cookie;
  }

  /* A second press while the first is under way does nothing. The key in the form makes it harmless anyway. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.busy) {
      event.preventDefault();
      return;
    }
    if (form.method !== "post") {
      return;
    }
    form.dataset.busy = "true";
    setTimeout(function () {
      free(form);
    }, 8000);
    form.querySelectorAll("[type=submit]").forEach(function (button) {
      button.setAttribute("aria-disabled", "true");
    });
  });

  function free(form) {
    delete form.dataset.busy;
    form.querySelectorAll("[aria-disabled]").forEach(function (button) {
      button.removeAttribute("aria-disabled");
    });
  }

  /* Back to a page that the browser had kept: its forms may be sent again. */
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-busy]").forEach(free);
  });

  /* A button that prints the page, shown only where there is a script to do it. */
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      window.print();
    });
  });

  /* A page that was opened to be printed: no second press. */
  if (document.querySelector("[data-print-at-once]")) {
    window.addEventListener("load", function () {
      window.print();
    });
  }
})();
