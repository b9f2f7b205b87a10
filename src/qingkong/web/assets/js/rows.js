// J and K walk down and up a table marked data-rows; Enter opens the row's first link.

export function rows(typing) {
  const lines = () => [...document.querySelectorAll("[data-rows] tbody tr")].filter((row) => row.querySelector("a"));
  const go = (step) => {
    const all = lines();
    if (!all.length) return;
    const here = all.findIndex((row) => row.classList.contains("is-here"));
    const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1);
    all.forEach((row, n) => row.classList.toggle("is-here", n === next));
    all[next].querySelector("a").focus({ preventScroll: true });
    all[next].scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "j") go(1);
    if (event.key === "k") go(-1);
  });
}
