const http = require("http");
const shout = require("shout");
const routes = require("./routes");

const server = http.createServer((request, response) => {
  const text = routes[request.url];
  response.writeHead(text ? 200 : 404, { "Content-Type": "text/plain" });
  response.end(text ? shout(text) + " " + (process.env.NODE_ENV || "") : "no such page");
});
process.on("SIGTERM", () => server.close(() => process.exit(0)));
server.listen(3000, () => console.log("listening on 3000"));
