// Shortcuts in the inbox: j, k move, Enter opens, x ticks, n takes the next, / searches. Pages work without this file.
"use strict";
(() => {
  const KEY = "shortcuts-off";
  const box = document.getElementById("keys-on");
  const on = () => localStorage.getItem(KEY) === null;
  if (box) {
    box.checked = on();
    box.addEventListener("change", () => (box.checked ? localStorage.removeItem(KEY) : localStorage.setItem(KEY, "1")));
  }
  const typing = (at) => at.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
  const links = () => [...document.querySelectorAll("table.cases a.open")];
  const move = (step) => {
    const all = links();
    const here = all.findIndex((each) => each.closest("tr").contains(document.activeElement));
    const next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
    if (next) next.focus();
  };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => document.activeElement.closest("tr")?.querySelector("input[type=checkbox]")?.click(),
    n: () => document.getElementById("take")?.click(),
    "/": () => document.getElementById("search")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (!box || !on() || !action || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
    event.preventDefault();
    action();
  });
})();
