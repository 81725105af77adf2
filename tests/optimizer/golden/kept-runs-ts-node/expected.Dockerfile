FROM node:20 AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci

FROM node:20-slim
WORKDIR /app
COPY --from=build /app/node_modules /app/node_modules
COPY . .
CMD ["npx", "ts-node", "src/server.ts"]
