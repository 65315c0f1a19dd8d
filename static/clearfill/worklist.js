/* The worklist by keyboard: "/" takes to the search, the arrows go from row to row, Escape back to the search. */
"use strict";

(function () {
  var search = document.querySelector("[data-shortcut]");

  function isTyping(element) {
    return element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName);
  }

  document.addEventListener("keydown", function (event) {
    if (!search || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) {
      return;
    }
    if (event.key === search.dataset.shortcut) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });

  var list = document.querySelector("[data-rows]");
  var links = list ? Array.from(list.querySelectorAll("tbody th a")) : [];

  function go(event, to) {
    if (links[to]) {
      event.preventDefault();
      links[to].focus();
    }
  }

  if (list) {
    list.addEventListener("keydown", function (event) {
      var at = links.indexOf(document.activeElement);
      if (at === -1) {
        return;
      }
      if (event.key === "ArrowDown") {
        go(event, at + 1);
      } else if (event.key === "ArrowUp") {
        go(event, at - 1);
      } else if (event.key === "Home") {
        go(event, 0);
      } else if (event.key === "End") {
        go(event, links.length - 1);
      } else if (event.key === "Escape" && search) {
        search.focus();
      }
    });
  }
  if (search && links.length) {
    search.addEventListener("keydown", function (event) {
      if (event.key === "ArrowDown") {
        go(event, 0);
      }
    });
  }

  /* Back from a patient: the row they stand in has the focus. */
  var row = location.hash.slice(1) && document.getElementById(location.hash.slice(1));
  if (row && list && list.contains(row)) {
    row.focus();
  }
})();
