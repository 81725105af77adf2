FROM node:20 AS build
RUN apt-get update && apt-get install -y ffmpeg g++ && rm -rf /var/lib/apt/lists/*
RUN groupadd -r web && useradd -r -g web web && mkdir -p /var/data && chown web:web /var/data
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY --chown=web:web . .
COPY entrypoint.sh /usr/local/bin/
RUN chmod +x /usr/local/bin/entrypoint.sh
RUN npm prune --omit=dev

FROM node:20-slim
RUN apt-get update \
    && apt-get install -y ffmpeg \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd -r web \
    && useradd -r -g web web \
    && mkdir -p /var/data \
    && chown web:web /var/data
WORKDIR /app
COPY package.json package-lock.json ./
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /usr/local/bin/entrypoint.sh /usr/local/bin/entrypoint.sh
COPY --chown=web:web . .
USER web
ENTRYPOINT ["entrypoint.sh"]
CMD ["node", "src/server.js"]
