import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// Few chunks, for long files are packed better than short ones, and no page waits for a second round of files.
// Each takes along what it imports, unless a chunk above has it.
const groups = [
  // Half of the first screen, and it changes with Firebase only: by itself it stays in the browser's cache.
  { name: "auth", test: /@firebase\/(app|auth|component|logger|util)\/|\/idb\// },
  // The first call is sent before the other parts are evaluated.
  { name: "ahead", test: /\/src\/(ahead|arrival|saved)\./ },
  { name: "base", test: /\/src\/(App|api\.|loader|parts\/(Block|Grants|Windows))/ },
  { name: "usage", test: /\/src\/pages\/Usage\.svelte/ }, // the first page; operators view it as a user, too
  { name: "shared", test: /\/src\/(parts|pages\/(history|live|usage))\// },
  { name: "users", test: /\/src\/admin\/(user|operate)\// },
  { name: "operators", test: /\/src\/admin\// },
];

const importedBy = (chunk, bundle) =>
  chunk.imports.flatMap((file) => [file, ...importedBy(bundle[file], bundle)]);

const early = (file) => ({
  tag: "script",
  attrs: { type: "module", crossorigin: true, src: `/${file}` },
  injectTo: "head-prepend",
});

const preloaded = (file) => ({
  tag: "link",
  attrs: { rel: "modulepreload", crossorigin: true, href: `/${file}` },
});

/** What the entry imports is fetched together with it, not after it; what is early does not even wait for the rest. */
const preload = {
  name: "preload",
  transformIndexHtml: {
    order: "post",
    handler: (html, { chunk, bundle }) =>
      [...new Set(importedBy(chunk, bundle))].map((file) =>
        bundle[file].name === "ahead" ? early(file) : preloaded(file),
      ),
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
    // All styles are 5 kB: one file, and pages come without the code that would wait for theirs.
    cssCodeSplit: false,
    modulePreload: false,
    manifest: true, // the tests walk it
    rolldownOptions: {
      treeshake: { propertyReadSideEffects: false }, // no getter of ours or of Firebase's does anything
      output: { codeSplitting: { groups } },
      checks: { pluginTimings: false },
    },
  },
});
