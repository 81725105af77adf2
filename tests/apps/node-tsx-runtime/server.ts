import { createServer } from "node:http";

interface Answer {
  text: string;
}

const answer: Answer = { text: "compiled while running" };

createServer((request, response) => {
  response.end(answer.text + "\n");
}).listen(3000);
