// The list on the page "still on the phone": what waits, why, and what can be done with it.
import { all } from "./store.js";

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", () => act(made));
  return made;
}

function item(submit, list, officer, { resend, drop }) {
  const words = list.dataset;
  const mine = !officer || submit.officer === officer;
  const line = document.createElement("li");
  const title = document.createElement("b");
  const state = document.createElement("small");
  const acts = document.createElement("div");
  title.textContent = submit.label;
  const files = submit.fields.filter((field) => field.length === 3).length;
  const said = { waiting: words.waiting, refused: words.refused + submit.words, "sign-in": words.signIn }[submit.state] || "";
  state.textContent = `${new Date(submit.at).toLocaleString("zh-CN", { hour12: false })}${files ? ` · ${files} ${words.files}` : ""} · ${mine ? said : words.other}`;
  line.append(title, state);
  if (mine && submit.state !== "waiting") {
    line.className = "is-stuck";
    acts.className = "f-queue__acts";
    const back = document.createElement("a");
    back.href = submit.page;
    back.textContent = words.open;
    acts.append(button(words.retry, () => resend(submit.id)), back, button(words.drop, (made) => {
      if (made.dataset.sure) return drop(submit.id);
      made.dataset.sure = "yes";
      made.textContent = words.sure;
    }));
    line.append(acts);
  }
  return line;
}

export async function showQueue(officer, acts) {
  const list = document.querySelector("[data-queue-list]");
  if (!list) return;
  const submits = await all();
  if (submits.length) return list.replaceChildren(...submits.map((submit) => item(submit, list, officer, acts)));
  const none = document.createElement("li");
  none.textContent = list.dataset.none;
  list.replaceChildren(none);
}
