// The "compiler": puts the sources together and says when.
const fs = require("fs");
fs.mkdirSync("dist", { recursive: true });
fs.mkdirSync("node_modules", { recursive: true });
fs.cpSync("vendor/shout", "node_modules/shout", { recursive: true });
fs.writeFileSync("dist/routes.js", "module.exports = " + JSON.stringify(JSON.parse(fs.readFileSync("src/routes.json"))) + ";\n");
fs.copyFileSync("src/server.js", "dist/server.js");
