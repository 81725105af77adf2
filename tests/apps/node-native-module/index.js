const { sum } = require("bindings")("sum");

console.log(`native sum: ${sum(19, 23)}`);
