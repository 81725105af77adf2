ARG BASE=node:20
FROM ${BASE} AS app
WORKDIR /app

# What is shipped.
FROM app
CMD ["node", "server.js"]
