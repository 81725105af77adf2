// Puts the pages into dist/ and the address of the API into them.
const fs = require("node:fs");
const path = require("node:path");

const target = path.join(__dirname, "dist");
fs.mkdirSync(target, { recursive: true });
for (const name of fs.readdirSync(path.join(__dirname, "src"))) {
  const text = fs.readFileSync(path.join(__dirname, "src", name), "utf8");
  fs.writeFileSync(path.join(target, name), text.replaceAll("%API_URL%", process.env.API_URL || ""));
}
