/* The counter: a number is checked while it is typed or scanned. Without this script the server says the same. */
"use strict";

(function () {
  var number = document.querySelector("input[data-alphabet]");
  if (!number) {
    return;
  }
  var form = number.form;
  var born = form.elements.born_on;
  var alphabet = number.dataset.alphabet;

  /* The same check character as `patients.numbers`. */
  function isValid(text) {
    var values = Array.from(text, function (character) {
      return alphabet.indexOf(character);
    });
    if (values.length !== 8 || values.includes(-1)) {
      return false;
    }
    var total = values.slice(0, 7).reduce(function (sum, value, place) {
      return sum + (place + 2) * value;
    }, 0);
    return total % 31 === values[7];
  }

  function plain(text) {
    return text.normalize("NFKC").replace(/[\s\p{Pd}]/gu, "").toUpperCase();
  }

  /* The one number in what was typed or scanned; empty where there is none. */
  function found() {
    if (isValid(plain(number.value))) {
      return plain(number.value);
    }
    var group = "[" + alphabet + "]{4}";
    var pattern = new RegExp("(?<![0-9A-Z])" + group + "[\\s-]?" + group + "(?![0-9A-Z])", "g");
    var parts = (number.value.normalize("NFKC").toUpperCase().match(pattern) || []).map(plain).filter(isValid);
    return new Set(parts).size === 1 ? parts[0] : "";
  }

  var said = document.createElement("div");
  said.className = "field__error";
  said.id = number.id + "_mistyped";
  said.setAttribute("role", "alert");
  said.hidden = true;
  number.before(said);
  number.setAttribute("aria-describedby", ((number.getAttribute("aria-describedby") || "") + " " + said.id).trim());

  function say(mistyped) {
    /* What the server said of the number before stands no longer. */
    var before = document.getElementById(number.id + "_error");
    if (before) {
      before.hidden = true;
    }
    said.hidden = !mistyped;
    said.textContent = mistyped ? number.dataset.mistyped : "";
    number.classList.toggle("is-invalid", mistyped);
    number.setAttribute("aria-invalid", String(mistyped));
  }

  /* Of a scanned code that holds more, the number alone is kept. */
  function settle() {
    var right = found();
    if (right) {
      number.value = right.slice(0, 4) + "-" + right.slice(4);
    }
    if (number.value.trim() || !said.hidden) {
      say(!right && number.value.trim() !== "");
    }
    return right;
  }

  number.addEventListener("input", function () {
    var right = found();
    if (right || !said.hidden || plain(number.value).length === 8) {
      say(!right && number.value.trim() !== "");
    }
  });
  number.addEventListener("change", settle);

  /* A scanner types Enter behind the number: on to the birth date. */
  number.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !number.value.trim()) {
      return;
    }
    if (!settle()) {
      event.preventDefault();
    } else if (!born.value.trim()) {
      event.preventDefault();
      born.focus();
    }
  });

  /* Before the script that holds back a second press: this press was none. */
  form.addEventListener("submit", function (event) {
    if (number.value.trim() && !settle()) {
      event.preventDefault();
      event.stopPropagation();
      number.focus();
    }
  });
})();
