FROM node:18-bullseye AS build
WORKDIR /app
COPY package*.json ./
RUN --mount=type=cache,target=/root/.npm npm ci

FROM node:18-bullseye-slim
WORKDIR /app
COPY package*.json ./
COPY --from=build /app/node_modules /app/node_modules
COPY . .
CMD ["node", "server.js"]
