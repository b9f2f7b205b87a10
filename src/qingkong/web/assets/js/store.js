// The phone's own store: what waits to be sent, and drafts. One small database, no library.

function open() {
  return new Promise((done, failed) => {
    const request = indexedDB.open("qingkong-field", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("submits", { keyPath: "id" });
      request.result.createObjectStore("drafts", { keyPath: "id" });
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

async function run(store, mode, what) {
  const database = await open();
  return new Promise((done, failed) => {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const request = what(transaction.objectStore(store));
    transaction.oncomplete = () => { database.close(); done(request.result); };
    transaction.onerror = transaction.onabort = () => { database.close(); failed(transaction.error); };
  });
}

export const add = (submit) => run("submits", "readwrite", (store) => store.put(submit));
export const remove = (id) => run("submits", "readwrite", (store) => store.delete(id));
export const all = async () => (await run("submits", "readonly", (store) => store.getAll())).sort((a, b) => a.at - b.at);

export async function change(id, values) {
  const known = await run("submits", "readonly", (store) => store.get(id));
  if (known) await add({ ...known, ...values });
}

export const keepDraft = (draft) => run("drafts", "readwrite", (store) => store.put(draft));
export const draft = (id) => run("drafts", "readonly", (store) => store.get(id));
export const dropDraft = (id) => run("drafts", "readwrite", (store) => store.delete(id));
