FROM oven/bun:1
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/root/.bun/install/cache bun install --frozen-lockfile
CMD ["bun", "server.js"]
