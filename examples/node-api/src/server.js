const http = require("node:http");
const ms = require("ms");

const started = Date.now();
const port = Number(process.env.PORT || 3000);

function answer(request, response) {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname === "/health") {
    response.end("ok\n");
    return;
  }
  const zone = url.searchParams.get("zone") || "UTC";
  try {
    const time = new Date().toLocaleTimeString("en-GB", { timeZone: zone });
    response.end(JSON.stringify({ zone, time, up: ms(Date.now() - started) }) + "\n");
  } catch (error) {
    response.statusCode = 400;
    response.end(JSON.stringify({ error: error.message }) + "\n");
  }
}

if (require.main === module) {
  http.createServer(answer).listen(port, () => console.log(`listening on ${port}`));
}

module.exports = { answer };
