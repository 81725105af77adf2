from node:20
user node
workdir /home/node/app
copy --chown=node . .
run --mount=type=cache,target=/home/node/.npm,uid=1000,gid=1000 npm ci
cmd ["node", "server.js"]
