import "./arrival"; // before the code that looks at the address, or could send it anywhere
import "./ahead"; // before the code that takes longer to evaluate than the call to be sent
import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";

mount(App, { target: document.body });
