// A page part marked data-live listens to the events process and asks for itself again. It also polls by itself,
// so that a page without the stream is late by a minute and never wrong.
// <div data-live="calls dossiers" hx-get="…" hx-trigger="qk:changed, every 60s">   (no topic: all of them)

const WAIT_MS = 150; // several announcements of one change make one request

export function live() {
  const parts = [...document.querySelectorAll("[data-live]")];
  const stream = document.querySelector("meta[name='qk-stream']");
  if (!parts.length || !stream || !("EventSource" in window)) return;

  const pending = new Map();
  const changed = (part) => {
    clearTimeout(pending.get(part));
    pending.set(part, setTimeout(() => part.dispatchEvent(new CustomEvent("qk:changed")), WAIT_MS));
  };
  const source = new EventSource(stream.content, { withCredentials: true });
  source.onmessage = (message) => {
    const { topic } = JSON.parse(message.data);
    for (const part of parts) {
      const topics = part.dataset.live.split(" ").filter(Boolean);
      if (!topics.length || topics.includes(topic)) changed(part);
    }
  };
  source.addEventListener("missed", () => parts.forEach(changed));
}
