import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// One chunk for all pages of a kind: together they compress to 20 kB less. What the first screen needs is in none.
const READERS =
  /src\/(pages\/(?!SignIn|NotFound)|parts\/(?!Badge|Dialog|Failure|Icon|Notice|colours)|csv|exporter|pager\.)/;
const groups = [
  { name: "operators", test: /src\/admin\// },
  { name: "readers", test: READERS },
];

export default defineConfig({
  plugins: [svelte()],
  build: {
    // Browsers since spring 2024: they know light-dark() and <dialog>.
    target: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
    rolldownOptions: {
      treeshake: { propertyReadSideEffects: false }, // no getter of ours or of Firebase's does anything
      output: { codeSplitting: { groups, includeDependenciesRecursively: false } },
    },
  },
});
