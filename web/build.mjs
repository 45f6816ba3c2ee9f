import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const options = { outdir: "dist", bundle: true, minify: true, metafile: true, target: "es2022", logLevel: "warning" };

/** What lies in the bundle: one text per licence, under the packages it covers. */
async function licences(inputs) {
  const packages = new Set(inputs.flatMap((path) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
  const covered = new Map();
  for (const path of [...packages].sort()) {
    const { name, version, license } = JSON.parse(await readFile(`${path}/package.json`, "utf8"));
    const file = (await readdir(path)).sort().find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? (await readFile(`${path}/${file}`, "utf8")).trim() : license;
    covered.set(text, [...(covered.get(text) ?? []), `${name} ${version}`]);
  }
  return [...covered].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`).join(`\n${"-".repeat(80)}\n\n`);
}

await rm("dist", { recursive: true, force: true });
const scripts = await build({
  ...options,
  entryPoints: {
    graphiql: "src/main.jsx",
    "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
    "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
  },
  format: "esm",
  splitting: true,
  jsx: "automatic",
  // GraphiQL imports these two as CommonJS, whose named exports do not survive splitting.
  alias: { "prettier/parser-babel": "prettier/plugins/babel", "prettier/parser-graphql": "prettier/plugins/graphql" },
  // Monaco's modules import CSS piece by piece; src/style.css has it whole.
  loader: { ".css": "empty", ".graphql": "text" },
});
const styles = await build({
  ...options,
  entryPoints: { graphiql: "src/style.css" },
  loader: { ".ttf": "file", ".woff2": "file" },
});
await copyFile("src/index.html", "dist/index.html");
await copyFile("src/favicon.svg", "dist/favicon.svg");
const inputs = [scripts, styles].flatMap(({ metafile }) => Object.keys(metafile.inputs));
await writeFile("dist/LICENSES.txt", await licences(inputs));
