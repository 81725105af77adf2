FROM node:20 AS build
RUN corepack enable
WORKDIR /app
COPY package.json pnpm-lock.yaml ./
RUN --mount=type=cache,id=pnpm-node-20,target=/root/.local/share/pnpm/store pnpm install --frozen-lockfile
COPY . .
RUN pnpm run build
RUN --mount=type=cache,id=pnpm-node-20,target=/root/.local/share/pnpm/store pnpm prune --prod

FROM node:20-slim
RUN corepack enable
WORKDIR /app
COPY --from=build /app /app
CMD ["node", "dist/server.js"]
