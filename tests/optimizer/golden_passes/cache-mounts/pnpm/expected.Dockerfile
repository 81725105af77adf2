FROM node:20-bookworm
ENV PNPM_HOME=/pnpm PATH=/pnpm:$PATH
RUN corepack enable
WORKDIR /app
COPY package.json pnpm-lock.yaml ./
RUN --mount=type=cache,id=pnpm-debian-bookworm,target=/pnpm/store pnpm install --frozen-lockfile
COPY . .
RUN --mount=type=cache,id=pnpm-debian-bookworm,target=/pnpm/store pnpm build && pnpm prune --prod
CMD ["node", "server.js"]
