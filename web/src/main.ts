import "./arrival"; // before the code that looks at the address, or could send it anywhere
import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";

mount(App, { target: document.body });
