import { createServer } from "http";
import ms from "ms";
import { greeting } from "./greeting";

const port = 3000;

createServer((request, response) => {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ message: greeting(request.url ?? "/"), day: ms("1 day") }) + "\n");
}).listen(port, () => console.log(`listening on ${port}`));
