// A page part marked data-live listens to the events process and asks for itself again; without it, it polls.
// <div data-live="/events/…?topic=calls" hx-get="…" hx-trigger="qk:changed, every 60s">

export function live() {
  for (const part of document.querySelectorAll("[data-live]")) {
    if (!("EventSource" in window)) return;
    const source = new EventSource(part.dataset.live, { withCredentials: true });
    let pending;
    source.onmessage = () => {
      clearTimeout(pending);
      pending = setTimeout(() => part.dispatchEvent(new CustomEvent("qk:changed")), 150);
    };
  }
}
