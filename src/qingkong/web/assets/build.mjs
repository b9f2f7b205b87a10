// Builds what the browser gets, into static/qingkong (ignored by git): styles by sass, scripts by esbuild, the icon
// sprite from lucide. Run by `npm run build` in the project's root. Everything comes from node_modules; no address is asked.

import { gzipSync } from "node:zlib";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../../../..");
const out = resolve(here, "../static/qingkong");

function styles(name) {
  const { css } = sass.compile(join(here, "scss", `${name}.scss`), {
    style: "compressed",
    loadPaths: [root, join(root, "node_modules")],
    quietDeps: true,
    logger: sass.Logger.silent,
  });
  const { code } = esbuild.transformSync(css, { loader: "css", minify: true, legalComments: "none", target: "chrome100" });
  writeFileSync(join(out, `${name}.css`), code);
}

async function scripts(names) {
  await esbuild.build({
    entryPoints: names.map((name) => join(here, "js", name)),
    outdir: out,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome100", "firefox100", "safari15"],
    legalComments: "linked",
    loader: { ".png": "dataurl", ".svg": "dataurl" },
    absWorkingDir: root,
    logLevel: "warning",
  });
}

function sprite() {
  const names = JSON.parse(readFileSync(join(here, "icons.json"), "utf8"));
  const symbols = names.map((name) => {
    const svg = readFileSync(join(root, "node_modules/lucide-static/icons", `${name}.svg`), "utf8");
    const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${body.replace(/\s*\n\s*/g, "")}</symbol>`;
  });
  const licence = "<!-- lucide-static, ISC licence, lucide contributors -->";
  writeFileSync(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${licence}${symbols.join("")}</svg>`);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const name of ["desk", "portal", "field", "board"]) styles(name);
await scripts(["desk.js", "portal.js", "field.js", "sw.js", "maps.js", "charts.js", "player.js", "uploads.js"]);
sprite();
writeFileSync(join(out, "app.svg"), readFileSync(join(here, "app.svg")));

for (const name of ["desk.css", "desk.js", "portal.css", "portal.js", "field.css", "field.js", "board.css", "icons.svg"]) {
  const bytes = readFileSync(join(out, name));
  console.log(`${name.padEnd(12)} ${(gzipSync(bytes).length / 1000).toFixed(1).padStart(6)} kB gzip`);
}
