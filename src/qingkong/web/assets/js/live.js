// A part of a page marked data-live listens to the events process and asks for itself again when something changed:
//   <div id="…" data-live="calls dossiers" hx-get="…" hx-trigger="qk:changed" hx-select="#… > *">  (no topic: all)
// Where the stream can't be reached, it is asked for every few seconds instead. Nothing is taken from under the hands:
// a part in which somebody types waits until they leave it, and what had the focus has it afterwards.

const WAIT_MS = 150; // several announcements of one change make one request
const LEAST_MS = 2000; // between two requests of a part
const POLL_MS = 10000; // without the stream
const SLOW_MS = 60000; // with it, in case
const SAY_MS = 5000; // between two sentences for who listens

const typed = "input:not([type=hidden]):not([type=submit]):not([type=button]), textarea, select, [contenteditable]";

function said(words) {
  const place = document.getElementById("live-said");
  if (!place || !words || Date.now() - Number(place.dataset.at || 0) < SAY_MS) return;
  place.dataset.at = Date.now();
  place.textContent = "";
  setTimeout(() => (place.textContent = words), 50); // a page in the background draws nothing, and may be read all the same
}

// --- one part ------------------------------------------------------------------------------------------------------

class Part {
  constructor(element) {
    this.element = element;
    this.topics = element.dataset.live.split(" ").filter(Boolean);
    this.least = Number(element.dataset.liveEvery || 0) * 1000 || LEAST_MS;
    this.asked = 0;
    this.shown = element.hasAttribute("hx-select") ? element.innerHTML : null;
    element.addEventListener("htmx:beforeOnLoad", (event) => {
      if (!event.detail.xhr.getResponseHeader("HX-Refresh")) return;
      event.preventDefault(); // signed out: the page stays as it is, with what was typed in it
      over();
    });
    element.addEventListener("htmx:beforeSwap", (event) => this.before(event));
    element.addEventListener("htmx:afterSwap", () => this.after());
    element.addEventListener("focusout", () => setTimeout(() => this.owed && this.ask()));
  }

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), Math.max(WAIT_MS, this.asked + this.least - Date.now()));
  }

  ask() {
    this.owed = document.hidden || this.busy();
    if (this.owed) return; // asked for when the page is looked at again, or the hands are off it
    this.asked = Date.now();
    this.element.dispatchEvent(new CustomEvent("qk:changed"));
  }

  // Somebody types here, or has typed something that isn't sent.
  busy() {
    const here = document.activeElement;
    if (this.shown === null) return false;
    if (this.element.contains(here) && here.matches(typed)) return true;
    return [...this.element.querySelectorAll(typed)].some((field) =>
      field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
        : field.options ? [...field.options].some((option) => option.selected !== option.defaultSelected) && field.value !== field.options[0]?.value
        : (field.value || "") !== (field.defaultValue || ""));
  }

  before(event) {
    if (event.detail.target !== this.element || this.shown === null) return;
    if (event.detail.isError) {
      event.detail.shouldSwap = false; // a server that is busy: what is shown stays, and is asked for again
      return;
    }
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const fresh = page.getElementById(this.element.id);
    if (!fresh) over(); // another page answered: the session has ended
    if (!fresh || this.busy()) this.owed = Boolean(fresh);
    else if (fresh.innerHTML.trim() !== this.shown.trim()) {
      this.shown = fresh.innerHTML;
      this.held = hold(this.element);
      return;
    }
    event.detail.shouldSwap = false;
  }

  after() {
    if (this.held) release(this.element, this.held);
    this.held = null;
    said(this.element.dataset.liveSaid);
  }
}

// --- what had the focus, and which row was walked to -------------------------------------------------------------------

function name(element) {
  if (element?.id) return `#${CSS.escape(element.id)}`;
  const link = element?.closest("a[href]");
  return link ? `a[href="${CSS.escape(link.getAttribute("href"))}"]` : null;
}

function hold(part) {
  const here = document.activeElement;
  return {
    focus: part.contains(here) ? name(here) : null,
    row: name(part.querySelector("tr.is-here a[href]")),
    open: [...part.querySelectorAll("details[open]")].map((details) => details.querySelector("summary")?.textContent),
  };
}

function release(part, held) {
  for (const details of part.querySelectorAll("details"))
    if (held.open.includes(details.querySelector("summary")?.textContent)) details.open = true;
  part.querySelector(held.row || "nothing")?.closest("tr")?.classList.add("is-here");
  if (held.focus) part.querySelector(held.focus)?.focus({ preventScroll: true });
}

// --- the stream --------------------------------------------------------------------------------------------------------

let stop = () => {};

function over() {
  stop();
  said(document.getElementById("live-said")?.dataset.over);
}

export function live() {
  const parts = [...document.querySelectorAll("[data-live]")].map((element) => new Part(element));
  if (!parts.length) return;
  const all = () => parts.forEach((part) => part.changed());
  const stream = document.querySelector("meta[name='qk-stream']");
  let source, timer;
  const every = (ms, how) => {
    if (document.documentElement.dataset.live === how) return; // each failed try to reach the stream comes here
    document.documentElement.dataset.live = how;
    clearInterval(timer);
    timer = setInterval(() => parts.forEach((part) => part.ask()), ms);
  };
  stop = () => {
    clearInterval(timer);
    source?.close();
    document.documentElement.dataset.live = "over";
  };
  document.addEventListener("visibilitychange", () => document.hidden || parts.forEach((part) => part.owed && part.changed()));
  every(POLL_MS, "alone"); // until the stream is there
  if (!stream || !("EventSource" in window)) return;

  let before = false;
  source = new EventSource(stream.content, { withCredentials: true });
  source.onopen = () => {
    every(SLOW_MS, "stream");
    if (before) all(); // something may have been written late while we were away
    before = true;
  };
  source.onerror = () => {
    every(POLL_MS, "polling");
  };
  source.onmessage = (message) => {
    const { topic } = JSON.parse(message.data);
    for (const part of parts) if (!part.topics.length || part.topics.includes(topic)) part.changed();
  };
  source.addEventListener("reload", all);
  source.addEventListener("over", over);
}
