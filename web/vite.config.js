import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [svelte()],
  // Browsers since spring 2024: they know light-dark() and <dialog>.
  build: { target: ["chrome123", "firefox120", "safari17.5"], modulePreload: { polyfill: false } },
});
