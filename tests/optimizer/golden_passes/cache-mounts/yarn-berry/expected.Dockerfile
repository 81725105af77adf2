FROM node:20
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/root/.yarn/berry/cache corepack enable && yarn install --immutable
CMD ["node", "server.js"]
