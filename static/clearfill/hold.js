/* A recorded hand-over cannot be taken back: what is pressed is held for ten seconds, and then sent.

   Leaving the page sends it at once, and so does "Next patient". Without a connection it says that nothing is
   recorded, and the button can be pressed again with the same key. Without this script the button sends at once. */
"use strict";

(function () {
  var SECONDS = 10;
  var form = document.querySelector("form[data-hold]");
  var held = document.querySelector("[data-held]");
  if (!form || !held || !window.fetch || !navigator.sendBeacon) {
    return;
  }
  var around = document.querySelector("[data-hold-around]");
  var button = form.querySelector("[type=submit]");
  var takenBack = document.querySelector("[data-held-taken-back]");
  var failed = document.querySelector("[data-held-failed]");
  var timer = null;
  var isHeld = false;

  function body() {
    return new URLSearchParams(new FormData(form));
  }

  function show(holding) {
    isHeld = holding;
    clearInterval(timer);
    around.hidden = holding;
    held.hidden = !holding;
    document.querySelectorAll("[data-hidden-while-held]").forEach(function (part) {
      part.hidden = holding;
    });
  }

  function hold() {
    var left = SECONDS;
    takenBack.hidden = failed.hidden = true;
    held.querySelector("[data-held-what]").textContent = button.textContent.trim() + ".";
    held.querySelector("[data-held-count]").textContent = left;
    show(true);
    held.querySelector("[data-held-next]").focus();
    timer = setInterval(function () {
      left -= 1;
      held.querySelector("[data-held-count]").textContent = left;
      if (left <= 0) {
        send(form.dataset.then);
      }
    }, 1000);
  }

  /* A redirect means that the server has answered; the page behind it says what. Anything else is a page to be shown:
     the form is sent as it is, with the same key. */
  function send(then) {
    clearInterval(timer);
    isHeld = false;
    fetch(form.action, { method: "POST", body: body(), redirect: "manual" })
      .then(function (answer) {
        if (answer.type === "opaqueredirect") {
          location.assign(then);
        } else {
          form.submit();
        }
      })
      .catch(function () {
        show(false);
        failed.hidden = false;
        button.focus();
      });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    event.stopPropagation();
    if (!isHeld && held.hidden) {
      hold();
    }
  });
  held.querySelector("[data-held-next]").addEventListener("click", function () {
    if (isHeld) {
      send(form.dataset.next);
    }
  });
  held.querySelector("[data-held-back]").addEventListener("click", function () {
    if (isHeld) {
      show(false);
      takenBack.hidden = false;
      button.focus();
    }
  });

  /* The page is left while it is held: the product was handed over, so it is recorded. */
  window.addEventListener("pagehide", function () {
    if (isHeld) {
      isHeld = false;
      clearInterval(timer);
      navigator.sendBeacon(form.action, body());
    }
  });
  /* Back to a page that the browser had kept: it may have been recorded meanwhile. */
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      location.reload();
    }
  });
})();
