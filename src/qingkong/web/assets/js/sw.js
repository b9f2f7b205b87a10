// The field's service worker: what was opened can be opened again without a network, for one officer and twelve hours.
// VERSION and KEPT are written in front by the server.
/* global VERSION, KEPT */

const STATIC = `field-static-${VERSION}`;
const PAGES = "field-pages";
const HOURS = 12;
const MOST = 40;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(STATIC).then((cache) => cache.addAll(KEPT)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((name) => name !== STATIC && name !== PAGES).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

// Another officer on the same phone, or nobody: nothing of the last one is shown.
self.addEventListener("message", (event) => {
  if (!event.data || event.data.officer === undefined) return;
  event.waitUntil((async () => {
    const cache = await caches.open(PAGES);
    const known = await cache.match("/officer");
    const before = known ? await known.text() : null;
    if (before !== event.data.officer) {
      await caches.delete(PAGES);
      await (await caches.open(PAGES)).put("/officer", new Response(event.data.officer));
    }
  })());
});

async function keep(request, response) {
  const cache = await caches.open(PAGES);
  const headers = new Headers(response.headers);
  headers.set("X-Kept-At", String(Date.now()));
  await cache.put(request, new Response(await response.blob(), { status: response.status, headers }));
  const keys = await cache.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - MOST))) if (!old.url.endsWith("/officer")) await cache.delete(old);
}

async function page(request) {
  try {
    const response = await fetch(request);
    if (response.redirected && /\/sign-in\//.test(response.url)) await caches.delete(PAGES);
    else if (response.ok && !response.redirected) await keep(request, response.clone());
    return response;
  } catch (error) {
    const known = await (await caches.open(PAGES)).match(request);
    if (known && Date.now() - Number(known.headers.get("X-Kept-At")) < HOURS * 3600 * 1000) return known;
    const queue = await caches.match(KEPT[0]);
    if (queue) return queue;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.includes("/qingkong/")) event.respondWith(caches.match(request).then((known) => known || fetch(request)));
});
