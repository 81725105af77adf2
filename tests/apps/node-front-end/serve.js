const fs = require("fs");
const http = require("http");
const path = require("path");

const types = { ".html": "text/html", ".js": "text/javascript" };

http
  .createServer((request, response) => {
    const name = request.url === "/" ? "index.html" : path.basename(request.url);
    const file = path.join("dist", name);
    if (!fs.existsSync(file)) {
      response.statusCode = 404;
      response.end("not found\n");
      return;
    }
    response.setHeader("Content-Type", types[path.extname(file)] || "text/plain");
    fs.createReadStream(file).pipe(response);
  })
  .listen(8080);
