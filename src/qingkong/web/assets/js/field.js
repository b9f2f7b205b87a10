// The field: what is submitted without a network waits on the phone and goes up once, in order.
import { focusErrors, onceOnly } from "./forms.js";
import { drafts } from "./drafts.js";
import { add, all, change, remove } from "./store.js";
import { showQueue } from "./queue.js";

const body = document.body;
const officer = body.dataset.officer;
const badge = document.querySelector("[data-net]");
let sending = false;

const cookie = (name) => (document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || [])[1] || "";

async function show() {
  const waiting = (await all()).filter((one) => one.officer === officer || !officer);
  const stuck = waiting.filter((one) => one.state === "refused" || one.state === "sign-in").length;
  const words = badge.dataset;
  const state = stuck ? "stuck" : !navigator.onLine ? "offline" : waiting.length ? (sending ? "sending" : "waiting") : "online";
  const count = (text, n) => text.replace("{n}", n);
  badge.dataset.state = state;
  badge.firstElementChild.textContent =
    state === "stuck" ? count(words.stuck, stuck)
    : state === "offline" ? words.offline + (waiting.length ? ` · ${count(words.waiting, waiting.length)}` : "")
    : state === "online" ? words.online
    : count(state === "sending" ? words.sending : words.waiting, waiting.length);
  showQueue(officer, { resend, drop: async (id) => { await remove(id); await show(); } });
}

function formData(submit) {
  const data = new FormData();
  for (const [name, value, filename] of submit.fields) filename === undefined ? data.append(name, value) : data.append(name, value, filename);
  return data;
}

// What the server said: "done" with where it leads, or "refused" with its words, or "sign-in".
async function post(submit) {
  const response = await fetch(submit.url, {
    method: "POST", body: formData(submit), credentials: "same-origin",
    // As htmx does: the answer names the next page instead of leading there, so its message is still unread.
    headers: { "Idempotency-Key": submit.id, "X-CSRFToken": cookie("(?:__Host-)?csrftoken"), "HX-Request": "true" },
  });
  if (response.headers.get("HX-Refresh")) return { state: "sign-in" };
  if (response.redirected && /\/(sign-in|role|demo)\//.test(new URL(response.url).pathname)) return { state: "sign-in" };
  if (response.ok && response.redirected) return { state: "done", url: response.url };
  if (response.status === 204) return { state: "done", url: response.headers.get("HX-Redirect") };
  if (response.status >= 500 || response.status === 429) return { state: "waiting" };
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const words = page.querySelector(".govuk-error-summary__list, .qk-error, .qk-flash--error");
  return { state: "refused", words: words ? words.textContent.replace(/\s+/g, " ").trim().slice(0, 400) : String(response.status) };
}

async function sendAll() {
  let last = null;
  for (const submit of await all()) {
    if (submit.officer !== officer || submit.state === "refused") continue;
    let answer;
    try {
      answer = await post(submit);
    } catch {
      break; // the network went: what waits, waits
    }
    if (answer.state === "done") {
      await remove(submit.id);
      last = { id: submit.id, ...answer };
    } else if (answer.state === "waiting") {
      break;
    } else {
      await change(submit.id, { state: answer.state, words: answer.words || "" });
      if (answer.state === "sign-in") break;
    }
    await show();
  }
  return last;
}

// One at a time, over all open pages of this phone.
async function send() {
  if (!officer || !navigator.onLine) return show().then(() => null);
  sending = true;
  await show();
  try {
    return await (navigator.locks ? navigator.locks.request("qingkong-send", sendAll) : sendAll());
  } finally {
    sending = false;
    await show();
  }
}

async function resend(id) {
  await change(id, { state: "waiting", words: "" });
  await send();
}

function offlineForms() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.dataset.offline === undefined) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    const fields = [];
    for (const [name, value] of new FormData(form, event.submitter)) {
      if (name === "csrfmiddlewaretoken") continue;
      fields.push(value instanceof File ? [name, value, value.name] : [name, value]);
    }
    const key = (form.elements.idempotency_key && form.elements.idempotency_key.value) || crypto.randomUUID();
    await add({ id: key, url: form.action || location.href, fields, officer, state: "waiting", label: form.dataset.offline || document.title, page: location.pathname + location.search, at: Date.now() });
    form.dispatchEvent(new CustomEvent("qk:kept", { bubbles: true }));
    const done = await send();
    const kept = (await all()).find((one) => one.id === key);
    if (done && done.id === key && done.url) location.assign(done.url);
    else if (kept && kept.state === "refused") await remove(key).then(() => form.submit()); // the page says where, with what was typed
    else location.assign(body.dataset.queue);
  });
}

if ("serviceWorker" in navigator && body.dataset.worker) {
  navigator.serviceWorker.register(body.dataset.worker).then(() => navigator.serviceWorker.ready).then((ready) => {
    if (ready.active) ready.active.postMessage({ officer });
  });
}
focusErrors();
onceOnly();
offlineForms();
drafts(officer);
addEventListener("online", send);
addEventListener("offline", show);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
setInterval(() => navigator.onLine && send(), 30000);
send();
