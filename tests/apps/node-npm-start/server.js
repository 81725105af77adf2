const http = require("http");
const escape = require("escape-html");
const ms = require("ms");

http
  .createServer((request, response) => {
    const minutes = ms("2 hours") / ms("1 minute");
    response.setHeader("Content-Type", "text/html");
    response.end(`<p>${escape("up & running")} for ${minutes} minutes</p>\n`);
  })
  .listen(3000, () => console.log("listening on 3000"));
