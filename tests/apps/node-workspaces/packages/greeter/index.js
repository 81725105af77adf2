module.exports = (name) => `workspace hello, ${name}`;
