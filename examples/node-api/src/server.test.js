const assert = require("node:assert");
const test = require("node:test");
const { answer } = require("./server");

test("is healthy", () => {
  let text = "";
  answer({ url: "/health" }, { end: (body) => (text = body) });
  assert.strictEqual(text, "ok\n");
});
