FROM node:20
WORKDIR /app
RUN --mount=type=cache,target=/root/.npm \
    --mount=type=bind,source=package.json,target=package.json \
    --mount=type=secret,id=npmrc,target=/root/.npmrc \
    npm install
COPY . .
CMD ["node", "server.js"]
