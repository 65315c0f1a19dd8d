/* The guardian's fields come with a birth date that needs them. Without this script they are always there. */
"use strict";

(function () {
  var born = document.querySelector("[data-adult-age]");
  var fields = document.querySelectorAll("[id^='div_id_guardian_']");

  /* Month, day and year as they may be typed: with something between, as digits alone, or the year first. */
  function typed() {
    var parts = born.value.trim().match(/^(\d\d?)\D?(\d\d?)\D?(\d{4})$/);
    var yearFirst = born.value.trim().match(/^(\d{4})-(\d\d?)-(\d\d?)$/);
    return yearFirst ? yearFirst.slice(1) : parts && [parts[3], parts[1], parts[2]];
  }

  function isMinor() {
    var day = typed();
    if (!day) {
      return false;
    }
    var today = born.dataset.today.split("-").map(Number);
    var birthday = [Number(day[0]) + Number(born.dataset.adultAge), Number(day[1]), Number(day[2])];
    var differs = [0, 1, 2].find(function (place) {
      return birthday[place] !== today[place];
    });
    return differs !== undefined && birthday[differs] > today[differs];
  }

  /* What was filled in, or is wrong, is never out of sight. */
  function show() {
    var needed = isMinor();
    fields.forEach(function (field) {
      var filled = Array.from(field.querySelectorAll("input")).some(function (input) {
        return input.value && (input.type !== "radio" || input.checked);
      });
      field.hidden = !needed && !filled && !field.classList.contains("field--error");
    });
  }

  born.addEventListener("input", show);
  show();
})();
