/* Before a session ends, for want of use or after its twelve hours: a warning, and nothing that was typed is lost. */
"use strict";

(function () {
  var dialog = document.getElementById("session-end");
  if (!dialog || !dialog.showModal) {
    return;
  }
  /* Patients and guardians have no end for want of use. */
  var idle = dialog.dataset.idle ? Number(dialog.dataset.idle) * 1000 : Infinity;
  var warned = Number(dialog.dataset.warned) * 1000;
  var timers = [];
  var shown = "";

  function show(state) {
    shown = state;
    dialog.querySelectorAll("[data-while]").forEach(function (part) {
      part.hidden = part.dataset.while !== state;
    });
    cover(state === "over");
    if (!dialog.open) {
      dialog.showModal();
    }
  }

  /* Once signed out, nothing of the page can be read until its reader is back. */
  function cover(over) {
    dialog.classList.toggle("session-end--over", over);
    document.body.classList.toggle("session-over", over);
  }

  /* Whichever end comes first; the longest is put off by nothing. */
  function begin(left) {
    var end = Math.min(idle, left * 1000);
    timers.forEach(clearTimeout);
    timers = [
      setTimeout(function () {
        show(end < idle ? "last" : "soon");
      }, end - warned),
      setTimeout(function () {
        show("over");
      }, end),
    ];
  }

  /* The token of a form opened before signing in anew is another one: each form gets the present one. */
  function goOn() {
    fetch(dialog.dataset.stay, { headers: { Accept: "application/json" }, redirect: "manual" })
      .then(function (response) {
        if (!response.ok) {
          throw new Error("signed out");
        }
        return response.json();
      })
      .then(function (told) {
        if (told.reader !== dialog.dataset.reader) {
          /* Somebody else signed in since: the page is not theirs. */
          location.replace("/");
          return;
        }
        document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach(function (input) {
          input.value = told.csrf;
        });
        cover(false);
        dialog.close();
        begin(told.left);
      })
      .catch(function () {
        show("over");
      });
  }

  dialog.querySelectorAll("[data-go-on]").forEach(function (button) {
    button.addEventListener("click", goOn);
  });
  dialog.querySelectorAll("[data-close]").forEach(function (button) {
    button.addEventListener("click", function () {
      dialog.close();
    });
  });
  dialog.addEventListener("cancel", function (event) {
    event.preventDefault();
    if (shown === "last") {
      dialog.close();
    } else {
      goOn();
    }
  });
  begin(Number(dialog.dataset.left));
})();
