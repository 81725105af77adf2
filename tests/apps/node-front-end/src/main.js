import { render } from "./view.js";

document.getElementById("root").textContent = render("front end");
