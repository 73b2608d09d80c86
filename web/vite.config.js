import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// Firebase Auth is half of the first screen, and changes with Firebase only: in a chunk of its own it stays
// in the browser's cache when the pages change. What nearly each page needs is one chunk, for one long file
// is packed better than eight short ones, and no page waits for a second round of files.
const groups = [
  { name: "auth", test: /@firebase[\\/](app|auth|component|logger|util)[\\/]|[\\/]idb[\\/]/ },
  {
    name: "parts",
    test: /src[\\/](api|loader\.svelte)\.ts|parts[\\/](Allowance|Badge|Block|Failure|Grants|Windows|colours)\b/,
  },
];

const importedBy = (chunk, bundle) =>
  chunk.imports.flatMap((file) => [file, ...importedBy(bundle[file], bundle)]);

/** What the entry imports is fetched together with it, not after it. */
const preload = {
  name: "preload",
  transformIndexHtml: {
    order: "post",
    handler: (html, { chunk, bundle }) =>
      [...new Set(importedBy(chunk, bundle))].map((file) => ({
        tag: "link",
        attrs: { rel: "modulepreload", crossorigin: true, href: `/${file}` },
      })),
  },
};

export default defineConfig({
  plugins: [svelte(), preload],
  resolve: {
    alias: { re2js: fileURLToPath(new URL("src/no-regular-expressions.ts", import.meta.url)) },
  },
  build: {
    // Browsers since spring 2024: they know light-dark() and <dialog>.
    target: ["chrome123", "firefox120", "safari17.5"],
    // All styles are 4 kB: one file, and pages come without the code that would wait for theirs.
    cssCodeSplit: false,
    modulePreload: false,
    manifest: true, // the tests walk it
    rolldownOptions: { output: { codeSplitting: { groups } }, checks: { pluginTimings: false } },
  },
});
