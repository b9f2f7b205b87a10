// A form marked data-draft="name" keeps what is typed until it is submitted; a battery may die in between.
import { draft, dropDraft, keepDraft } from "./store.js";

const KEPT = 48 * 3600 * 1000;

export function drafts(officer) {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const id = `${officer}:${location.pathname}:${form.dataset.draft}`;
    const typed = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !["csrfmiddlewaretoken", "idempotency_key"].includes(name));
    let pending;
    draft(id).then((known) => {
      if (!known || Date.now() - known.at > KEPT) return;
      for (const [name, value] of known.values) {
        for (const control of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
          if (control.type === "radio" || control.type === "checkbox") control.checked ||= control.value === value;
          else if (control.type !== "hidden" && !control.value) control.value = value;
        }
      }
    });
    form.addEventListener("input", () => {
      clearTimeout(pending);
      delete form.dataset.kept;
      pending = setTimeout(() => keepDraft({ id, at: Date.now(), values: typed() }).then(() => { form.dataset.kept = "yes"; }), 300);
    });
    const forget = () => { clearTimeout(pending); dropDraft(id); };
    form.addEventListener("qk:kept", forget);
    if (form.dataset.offline === undefined) form.addEventListener("submit", forget);
  }
}
