import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// Firebase Auth is half of the first screen, and changes with Firebase only: in a chunk of its own it stays
// in the browser's cache when the pages change. What nearly each page needs is one chunk, for one long file
// is packed better than eight short ones.
const groups = [
  { name: "auth", test: /@firebase[\\/](app|auth|component|logger|util)[\\/]|[\\/]idb[\\/]/ },
  {
    name: "parts",
    test: /src[\\/](api|loader\.svelte)\.ts|parts[\\/](Badge|Block|Empty|Failure|colours)\b/,
  },
];

export default defineConfig({
  plugins: [svelte()],
  resolve: {
    alias: { re2js: fileURLToPath(new URL("src/no-regular-expressions.ts", import.meta.url)) },
  },
  build: {
    // Browsers since spring 2024: they know light-dark() and <dialog>.
    target: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
    manifest: true, // the tests walk it
    rolldownOptions: { output: { codeSplitting: { groups } }, checks: { pluginTimings: false } },
  },
});
