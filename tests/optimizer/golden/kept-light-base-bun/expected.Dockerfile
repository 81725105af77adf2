FROM oven/bun:1
WORKDIR /app
COPY package.json bun.lockb ./
RUN --mount=type=cache,target=/root/.bun/install/cache bun install
COPY . .
RUN bun build ./index.ts --outdir ./dist --target bun
CMD ["bun", "dist/index.js"]
