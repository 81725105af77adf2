const http = require("http");
const greet = require("greeter");
const ms = require("ms");

http
  .createServer((request, response) => {
    response.end(`${greet("web")} ${ms("1s")}\n`);
  })
  .listen(3000, () => console.log("listening on 3000"));
