// Large files in pieces that survive a lost network: <section data-uploads="address"> beside a form with a file input and
// a hidden `arrived`. Each file goes by tus; when all have come, the form is submitted with their addresses instead of
// the files. Without this script the form posts the files as usual. What files are called isn't kept in the browser.
import * as tus from "tus-js-client";

const PIECE = 64 * 2 ** 20;
const AGAIN = [0, 1000, 3000, 8000, 20000, 40000, 60000];
const PASSING = [0, 408, 409, 423, 500, 502, 503, 504];
const PLACE = "qk-uploads";

const size = (bytes) => {
  const step = Math.max(0, Math.min(3, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)));
  return `${(bytes / 2 ** (10 * step)).toFixed(step ? 1 : 0)} ${["B", "KiB", "MiB", "GiB"][step]}`;
};

async function fingerprint(file) {
  const text = [file.name, file.type, file.size, file.lastModified].join("/");
  if (!window.crypto || !crypto.subtle) return null;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const store = {
  read() { try { return JSON.parse(localStorage.getItem(PLACE)) || {}; } catch { return {}; } },
  write(all) { try { localStorage.setItem(PLACE, JSON.stringify(all)); } catch { /* a full or forbidden store: no resuming after a reload */ } },
  async findAllUploads() { return Object.values(store.read()); },
  async findUploadsByFingerprint(print) { return [store.read()[print]].filter(Boolean); },
  async removeUpload(print) { const all = store.read(); delete all[print]; store.write(all); },
  async addUpload(print, { uploadUrl, size: bytes, creationTime }) {
    store.write({ ...store.read(), [print]: { uploadUrl, size: bytes, creationTime, urlStorageKey: print } });
    return print;
  },
};

class Row {
  constructor(list, file) {
    this.list = list;
    this.file = file;
    this.item = list.template.content.firstElementChild.cloneNode(true);
    this.part("name").textContent = file.name;
    this.part("size").textContent = size(file.size);
    for (const act of ["pause", "resume", "cancel"]) this.part(act).addEventListener("click", () => this[act]());
    list.place.append(this.item);
    this.say("waiting");
  }

  part(name) { return this.item.querySelector(`[data-${name}]`); }

  say(state, words = "") {
    this.state = this.item.dataset.state = state;
    this.part("said").textContent = words || this.list.words[state] || "";
    this.part("pause").hidden = state !== "going";
    this.part("resume").hidden = !["paused", "lost"].includes(state);
    this.part("cancel").hidden = ["done", "cancelled", "refused"].includes(state);
  }

  going(sent, total) {
    this.part("bar").max = total;
    this.part("bar").value = sent;
    const since = this.since || (this.since = { at: performance.now(), sent });
    const rate = (sent - since.sent) / Math.max((performance.now() - since.at) / 1000, 0.001);
    const words = this.list.words.going.replace("{sent}", size(sent)).replace("{total}", size(total)).replace("{rate}", size(rate));
    this.say("going", words);
  }

  start() {
    return new Promise((ended) => {
      this.ended = ended;
      const form = this.list.form;
      this.upload = new tus.Upload(this.file, {
        endpoint: this.list.section.dataset.uploads,
        chunkSize: PIECE,
        retryDelays: AGAIN,
        fingerprint,
        urlStorage: store,
        removeFingerprintOnSuccess: true,
        headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, "Accept-Language": document.documentElement.lang },
        metadata: { filename: this.file.name, use: this.list.section.dataset.use, reference: form.elements[this.list.section.dataset.reference].value },
        onShouldRetry: (error) => PASSING.includes(error.originalResponse ? error.originalResponse.getStatus() : 0),
        onProgress: (sent, total) => { if (this.state !== "paused") this.going(sent, total); },
        onError: (error) => this.failed(error),
        onSuccess: () => { this.part("bar").max = this.part("bar").value = 1; this.say("done"); ended(); },
      });
      this.upload.findPreviousUploads().then((before) => {
        if (before.length) this.upload.resumeFromPreviousUpload(before[0]);
        this.say("going", this.list.words.begun);
        this.upload.start();
      });
    });
  }

  failed(error) {
    const answer = error.originalResponse;
    if (!answer || PASSING.includes(answer.getStatus())) return this.say("lost");
    let words = "";
    try { const { reason, how } = JSON.parse(answer.getBody()); words = `${reason || ""}${how || ""}`; } catch { /* not ours */ }
    this.say("refused", words);
    return this.ended();
  }

  pause() { this.upload.abort(); this.say("paused"); }
  resume() { this.since = null; this.say("going", this.list.words.begun); this.upload.start(); }
  cancel() {
    if (this.upload) this.upload.abort(true).catch(() => { /* what is left expires by itself */ });
    this.say("cancelled");
    if (this.ended) this.ended();
  }
}

class List {
  constructor(section) {
    this.section = section;
    this.form = document.querySelector(section.dataset.form);
    this.place = section.querySelector("ol");
    this.template = section.querySelector("template");
    this.words = { ...section.dataset };
    this.form.addEventListener("submit", (event) => this.submit(event), true);
    window.addEventListener("beforeunload", (event) => { if (this.busy) event.preventDefault(); });
  }

  async submit(event) {
    const input = this.form.querySelector("input[type=file]");
    const files = input ? [...input.files] : [];
    if (this.ready || !files.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.busy) return;
    this.busy = true;
    this.section.hidden = false;
    this.place.replaceChildren();
    const rows = files.map((file) => new Row(this, file));
    this.section.scrollIntoView({ block: "nearest" });
    for (const row of rows) if (row.state === "waiting") await row.start();
    this.busy = false;
    const arrived = rows.filter((row) => row.state === "done").map((row) => row.upload.url);
    const before = this.form.elements.arrived.value.split(" ").filter(Boolean);
    this.form.elements.arrived.value = [...before, ...arrived.map((url) => new URL(url, location.href).pathname)].join(" ");
    if (rows.some((row) => row.state === "refused") || !arrived.length) return;
    this.ready = true;
    input.value = "";
    this.form.requestSubmit();
  }
}

for (const section of document.querySelectorAll("[data-uploads]")) new List(section);
