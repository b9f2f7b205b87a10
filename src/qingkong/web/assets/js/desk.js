// The desk's script. Every page works without it; this only makes hands faster.
import "htmx.org/dist/htmx.esm.js";
import { focusErrors, onceOnly } from "./forms.js";
import { passkeys } from "./passkeys.js";
import { rows } from "./rows.js";
import { live } from "./live.js";

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

function command() {
  const input = document.getElementById("command");
  if (!input) return;
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
  const links = () => [...document.querySelectorAll("#command-hits a")];
  input.form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      document.getElementById("command-hits").replaceChildren();
      input.blur();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const all = [input, ...links()];
      const next = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      if (all[next]) {
        event.preventDefault();
        all[next].focus();
      }
    }
  });
}

function menus() {
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.qk-who[open]")) if (!open.contains(event.target)) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const open of document.querySelectorAll("details.qk-who[open]")) open.open = false;
  });
}

command();
menus();
rows(typing);
focusErrors();
onceOnly();
passkeys();
live();
